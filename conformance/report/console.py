"""The summary of a run for the console, as plain lines with a tone each; what a tone looks like is the caller's."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from conformance.report.evidence import claims_of, place_of
from conformance.report.reproduction import console_command
from conformance.report.text import one_line, printable
from conformance.verdicts.causes import causes_of, missing_place
from conformance.verdicts.compile import EXIT_OK
from conformance.verdicts.model import Overall, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conformance.contract.matrices import ProvedMutant
    from conformance.journal.reader import Recording
    from conformance.journal.records import Exchange
    from conformance.verdicts.causes import Cause
    from conformance.verdicts.model import Assessment, Judgement, Spend

_LINE_LIMIT = 300
_REASON_LIMIT = 1500
_STEP_LIMIT = 600
_CURL_LIMIT = 2000
_IDS_SHOWN = 3
_IDS_WIDTH = 90
_LOOKALIKES_SHOWN = 3
_GROUPS_SHOWN = 8
_TASKS_SHOWN = 20
_LABEL_WIDTH = 10
_PLACES_SHOWN = 3
_CAUSES_LISTED = 10


class Tone(Enum):
    """What a line means at first sight."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    DOUBTFUL = "doubtful"
    FAINT = "faint"


@dataclass(frozen=True, slots=True)
class ConsoleLine:
    """A line of the summary: it holds neither a line feed nor an escape sequence, whatever the target sent."""

    text: str
    tone: Tone = Tone.PLAIN


_BLANK: Final = ConsoleLine("")


@dataclass(frozen=True, slots=True)
class Telling:
    """
    How much a summary says.

    A `quiet` one ends after what makes the run red, and what may yet cost money. `told`: why the run ended before it
    judged is said elsewhere. `first_cause`: of what fails the first cause alone, with an explanation.
    """

    quiet: bool = False
    told: bool = False
    first_cause: bool = False


_ALL: Final = Telling()


def summary(
    assessment: Assessment, recording: Recording, report: Path, telling: Telling = _ALL
) -> tuple[ConsoleLine, ...]:
    """The headline, what makes the run red with its evidence, why the rest was not judged, and where the report is."""
    quiet = telling.quiet
    lines = [ConsoleLine(_line(assessment.headline), tone_of(assessment))]
    lines += (ConsoleLine(_line(sentence), Tone.FAINT) for sentence in assessment.remarks if not quiet)
    lines += (ConsoleLine(f"The gate objects: {_line(sentence)}", Tone.BAD) for sentence in assessment.objections)
    causes = causes_of(assessment, recording)
    if telling.first_cause and causes:
        return (*lines, *_first(causes, assessment, recording), _BLANK, ConsoleLine(f"Report: {report}"))
    lines += _failing(causes, recording)
    for judgement in _with_verdict(assessment, Verdict.ERROR):
        lines += [_BLANK, *_broken(judgement, recording)]
    if not quiet:
        lines += [*_excused(assessment), *_alike(assessment.lookalikes)]
    lines += _money(assessment.spend, quiet=quiet) if assessment.spend else []
    if quiet:
        return tuple(lines)
    version = _line(assessment.facts.contract_version)
    lines += [] if telling.told and assessment.stopped else _unjudged(assessment, causes)
    return (*lines, _BLANK, ConsoleLine(f"Contract {version} · Report: {report}"))


def summary_lines(
    assessment: Assessment, recording: Recording, report: Path, telling: Telling = _ALL
) -> tuple[str, ...]:
    """The summary without its tones."""
    return tuple(line.text for line in summary(assessment, recording, report, telling))


def _first(causes: tuple[Cause, ...], assessment: Assessment, recording: Recording) -> Iterator[ConsoleLine]:
    """The first cause with what explains it, and how many others there are: missing operations are named above."""
    cause = next((cause for cause in causes if not cause.missing), causes[0])
    first = cause.first
    yield from (_BLANK, *_broken(first, recording))
    if cause.others:
        yield _labelled("fails too", _some_ids([judged.requirement.id for judged in cause.others]))
    if cause.blocked:
        yield _labelled("blocks", _some_ids([held.requirement.id for held in cause.blocked]))
    for written in dict.fromkeys(f"{source.document}, {source.section}" for source in first.requirement.sources):
        yield _labelled("source", _line(written))
    for mutant in () if cause.missing else (assessment.proofs(first.requirement) or ())[:_LOOKALIKES_SHOWN]:
        yield _labelled("so fails", _line(mutant.story))
    yield _labelled("more", _line(f"conformance explain {first.requirement.id}"))
    if len(causes) > 1:
        yield from (_BLANK, ConsoleLine(f"{_counted(len(causes) - 1, 'other cause')} so far, not shown."))


def tally_line(assessment: Assessment) -> str:
    """How many requirements have which verdict, and how long it took."""
    counts = {verdict: len(_with_verdict(assessment, verdict)) for verdict in Verdict}
    said = [f"{count} {verdict.words}" for verdict, count in counts.items() if count]
    return f"{', '.join(said) or 'nothing judged'} in {assessment.facts.duration_seconds:.1f} s"


def tone_of(assessment: Assessment) -> Tone:
    """The tone of the run's verdict."""
    if assessment.exit_status != EXIT_OK:
        return Tone.BAD
    return Tone.GOOD if assessment.overall is Overall.CONFORMANT else Tone.DOUBTFUL


def _money(spend: Spend, *, quiet: bool) -> Iterator[ConsoleLine]:
    """What the account's owner has to know at once: why paid work stopped, and what is left under way."""
    if spend.stopped is not None:
        yield from (_BLANK, ConsoleLine(_line(f"Paid work stopped: {spend.stopped}."), Tone.BAD))
    if spend.unaffordable and not quiet:
        most = max(needed for _, needed in spend.unaffordable)
        count = _counted(len(spend.unaffordable), "scenario")
        needed = f"the dearest needed {most:f} {spend.unit} at a time"
        yield _BLANK
        yield ConsoleLine(
            _line(f"{count} did not fit under the cap; {needed} (`conformance plan` names a cap for all).")
        )
    if spend.left:
        yield from (
            _BLANK,
            ConsoleLine(f"{_counted(len(spend.left), 'task')} could not be ended and may cost:", Tone.BAD),
        )
        for task in spend.left[:_TASKS_SHOWN]:
            yield ConsoleLine(
                "  " + "  ".join((_line(task.id), _line(task.model), f"{task.at_stake:f} {_line(spend.unit)}"))
            )
        if len(spend.left) > _TASKS_SHOWN:
            yield ConsoleLine("  … and others, see the report")


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _with_verdict(assessment: Assessment, verdict: Verdict) -> list[Judgement]:
    return [judgement for judgement in assessment.judgements if judgement.verdict is verdict]


def _broken(judgement: Judgement, recording: Recording) -> Iterator[ConsoleLine]:
    requirement = judgement.requirement
    parts = (judgement.verdict, requirement.id, requirement.level, requirement.title)
    yield ConsoleLine("  ".join(_line(part) for part in parts), Tone.BAD)
    yield _labelled("rule", _line(requirement.statement))
    yield from _found(judgement)
    yield from _history(judgement)
    shown = next(filter(None, (recording.exchange(item.exchange) for item in judgement.evidence)), None)
    if shown is not None:
        yield _labelled("evidence", _summary(shown))
        yield from (_labelled("place", place) for place in _places(judgement, shown.id))
        command = console_command(shown, _CURL_LIMIT, recording.variables)
        yield from (ConsoleLine(f"  {line}", Tone.FAINT) for line in command.split("\n"))


def _history(judgement: Judgement) -> Iterator[ConsoleLine]:
    """The history of the stateful model up to the broken rule, as a numbered list."""
    for number, step in enumerate(judgement.history, 1):
        yield _labelled("" if number > 1 else "history", f"{number:>2}. {one_line(step, _STEP_LIMIT)}")


def _found(judgement: Judgement) -> Iterator[ConsoleLine]:
    claims = claims_of(judgement.reason)
    parts = [part for claim in claims for part in (("expected", claim.expected), ("got", claim.got))]
    for label, text in parts or [("found", judgement.reason)]:
        lines = printable(text, _REASON_LIMIT).splitlines()
        yield from (_labelled("" if number else label, line) for number, line in enumerate(lines))


def _places(judgement: Judgement, exchange: str) -> Iterator[str]:
    """Where in an answer stands what the verdict turns on: in the one that is shown, else in the first that has any."""
    located = [item for item in judgement.evidence if item.locations]
    item = next((item for item in located if item.exchange == exchange), next(iter(located), None))
    if item is not None:
        shown = ", ".join(list(dict.fromkeys(map(place_of, item.locations)))[:_PLACES_SHOWN])
        yield _line(shown if item.exchange == exchange else f"{shown} of {item.exchange}")


def _summary(exchange: Exchange) -> str:
    """One exchange in a line: what was asked, and what became of it."""
    request = exchange.request
    became = f"no answer: {exchange.failure}" if exchange.response is None else f"HTTP {exchange.summary}"
    return _line(f"{request.method} {request.url} → {became} ({exchange.id})")


def _labelled(label: str, text: str) -> ConsoleLine:
    return ConsoleLine(f"  {label:<{_LABEL_WIDTH}}{text}")


def _excused(assessment: Assessment) -> Iterator[ConsoleLine]:
    for flaky, title in ((False, "failed as expected:"), (True, "failed, known as flaky:")):
        found = [
            (judged.requirement.id, judged.expected)
            for judged in assessment.judgements
            if judged.excused and judged.expected is not None and judged.expected.flaky is flaky
        ]
        if found:
            yield from (_BLANK, ConsoleLine(f"{len(found)} {title}", Tone.DOUBTFUL))
            for name, excuse in found:
                yield ConsoleLine(
                    f"  {_line(name)}  {_line(f'until {excuse.expires} ({excuse.owner}: {excuse.reason})')}"
                )


def _alike(mutants: tuple[ProvedMutant, ...]) -> Iterator[ConsoleLine]:
    if not mutants:
        return
    yield _BLANK
    if len(mutants) == 1:
        yield ConsoleLine(f"Looks like mutant {_line(mutants[0].id)}: {_line(mutants[0].story)}")
        return
    yield ConsoleLine(f"Looks like one of {len(mutants)} mutants:")
    for mutant in mutants[:_LOOKALIKES_SHOWN]:
        yield ConsoleLine(f"  {_line(mutant.id)}: {_line(mutant.story)}")
    if len(mutants) > _LOOKALIKES_SHOWN:
        yield ConsoleLine("  … and others, see the report")


def _failing(causes: tuple[Cause, ...], recording: Recording) -> Iterator[ConsoleLine]:
    """The causes in a line each, then every failure, those with one cause together, and what it leaves unjudged."""
    failed = sum(len(cause.judgements) for cause in causes)
    if failed > 1:
        number = _counted(len(causes), "cause")
        yield from (_BLANK, ConsoleLine(f"{failed} requirements fail, {number}:", Tone.BAD))
        yield from (_in_short(number, cause) for number, cause in enumerate(causes[:_CAUSES_LISTED], 1))
    if len(causes) > _CAUSES_LISTED:
        yield ConsoleLine(f"      and {len(causes) - _CAUSES_LISTED} more, see below")
    for cause in causes:
        for judgement in cause.judgements:
            yield from (_BLANK, *_broken(judgement, recording))
            if judgement is not cause.first:
                yield _labelled("cause", f"probably that of {_line(cause.first.requirement.id)}")
        if cause.blocked:
            yield _labelled("blocks", _some_ids([held.requirement.id for held in cause.blocked]))


def _in_short(number: int, cause: Cause) -> ConsoleLine:
    """A cause in a line: what is broken, and how much comes with it."""
    failing = "fails with it" if len(cause.others) == 1 else "fail with it"
    counts = ((len(cause.others), failing), (len(cause.blocked), "not judged for it"))
    more = "".join(f", {count} {words}" for count, words in counts if count)
    first = cause.first.requirement
    title = missing_place(cause.first) or first.title
    return ConsoleLine(f"  {number:>2}. {_line(first.level)}  {_line(title)}  ({_line(first.id)}{more})")


def _some_ids(ids: list[str]) -> str:
    more = ", …" if len(ids) > _IDS_SHOWN else ""
    return f"{_counted(len(ids), 'requirement')} ({', '.join(map(_line, ids[:_IDS_SHOWN]))}{more})"


def _unjudged(assessment: Assessment, causes: tuple[Cause, ...]) -> Iterator[ConsoleLine]:
    unjudged = _with_verdict(assessment, Verdict.INCONCLUSIVE)
    if assessment.stopped:
        # One sentence says it for all of them.
        yield from (_BLANK, ConsoleLine(_line(assessment.stopped), Tone.DOUBTFUL)) if unjudged else ()
    elif unjudged:
        yield from (_BLANK, ConsoleLine(f"{len(unjudged)} inconclusive:", Tone.DOUBTFUL))
        yield from (ConsoleLine(text) for text in _grouped(unjudged, causes))


def _grouped(judgements: list[Judgement], causes: tuple[Cause, ...]) -> Iterator[str]:
    named = {held.requirement.id: cause.first.requirement.id for cause in causes for held in cause.blocked}
    by_reason: dict[str, list[str]] = defaultdict(list)
    for judgement in judgements:
        blocker = named.get(judgement.requirement.id)
        reason = f"blocked by {blocker}" if blocker else _line(judgement.reason) or "no reason given"
        by_reason[reason].append(judgement.requirement.id)
    groups = sorted(by_reason.items(), key=lambda group: -len(group[1]))
    for reason, ids in groups[:_GROUPS_SHOWN]:
        more = ", …" if len(ids) > _IDS_SHOWN else ""
        yield f"  {len(ids):>3}  {reason} ({', '.join(map(_line, ids[:_IDS_SHOWN]))}{more})"
    if len(groups) > _GROUPS_SHOWN:
        rest = [_line(name) for _, ids in groups[_GROUPS_SHOWN:] for name in ids]
        yield f"  {len(rest):>3}  for other reasons, see the report:"
        yield from (f"       {line}" for line in wrap(", ".join(rest), _IDS_WIDTH))


def _line(text: str) -> str:
    return one_line(text, _LINE_LIMIT)
