"""Broken requirements as findings in the documents that demand them: `results.sarif` (SARIF 2.1.0)."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

from conformance.report.text import one_line, printable
from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.requirements import Requirement
    from conformance.journal.reader import Recording
    from conformance.journal.records import Exchange
    from conformance.report.source_lines import ContractLines, SourceLine
    from conformance.verdicts.model import Assessment, Judgement

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
TOOL: Final = "music-api-conformance"
LEVELS: Final = {"MUST": "error", "SHOULD": "warning", "MAY": "note"}
_LINE_LIMIT = 400
# GitHub takes no more than this of a description.
_TEXT_LIMIT = 1000
# What a reader of SARIF would take for a link, or for a gap to be filled.
_LINK = re.compile(r"\]\(")
_GAP = re.compile(r"\{(\d+)\}")


def sarif_log(assessment: Assessment, recording: Recording, lines: ContractLines) -> dict[str, Any]:
    """
    The log as JSON values: one result for each requirement that fails, at the line of the operation that broke it.

    Where no operation of the document is known to be at fault, it stands at the line of the requirement. A failure that
    was expected is a suppressed result. What the suite itself erred on is a notification, not a result.
    """
    facts = assessment.facts
    failed = [judged for judged in assessment.judgements if judged.verdict is Verdict.FAIL]
    run = {
        "tool": {
            "driver": {
                "name": TOOL,
                "semanticVersion": facts.suite_version,
                "rules": [_rule(judged.requirement) for judged in failed],
            }
        },
        "automationDetails": {"id": f"{_line(facts.system)}/{_line(facts.run_id)}"},
        "invocations": [
            {
                # Whether the tool did its work, not whether it found anything.
                "executionSuccessful": all(judged.verdict is not Verdict.ERROR for judged in assessment.judgements),
                "toolExecutionNotifications": list(_notifications(assessment)),
            }
        ],
        "results": [_result(judged, position, recording, lines) for position, judged in enumerate(failed)],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(requirement: Requirement) -> dict[str, Any]:
    sources = "; ".join(dict.fromkeys(f"{source.document}, {source.section}" for source in requirement.sources))
    return {
        "id": _line(requirement.id),
        "shortDescription": {"text": _text(requirement.title)},
        "fullDescription": {"text": _text(requirement.statement)},
        "help": {"text": _text(f"{requirement.level}. Written in: {sources}.")},
        "defaultConfiguration": {"level": LEVELS[requirement.level]},
        "properties": {"tags": [_line(requirement.surface)], "precision": "very-high"},
    }


def _result(judged: Judgement, rule: int, recording: Recording, lines: ContractLines) -> dict[str, Any]:
    requirement = judged.requirement
    operation, at = _place(judged, recording, lines)
    stated = lines.requirement(requirement.id)
    result: dict[str, Any] = {
        "ruleId": _line(requirement.id),
        "ruleIndex": rule,
        "kind": "fail",
        "level": LEVELS[requirement.level],
        "message": {"text": _text(f"{requirement.title}: {judged.reason or 'broken'}")},
        "locations": [_location(at)],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(requirement.id, operation)},
    }
    if stated is not None and stated != at:
        related = {"id": 1, **_location(stated), "message": {"text": "The requirement."}}
        result["relatedLocations"] = [related]
    if judged.excused and judged.expected is not None:
        said = _text(f"{judged.expected.owner}: {judged.expected.reason} (until {judged.expected.expires.isoformat()})")
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": said}]
    return result


def _place(judged: Judgement, recording: Recording, lines: ContractLines) -> tuple[str, SourceLine]:
    """The operation that broke the requirement, empty where none is known, and the line to be shown."""
    requirement = judged.requirement
    exchanges = [found for item in judged.evidence if (found := recording.exchange(item.exchange)) is not None]
    owned = (place.operation for place in requirement.owns)
    # The last exchange is the one that shows it; those before led to it.
    seen = (exchange.operation for exchange in reversed(exchanges))
    for operation in filter(None, (requirement.operation, *owned, *seen)):
        line = lines.operation(operation, _shown_status(requirement, operation, exchanges))
        if line is not None:
            return operation, line
    return "", lines.requirement(requirement.id) or lines.top


def _shown_status(requirement: Requirement, operation: str, exchanges: list[Exchange]) -> int | None:
    """The status of the answer that is at fault, for a rule about answers and not about what is answered."""
    if requirement.generated_kind != "conforms":
        return None
    answers = (exchange.response for exchange in exchanges if exchange.operation == operation)
    return next((answer.status for answer in answers if answer is not None), None)


def _notifications(assessment: Assessment) -> Iterator[dict[str, Any]]:
    for judged in assessment.judgements:
        if judged.verdict is Verdict.ERROR:
            said = _text(f"{judged.requirement.id} could not be judged: {judged.reason}")
            yield {"level": "error", "message": {"text": said}}


def _location(line: SourceLine) -> dict[str, Any]:
    artifact = {"uri": line.file} if "://" in line.file else {"uri": line.file, "uriBaseId": "%SRCROOT%"}
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": line.number}}}


def _fingerprint(requirement_id: str, operation: str) -> str:
    """What makes the same finding of two runs one alert, also when the document's line numbers have changed."""
    return hashlib.sha256(f"{requirement_id}\n{operation}".encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _text(text: str) -> str:
    return _GAP.sub(r"{{\1}}", _LINK.sub(r"\\](", printable(text, _TEXT_LIMIT)))


def _line(text: str) -> str:
    return one_line(text, _LINE_LIMIT)
