"""The report for CI systems: `junit.xml` with one test case per requirement."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # only written, nothing is parsed

from conformance.report.evidence import numbered_steps, shown_evidence
from conformance.report.text import one_line, printable
from conformance.verdicts.compile import EXIT_INCONCLUSIVE
from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from conformance.journal.reader import Recording
    from conformance.verdicts.model import Assessment, Judgement

# What JUnit calls a verdict; it has no word for "not judged here" but this one.
_ELEMENTS = {
    Verdict.FAIL: "failure",
    Verdict.ERROR: "error",
    Verdict.INCONCLUSIVE: "skipped",
    Verdict.NOT_APPLICABLE: "skipped",
}
_LINE_LIMIT = 400
_TEXT_LIMIT = 4000


def junit_xml(assessment: Assessment, recording: Recording) -> bytes:
    """The document: what fails the run is a failure, an error an error; what was not judged is skipped."""
    facts = assessment.facts
    elements = [_element(judgement, strict=assessment.strict) for judgement in assessment.judgements]
    gate = _gate_cases(assessment)
    counts = Counter([*elements, *(element for element, _, _ in gate)])
    totals = {
        "tests": str(counts.total()),
        "failures": str(counts["failure"]),
        "errors": str(counts["error"]),
        "time": f"{facts.duration_seconds:.3f}",
    }
    name = _line(f"{facts.title} {facts.contract_version}")
    root = ET.Element("testsuites", {"name": name, **totals})
    # The schema of Jenkins knows this count for a suite, but not for all suites.
    skipped = {"skipped": str(counts["skipped"]), "timestamp": _line(facts.started_at)}
    suite = ET.SubElement(root, "testsuite", {"name": name, **totals, **skipped})
    _add_properties(suite, assessment)
    for judgement, element in zip(assessment.judgements, elements, strict=True):
        _add_case(suite, judgement, element, facts.system, recording)
    for element, name, sentence in gate:
        case = ET.SubElement(suite, "testcase", {"classname": _line(f"{facts.system}.gate"), "name": name, "time": "0"})
        ET.SubElement(case, element, {"message": _line(sentence), "type": "gate"})
    ET.indent(root)
    return bytes(ET.tostring(root, "utf-8", xml_declaration=True))


def _add_properties(suite: ET.Element, assessment: Assessment) -> None:
    facts = assessment.facts
    properties = {
        "headline": assessment.headline,
        "verdict": str(assessment.overall),
        "target": facts.target,
        "run": facts.run_id,
        "seed": str(facts.seed),
        "command": facts.command,
    }
    parent = ET.SubElement(suite, "properties")
    for name, value in properties.items():
        ET.SubElement(parent, "property", {"name": name, "value": _line(value)})


def _gate_cases(assessment: Assessment) -> list[tuple[str, str, str]]:
    """What makes the run red beside its requirements, each as element, name and sentence."""
    cases = [("failure", f"objection {number}", said) for number, said in enumerate(assessment.objections, 1)]
    if assessment.exit_status == EXIT_INCONCLUSIVE:
        cases.append(("error", "something was judged", "Nothing could be judged: a run like this is never green."))
    return cases


def _element(judgement: Judgement, *, strict: bool) -> str | None:
    # A CI that reads only this file must come to the same end as the exit status.
    if judgement.verdict is Verdict.FAIL and not judgement.fails_run(strict=strict):
        return "skipped"
    return _ELEMENTS.get(judgement.verdict)


def _add_case(suite: ET.Element, judgement: Judgement, element: str | None, system: str, recording: Recording) -> None:
    requirement = judgement.requirement
    case = ET.SubElement(
        suite,
        "testcase",
        {
            "classname": _line(f"{system}.{requirement.surface}"),
            "name": _line(requirement.id),
            # One scenario serves many requirements: there is no time that is a requirement's own.
            "time": "0",
        },
    )
    if element is not None:
        excuse = f"{judgement.expected}: " if judgement.excused else ""
        shown = ET.SubElement(case, element, {"message": _line(f"{excuse}{judgement.reason}")})
        shown.set("type", f"{requirement.level} {judgement.verdict}")
        shown.text = printable(judgement.reason, _TEXT_LIMIT)
    ET.SubElement(case, "system-out").text = _output(judgement, recording)


def _output(judgement: Judgement, recording: Recording) -> str:
    requirement = judgement.requirement
    parts = [
        f"{requirement.level}: {requirement.title}",
        requirement.statement,
        *(f"judged by {outcome.judge}: {outcome.verdict}" for outcome in judgement.outcomes),
    ]
    text = printable("\n".join(parts), _TEXT_LIMIT)
    if judgement.verdict not in (Verdict.FAIL, Verdict.ERROR):
        return text
    steps = (numbered_steps(judgement),) if judgement.history else ()
    evidence = shown_evidence(judgement, recording)
    others = (f"more exchanges in the journal: {', '.join(evidence.others)}",) if evidence.others else ()
    return "\n\n\n".join([text, *steps, *(exchange.text for exchange in evidence.exchanges), *others])


def _line(text: str) -> str:
    return one_line(text, _LINE_LIMIT)
