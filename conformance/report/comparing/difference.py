"""What changed from one run to another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from conformance.report.errors import IncomparableRunsError
from conformance.report.text import one_line
from conformance.verdicts.model import Overall, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.report.comparing.reading import Entry, PastRun


class Change(StrEnum):
    """What became of a requirement."""

    BROKEN = "broken"
    FIXED = "fixed"
    STILL_FAILING = "still failing"
    NEWLY_JUDGED = "newly judged"
    NO_LONGER_JUDGED = "no longer judged"


@dataclass(frozen=True, slots=True)
class Changed:
    """A requirement with what two runs say of it; None where the contract of one of them does not have it."""

    change: Change
    before: Entry | None
    after: Entry | None

    @property
    def entry(self) -> Entry:
        """What the newer run says, else the older one."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - one of them is the reason for this object
        return found

    def is_regression(self, *, strict: bool) -> bool:
        """
        Whether the target got worse by it: a MUST (when strict also a SHOULD) fails now that did not fail before.

        A requirement that is new in the contract, or whose failure was expected, is none.
        """
        before, after = self.before, self.after
        if before is None or after is None or after.excused:
            return False
        weighty = ("MUST", "SHOULD") if strict else ("MUST",)
        return after.verdict is Verdict.FAIL and before.verdict is not Verdict.FAIL and after.level in weighty


@dataclass(frozen=True, slots=True)
class Difference:
    """Two runs, and every requirement on which they differ or that fails in both."""

    before: PastRun
    after: PastRun
    changes: tuple[Changed, ...]

    def of(self, change: Change) -> tuple[Changed, ...]:
        """The requirements of which a thing became."""
        return tuple(changed for changed in self.changes if changed.change is change)

    def regressions(self, *, strict: bool) -> tuple[Changed, ...]:
        """What got worse."""
        return tuple(changed for changed in self.changes if changed.is_regression(strict=strict))

    @property
    def shows_nothing(self) -> bool:
        """Whether nothing was judged in the second run: then it can't be told whether anything got worse."""
        return self.after.overall is Overall.INCONCLUSIVE

    @property
    def same_contract(self) -> bool:
        """Whether both runs judged by the same set of requirements."""
        return self.before.contract_version == self.after.contract_version


def difference_of(before: PastRun, after: PastRun) -> Difference:
    """
    What changed between two runs, in the order of the newer report; what only the older one has comes last.

    Raises:
        IncomparableRunsError: they are of different systems.
    """
    check_comparable((before, after))
    names = dict.fromkeys((*after.entries, *before.entries))
    return Difference(before, after, tuple(_changed(names, before, after)))


def check_comparable(runs: Iterable[PastRun]) -> None:
    """
    Make sure that all runs are of one system.

    Raises:
        IncomparableRunsError: they are not.
    """
    systems = sorted({run.system for run in runs})
    if len(systems) > 1:
        named = ", ".join(one_line(system, 60) for system in systems[:5])
        raise IncomparableRunsError(f"Only runs of one system can be compared; these are of {named}.")


def _changed(names: Iterable[str], before: PastRun, after: PastRun) -> Iterator[Changed]:
    for name in names:
        old, new = before.entries.get(name), after.entries.get(name)
        change = _change(old, new)
        if change is not None:
            yield Changed(change, old, new)


def _change(old: Entry | None, new: Entry | None) -> Change | None:
    was = old.verdict if old is not None and old.judged else None
    now = new.verdict if new is not None and new.judged else None
    if now is None:
        return None if was is None else Change.NO_LONGER_JUDGED
    if was is None:
        return Change.NEWLY_JUDGED
    if now is Verdict.FAIL:
        return Change.STILL_FAILING if was is Verdict.FAIL else Change.BROKEN
    return Change.FIXED if was is Verdict.FAIL else None
