"""Results for Allure: one for each requirement, whichever tests judged it."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from allure_commons import model2
from allure_commons.logger import AllureFileLogger
from allure_commons.types import AttachmentType, LabelType, Severity

from conformance.report.errors import ReportNotWrittenError
from conformance.report.evidence import numbered_steps, shown_evidence
from conformance.report.markdown import prose
from conformance.report.text import one_line, printable
from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.journal.reader import Recording
    from conformance.verdicts.model import Assessment, Judgement, RequirementOutcome, RunFacts

_STATUSES: Final = {
    Verdict.PASS: model2.Status.PASSED,
    Verdict.FAIL: model2.Status.FAILED,
    Verdict.ERROR: model2.Status.BROKEN,
    Verdict.INCONCLUSIVE: model2.Status.SKIPPED,
    Verdict.NOT_APPLICABLE: model2.Status.SKIPPED,
}
_SEVERITIES: Final = {"MUST": Severity.CRITICAL, "SHOULD": Severity.NORMAL, "MAY": Severity.MINOR}
# The library carries no types.
_Logger: Any = AllureFileLogger
_LINE_LIMIT = 400
_TEXT_LIMIT = 4000
_STEPS_SHOWN = 50


def write_allure(assessment: Assessment, recording: Recording, folder: Path, *, clean: bool = False) -> None:
    """
    Add the results of a run to those in `folder`, made if need be; `clean` removes what is in it first.

    A requirement keeps its history from run to run: its identity is the system and its own id, not the tests that
    happen to judge it. Up to four exchanges of its evidence are attached as text.

    Raises:
        ReportNotWrittenError: the folder can't be made or written to.
    """
    try:
        logger = _Logger(folder, clean)
        for judged in assessment.judgements:
            _report(logger, judged, assessment.facts, recording)
        (folder / "environment.properties").write_text(_environment(assessment), "utf-8")
    except OSError as error:
        sentence = f"The results for Allure can't be written to {folder}: {error.strerror}."
        raise ReportNotWrittenError(sentence) from error


def _report(logger: Any, judged: Judgement, facts: RunFacts, recording: Recording) -> None:  # noqa: ANN401 - untyped
    requirement = judged.requirement
    system, surface, name = _line(facts.system), _line(requirement.surface), _line(requirement.id)
    identity = hashlib.md5(f"{system}\n{name}".encode(), usedforsecurity=False).hexdigest()
    unique = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{facts.run_id}\n{name}"))
    start, stop = _times(judged, facts, recording)
    result = model2.TestResult(
        uuid=unique,
        historyId=identity,
        testCaseId=identity,
        fullName=f"{system}.{surface}.{name}",
        titlePath=[system, surface],
        name=_line(requirement.title),
        description=_description(judged),
        status=_STATUSES[judged.verdict],
        statusDetails=_details(judged),
        stage="finished",
        start=start,
        stop=stop,
        labels=_labels(judged, system, surface),
        steps=[_step(outcome) for outcome in judged.outcomes[:_STEPS_SHOWN]],
        attachments=_attached(logger, unique, judged, recording),
    )
    logger.report_result(result)


def _labels(judged: Judgement, system: str, surface: str) -> list[model2.Label]:
    requirement = judged.requirement
    labels = {
        LabelType.EPIC: system,
        LabelType.FEATURE: surface,
        LabelType.STORY: _line(f"{requirement.id}: {requirement.title}"),
        LabelType.SEVERITY: _SEVERITIES[requirement.level].value,
        LabelType.PARENT_SUITE: system,
        LabelType.SUITE: surface,
        LabelType.FRAMEWORK: "music-api-conformance",
    }
    tags = (requirement.level, str(judged.verdict), *(["provisional"] if requirement.provisional else []))
    named = [model2.Label(name=name, value=value) for name, value in labels.items()]
    return [*named, *(model2.Label(name=LabelType.TAG, value=tag) for tag in tags)]


def _description(judged: Judgement) -> str:
    """Allure reads it as Markdown."""
    requirement = judged.requirement
    sources = dict.fromkeys(f"{source.document}, {source.section}" for source in requirement.sources)
    written = "\n".join(f"- {prose(source, _LINE_LIMIT)}" for source in sources)
    return f"{prose(requirement.statement, _TEXT_LIMIT)}\n\n{requirement.level}, written in:\n\n{written}\n"


def _details(judged: Judgement) -> model2.StatusDetails:
    expected = judged.expected if judged.excused else None
    said = [] if expected is None else [f"It is {expected}"]
    return model2.StatusDetails(
        message=printable("\n".join([judged.reason, *said]).strip(), _TEXT_LIMIT),
        trace=printable(numbered_steps(judged), _TEXT_LIMIT),
        known=expected is not None and not expected.flaky,
        flaky=judged.flaky or (expected is not None and expected.flaky),
    )


def _step(outcome: RequirementOutcome) -> model2.TestStepResult:
    return model2.TestStepResult(
        name=_line(outcome.judge),
        status=_STATUSES[outcome.verdict],
        statusDetails=model2.StatusDetails(message=printable(outcome.reason, _TEXT_LIMIT)),
    )


def _attached(
    logger: Any,  # noqa: ANN401 - untyped
    unique: str,
    judged: Judgement,
    recording: Recording,
) -> list[model2.Attachment]:
    kind = AttachmentType.TEXT
    attachments = []
    for number, exchange in enumerate(shown_evidence(judged, recording).exchanges, start=1):
        source = model2.ATTACHMENT_PATTERN.format(prefix=f"{unique}-{number}", ext=kind.extension)
        logger.report_attached_data(exchange.text, source)
        attachments.append(model2.Attachment(name=exchange.title, source=source, type=kind.mime_type))
    return attachments


def _times(judged: Judgement, facts: RunFacts, recording: Recording) -> tuple[int, int]:
    """When the first exchange of the evidence was sent and the last one answered, in milliseconds of Unix time."""
    held = [found for item in judged.evidence if (found := recording.exchange(item.exchange)) is not None]
    if not held:
        started = round(datetime.fromisoformat(facts.started_at).timestamp() * 1000)
        return started, started
    begun = min(exchange.at.timestamp() for exchange in held)
    ended = max(exchange.at.timestamp() + exchange.elapsed_seconds for exchange in held)
    return round(begun * 1000), round(ended * 1000)


def _environment(assessment: Assessment) -> str:
    facts = assessment.facts
    properties = {
        "Target": facts.target,
        "Verdict": assessment.headline,
        "Contract": f"{facts.title} {facts.contract_version}",
        "Suite": facts.suite_version,
        "Run": facts.run_id,
        "Seed": str(facts.seed),
    }
    return "".join(f"{name} = {_line(value)}\n".replace("\\", "\\\\") for name, value in properties.items())


def _line(text: str) -> str:
    return one_line(text, _LINE_LIMIT)
