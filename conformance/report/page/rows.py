"""The requirements as the page shows them: one row each, by surface, with its evidence."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

from conformance.report.evidence import EXCHANGES_SHOWN, claim_of, shown_evidence
from conformance.report.page.money import MoneyTotals
from conformance.verdicts.causes import causes_of
from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.contract.matrices import ProvedMutant
    from conformance.contract.requirements import Source
    from conformance.journal.reader import Recording
    from conformance.report.evidence import Discrepancy, ShownEvidence
    from conformance.report.page.money import Statement
    from conformance.report.page.task_timelines import TaskTimeline
    from conformance.verdicts.model import Assessment, Judgement, RequirementOutcome

BROKEN: Final = (Verdict.FAIL, Verdict.ERROR)
_OTHERS: Final = (Verdict.INCONCLUSIVE, Verdict.PASS, Verdict.NOT_APPLICABLE)
_EXCHANGES_OF_THE_OTHERS: Final = 1
_TIMELINES_SHOWN: Final = 3
# Of all exchanges of a page together, in characters. Past it, requirements only name theirs.
_MOST_TEXT: Final = 3_000_000
# The tasks and accounts behind further ones stand in the sections of their own.
_ROWS_WITH_TASKS: Final = 60


@dataclass(frozen=True, slots=True)
class Row:
    """
    One requirement with everything behind its verdict.

    `timelines` are the tasks that its evidence shows, `statements` the accounts of its evidence that do not add
    up; both only where it is broken. `proofs` are None where no mutants are known, `silences` where no liberties are.
    """

    anchor: str
    judgement: Judgement
    claims: tuple[Discrepancy, ...]
    evidence: ShownEvidence
    timelines: tuple[TaskTimeline, ...]
    statements: tuple[Statement, ...]
    proofs: tuple[ProvedMutant, ...] | None
    silences: tuple[str, ...] | None

    @property
    def broken(self) -> bool:
        """Whether it is shown first."""
        return self.judgement.verdict in BROKEN


@dataclass(frozen=True, slots=True)
class Section:
    """The requirements of one surface."""

    name: str
    rows: tuple[Row, ...]
    counts: Mapping[Verdict, int]

    @property
    def broken(self) -> tuple[Row, ...]:
        """Those that are shown first."""
        return tuple(row for row in self.rows if row.broken)

    @property
    def others(self) -> tuple[tuple[Verdict, tuple[Row, ...]], ...]:
        """All others by their verdicts: first what could not be judged."""
        grouped = (
            (verdict, tuple(row for row in self.rows if row.judgement.verdict is verdict)) for verdict in _OTHERS
        )
        return tuple((verdict, rows) for verdict, rows in grouped if rows)


def anchor(requirement_id: str) -> str:
    """The fragment of the page that shows a requirement: derived ids hold operation ids, which may be any text."""
    return re.sub(r"[^\w.-]", "_", requirement_id, flags=re.ASCII)


def rows_of(assessment: Assessment, recording: Recording, totals: MoneyTotals) -> tuple[Row, ...]:
    """The rows in the order of the registry; where not all evidence has room, that of what is broken goes first."""
    room = _MOST_TEXT
    judgements = [replace(judged, outcomes=_plain_ones_first(judged.outcomes)) for judged in assessment.judgements]
    found: dict[int, Row] = {}
    order = sorted(enumerate(judgements), key=lambda item: item[1].verdict not in BROKEN)
    for place, (position, judgement) in enumerate(order):
        known = totals if place < _ROWS_WITH_TASKS else MoneyTotals()
        row = _row(judgement, assessment, recording, known, room)
        room -= sum(len(shown.text) + len(shown.script) for shown in row.evidence.exchanges)
        found[position] = row
    return tuple(found[position] for position in range(len(found)))


def _plain_ones_first(outcomes: tuple[RequirementOutcome, ...]) -> tuple[RequirementOutcome, ...]:
    """What a test of the one rule says is easier to read than what came of a history of many steps."""
    return tuple(sorted(outcomes, key=lambda outcome: bool(outcome.history)))


def _row(judgement: Judgement, assessment: Assessment, recording: Recording, totals: MoneyTotals, room: int) -> Row:
    broken = judgement.verdict in BROKEN
    most = EXCHANGES_SHOWN if broken else _EXCHANGES_OF_THE_OTHERS
    ids = [item.exchange for item in judgement.evidence] if broken else []
    return Row(
        anchor=anchor(judgement.requirement.id),
        judgement=judgement,
        claims=_claims(judgement) if broken else (),
        evidence=shown_evidence(judgement, recording, most if room > 0 else 0),
        timelines=totals.timelines_in(ids)[:_TIMELINES_SHOWN],
        statements=totals.amiss(ids),
        proofs=assessment.proofs(judgement.requirement),
        silences=assessment.silences(judgement.requirement),
    )


def _claims(judgement: Judgement) -> tuple[Discrepancy, ...]:
    reasons = dict.fromkeys(outcome.reason for outcome in judgement.outcomes if outcome.verdict is judgement.verdict)
    claims = [claim_of(reason) for reason in reasons]
    # Separating only some of them would hide the others.
    return tuple(claim for claim in claims if claim is not None) if None not in claims else ()


def sections_of(rows: Iterable[Row]) -> list[Section]:
    """The rows by surface, in the order in which the surfaces come up."""
    by_surface = defaultdict(list)
    for row in rows:
        by_surface[row.judgement.requirement.surface].append(row)
    return [
        Section(name, tuple(members), Counter(row.judgement.verdict for row in members))
        for name, members in by_surface.items()
    ]


@dataclass(frozen=True, slots=True)
class ToLookAt:
    """What is broken for one cause: the row that explains the others, and what could not be judged for it."""

    first: Row
    others: tuple[Row, ...] = ()
    blocked: tuple[Row, ...] = ()


def findings_of(assessment: Assessment, recording: Recording, rows: Iterable[Row]) -> tuple[ToLookAt, ...]:
    """Everything that is broken, what weighs most first; errors of the suite and expected failures come last."""
    by_id = {row.judgement.requirement.id: row for row in rows}
    causes = causes_of(assessment, recording)
    found = [
        ToLookAt(
            by_id[cause.first.requirement.id],
            tuple(by_id[judged.requirement.id] for judged in cause.others),
            tuple(by_id[judged.requirement.id] for judged in cause.blocked),
        )
        for cause in causes
    ]
    told = {judged.requirement.id for cause in causes for judged in cause.judgements}
    rest = [ToLookAt(row) for name, row in by_id.items() if row.broken and name not in told]
    return (*found, *rest)


def unjudged(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """What could not be judged, by the reason, the most common first."""
    by_reason: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.judgement.verdict is Verdict.INCONCLUSIVE:
            by_reason[row.judgement.reason or "no reason given"].append(row)
    return sorted(by_reason.items(), key=lambda group: -len(group[1]))


def merged_sources(sources: Iterable[Source]) -> list[tuple[str, str, list[str]]]:
    """The places of a requirement by document and section; the lines of seeds that say the same stand together."""
    return [
        (document, section, [source.seed for source in members if source.seed])
        for (document, section), members in groupby(sources, key=lambda source: (source.document, source.section))
    ]
