"""The summary of a run for the console, as plain lines; colour is the caller's."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from conformance.report.curl import shown_command
from conformance.report.text import one_line, printable
from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conformance.contract.matrix import ProvedMutant
    from conformance.journal.reader import Recording
    from conformance.verdicts.model import Assessment, Judgement, Spend

_LINE_LIMIT = 300
_REASON_LIMIT = 1500
_CURL_LIMIT = 2000
_IDS_SHOWN = 3
_LOOKALIKES_SHOWN = 3
_GROUPS_SHOWN = 8
_TASKS_SHOWN = 20


def summary_lines(assessment: Assessment, recording: Recording, report: Path) -> tuple[str, ...]:
    """
    The headline, what failed with its evidence and what it looks like, why the rest was not judged, and the report.

    No line holds a line feed or an escape sequence, whatever the target sent.
    """
    lines = [assessment.headline]
    for verdict in (Verdict.FAIL, Verdict.ERROR):
        for judgement in _with_verdict(assessment, verdict):
            lines += ["", *_broken(judgement, recording)]
    if assessment.lookalikes:
        lines += ["", *_alike(assessment.lookalikes)]
    lines += _money(assessment.spend) if assessment.spend else []
    unjudged = _with_verdict(assessment, Verdict.INCONCLUSIVE)
    if unjudged:
        lines += ["", f"{len(unjudged)} inconclusive:", *_grouped(unjudged)]
    return (*lines, "", f"Report: {report}")


def _money(spend: Spend) -> Iterator[str]:
    """What whoever pays has to know at once: why paid work stopped, and what is left under way."""
    if spend.stopped is not None:
        yield from ("", _line(f"Paid work stopped: {spend.stopped}."))
    if spend.unaffordable:
        most = max(needed for _, needed in spend.unaffordable)
        count = _counted(len(spend.unaffordable), "scenario")
        needed = f"the dearest needed {most:f} {spend.unit} at a time"
        yield from ("", _line(f"{count} did not fit under the cap; {needed} (`conformance plan` names a cap for all)."))
    if spend.left:
        yield from ("", f"{_counted(len(spend.left), 'task')} could not be ended and may cost:")
        for task in spend.left[:_TASKS_SHOWN]:
            yield "  " + "  ".join((_line(task.id), _line(task.model), f"{task.at_stake:f} {_line(spend.unit)}"))
        if len(spend.left) > _TASKS_SHOWN:
            yield "  … and others, see the report"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _with_verdict(assessment: Assessment, verdict: Verdict) -> list[Judgement]:
    return [judgement for judgement in assessment.judgements if judgement.verdict is verdict]


def _broken(judgement: Judgement, recording: Recording) -> Iterator[str]:
    requirement = judgement.requirement
    parts = (judgement.verdict, requirement.id, requirement.level, requirement.title)
    yield "  ".join(_line(part) for part in parts)
    yield f"  {_line(requirement.statement)}"
    for line in printable(judgement.reason, _REASON_LIMIT).splitlines():
        yield f"  {line}"
    curl = _first_curl(judgement, recording)
    if curl is not None:
        yield from f"  {curl}".split("\n")


def _alike(mutants: tuple[ProvedMutant, ...]) -> Iterator[str]:
    if len(mutants) == 1:
        yield f"Looks like mutant {_line(mutants[0].id)}: {_line(mutants[0].story)}"
        return
    yield f"Looks like one of {len(mutants)} mutants:"
    for mutant in mutants[:_LOOKALIKES_SHOWN]:
        yield f"  {_line(mutant.id)}: {_line(mutant.story)}"
    if len(mutants) > _LOOKALIKES_SHOWN:
        yield "  … and others, see the report"


def _first_curl(judgement: Judgement, recording: Recording) -> str | None:
    found = (recording.exchange(item.exchange) for item in judgement.evidence)
    return next((shown_command(exchange, _CURL_LIMIT) for exchange in found if exchange is not None), None)


def _grouped(judgements: list[Judgement]) -> Iterator[str]:
    by_reason: dict[str, list[str]] = defaultdict(list)
    for judgement in judgements:
        by_reason[_line(judgement.reason) or "no reason given"].append(judgement.requirement.id)
    groups = sorted(by_reason.items(), key=lambda group: -len(group[1]))
    for reason, ids in groups[:_GROUPS_SHOWN]:
        more = ", …" if len(ids) > _IDS_SHOWN else ""
        yield f"  {len(ids):>3}  {reason} ({', '.join(ids[:_IDS_SHOWN])}{more})"
    if len(groups) > _GROUPS_SHOWN:
        rest = sum(len(ids) for _, ids in groups[_GROUPS_SHOWN:])
        yield f"  {rest:>3}  for other reasons, see the report"


def _line(text: str) -> str:
    return one_line(text, _LINE_LIMIT)
