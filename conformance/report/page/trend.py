"""How a target came along: this run beside the runs before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.report.page.rows import Row
    from conformance.verdicts.model import Assessment

_RUNS_SHOWN: Final = 24
_BROKEN: Final = (Verdict.FAIL, Verdict.ERROR)


@dataclass(frozen=True, slots=True)
class PublishedRun:
    """A run before this one, against the same target; `page` is the address of its report, as seen from this page."""

    started_at: str
    overall: str
    verdicts: Mapping[str, Verdict]
    page: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """One run: how many of its requirements passed, are broken, or were not judged; `page` leads to its report."""

    started_at: str
    overall: str
    met: int
    broken: int
    unjudged: int
    page: str | None

    @property
    def total(self) -> int:
        """All requirements that apply."""
        return self.met + self.broken + self.unjudged


@dataclass(frozen=True, slots=True)
class Trend:
    """The runs from the oldest to this one, and what this one judges otherwise than the one before it."""

    columns: tuple[Column, ...]
    mended: tuple[Row, ...]
    newly_broken: tuple[Row, ...]

    @property
    def most(self) -> int:
        """The most requirements that applied in any of the runs."""
        return max(column.total for column in self.columns)


def trend_of(assessment: Assessment, rows: Sequence[Row], earlier: Sequence[PublishedRun]) -> Trend | None:
    """The trend up to a run; None where no run came before it."""
    shown = earlier[-_RUNS_SHOWN + 1 :]
    if not shown:
        return None
    was = shown[-1].verdicts
    now = Column(
        assessment.facts.started_at,
        assessment.overall,
        *_counted(row.judgement.verdict for row in rows),
        page=None,
    )
    return Trend(
        columns=(*(_column(run) for run in shown), now),
        mended=tuple(
            row
            for row in rows
            if row.judgement.verdict is Verdict.PASS and was.get(row.judgement.requirement.id) in _BROKEN
        ),
        newly_broken=tuple(
            row for row in rows if row.broken and was.get(row.judgement.requirement.id, Verdict.FAIL) not in _BROKEN
        ),
    )


def _column(run: PublishedRun) -> Column:
    return Column(run.started_at, run.overall, *_counted(run.verdicts.values()), page=run.page)


def _counted(verdicts: Iterable[Verdict]) -> tuple[int, int, int]:
    found = [verdict for verdict in verdicts if verdict is not Verdict.NOT_APPLICABLE]
    met, broken = found.count(Verdict.PASS), sum(verdict in _BROKEN for verdict in found)
    return met, broken, len(found) - met - broken
