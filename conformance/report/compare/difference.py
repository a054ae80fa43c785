"""What changed from one run to another, and how that is said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from conformance.report.errors import IncomparableRunsError
from conformance.report.markdown import code, prose
from conformance.report.text import one_line, unicode_text
from conformance.verdicts.model import Overall, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.report.compare.read import PastRun, ReportEntry


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
    before: ReportEntry | None
    after: ReportEntry | None

    @property
    def entry(self) -> ReportEntry:
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
class RunDifference:
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
        """Whether nothing was judged in the second run: then it is not known whether anything got worse."""
        return self.after.overall is Overall.INCONCLUSIVE

    @property
    def same_contract(self) -> bool:
        """Whether both runs judged by the same set of requirements."""
        return self.before.contract_version == self.after.contract_version


def difference_of(before: PastRun, after: PastRun) -> RunDifference:
    """
    What changed between two runs, in the order of the newer report; what only the older one has comes last.

    Raises:
        IncomparableRunsError: they are of different systems.
    """
    check_comparable((before, after))
    names = dict.fromkeys((*after.entries, *before.entries))
    return RunDifference(before, after, tuple(_changed(names, before, after)))


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
        change = _changed_verdict(old, new)
        if change is not None:
            yield Changed(change, old, new)


def _changed_verdict(old: ReportEntry | None, new: ReportEntry | None) -> Change | None:
    was = old.verdict if old is not None and old.judged else None
    now = new.verdict if new is not None and new.judged else None
    if now is None:
        return None if was is None else Change.NO_LONGER_JUDGED
    if was is None:
        return Change.NEWLY_JUDGED
    if now is Verdict.FAIL:
        return Change.STILL_FAILING if was is Verdict.FAIL else Change.BROKEN
    return Change.FIXED if was is Verdict.FAIL else None


LARGEST_MARKDOWN: Final = 60_000
_LINE_LIMIT = 300
# Which failures are worth their reason; of the others the verdict says enough.
_EXPLAINED = frozenset({Change.BROKEN, Change.STILL_FAILING, Change.NEWLY_JUDGED, Change.NO_LONGER_JUDGED})


def as_text(difference: RunDifference, *, strict: bool) -> str:
    """The difference for a console: no line holds an escape sequence, whatever the reports say."""
    lines = [
        f"{_line(difference.before.system)}: {_named(difference.before)} → {_named(difference.after)}",
        _contracts(difference),
        _counts(difference),
    ]
    for change in Change:
        changes = difference.of(change)
        if changes:
            lines += ["", f"{str(change).capitalize()} ({len(changes)}):"]
            lines += [line for changed in changes for line in _lines_of(changed)]
    return "\n".join([*lines, "", _conclusion(difference, strict=strict), ""])


def as_markdown(difference: RunDifference, *, strict: bool) -> str:
    """The difference for a comment, at most `LARGEST_MARKDOWN` bytes; text of others stands only in code."""
    head = [
        f"## {_conclusion(difference, strict=strict)}",
        "",
        f"{code(_named(difference.before))} → {code(_named(difference.after))}",
        "",
        prose(_contracts(difference)),
        "",
        _counts(difference),
        "",
    ]
    text = "\n".join(head)
    for line in _marked(difference):
        if len(text.encode()) + len(line.encode()) > LARGEST_MARKDOWN:
            return f"{text}\n… and more; `conformance diff` shows all.\n"
        text += line
    return text


def as_json(difference: RunDifference, *, strict: bool) -> dict[str, Any]:
    """The difference as JSON values; all text can be encoded."""
    return {
        "before": _run(difference.before),
        "after": _run(difference.after),
        "same_contract": difference.same_contract,
        "regressions": [unicode_text(changed.entry.id) for changed in difference.regressions(strict=strict)],
        "changes": {
            str(change).replace(" ", "_"): [_change(changed) for changed in difference.of(change)] for change in Change
        },
    }


def _named(run: PastRun) -> str:
    return _line(f"{run.target} at {run.started_at} ({run.run_id})")


def _contracts(difference: RunDifference) -> str:
    before, after = _line(difference.before.contract_version), _line(difference.after.contract_version)
    if difference.same_contract:
        return f"Both judged by contract {after}."
    return f"The contracts differ: {before} before, {after} now."


def _counts(difference: RunDifference) -> str:
    return ", ".join(f"{len(difference.of(change))} {change}" for change in Change)


def _conclusion(difference: RunDifference, *, strict: bool) -> str:
    worse = len(difference.regressions(strict=strict))
    if not worse:
        return "Nothing was judged in the second run" if difference.shows_nothing else "No regression"
    return "1 regression" if worse == 1 else f"{worse} regressions"


def _lines_of(changed: Changed) -> Iterator[str]:
    entry = changed.entry
    parts = (entry.id, entry.level, _way(changed), entry.title)
    yield "  " + "  ".join(_line(part) for part in parts if part)
    if changed.change in _EXPLAINED and entry.reason:
        yield f"    {_line(entry.reason)}"


def _marked(difference: RunDifference) -> Iterator[str]:
    for change in Change:
        changes = difference.of(change)
        if changes:
            yield f"\n### {str(change).capitalize()} ({len(changes)})\n\n"
        for changed in changes:
            entry = changed.entry
            reason = f": {code(entry.reason)}" if changed.change in _EXPLAINED and entry.reason else ""
            yield f"- **{entry.level}** {code(entry.id)} {prose(entry.title)} ({_way(changed)}){reason}\n"


def _way(changed: Changed) -> str:
    """The verdicts before and now, as words."""
    expected = ", as expected" if changed.after is not None and changed.after.excused else ""
    return f"{_verdict(changed.before)} → {_verdict(changed.after)}{expected}"


def _verdict(entry: ReportEntry | None) -> str:
    return "not in the contract" if entry is None else entry.verdict.words


def _run(run: PastRun) -> dict[str, Any]:
    properties = {
        "run": run.run_id,
        "system": run.system,
        "contract_version": run.contract_version,
        "suite_version": run.suite_version,
        "target": run.target,
        "started_at": run.started_at,
        "verdict": str(run.overall),
        "headline": run.headline,
    }
    return {name: unicode_text(value) for name, value in properties.items()}


def _change(changed: Changed) -> dict[str, Any]:
    entry = changed.entry
    return {
        "id": unicode_text(entry.id),
        "title": unicode_text(entry.title),
        "level": entry.level,
        "surface": unicode_text(entry.surface),
        "before": None if changed.before is None else str(changed.before.verdict),
        "after": None if changed.after is None else str(changed.after.verdict),
        "expected": changed.after is not None and changed.after.excused,
        "reason": unicode_text(entry.reason),
    }


def _line(text: str) -> str:
    return one_line(text, _LINE_LIMIT)
