"""A difference of two runs in words: for a console, a program, or a comment on a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.report.comparing.difference import Change
from conformance.report.markdown import code, prose
from conformance.report.text import one_line, unicode_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.report.comparing.difference import Changed, Difference
    from conformance.report.comparing.reading import Entry, PastRun

LARGEST_MARKDOWN: Final = 60_000
_LINE_LIMIT = 300
# Which failures are worth their reason; of the others the verdict says enough.
_EXPLAINED = frozenset({Change.BROKEN, Change.STILL_FAILING, Change.NEWLY_JUDGED, Change.NO_LONGER_JUDGED})


def as_text(difference: Difference, *, strict: bool) -> str:
    """The difference for a console: no line holds an escape sequence, whatever the reports say."""
    lines = [
        f"{_line(difference.before.system)}: {_named(difference.before)} → {_named(difference.after)}",
        *([] if difference.same_contract else [_other_contract(difference)]),
        _counts(difference),
    ]
    for change in Change:
        changes = difference.of(change)
        if changes:
            lines += ["", f"{str(change).capitalize()} ({len(changes)}):"]
            lines += [line for changed in changes for line in _told(changed)]
    return "\n".join([*lines, "", _conclusion(difference, strict=strict), ""])


def as_markdown(difference: Difference, *, strict: bool) -> str:
    """The difference for a comment, at most `LARGEST_MARKDOWN` bytes; text of others stands only in code."""
    head = [
        f"## {_conclusion(difference, strict=strict)}",
        "",
        f"{code(_named(difference.before))} → {code(_named(difference.after))}",
        "",
        *([] if difference.same_contract else [prose(_other_contract(difference)), ""]),
        _counts(difference),
        "",
    ]
    text = "\n".join(head)
    for line in _marked(difference):
        if len(text.encode()) + len(line.encode()) > LARGEST_MARKDOWN:
            return f"{text}\n… and more; `conformance diff` shows all.\n"
        text += line
    return text


def as_json(difference: Difference, *, strict: bool) -> dict[str, Any]:
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


def _other_contract(difference: Difference) -> str:
    before, after = _line(difference.before.contract_version), _line(difference.after.contract_version)
    return f"The contracts differ: {before} before, {after} now."


def _counts(difference: Difference) -> str:
    return ", ".join(f"{len(difference.of(change))} {change}" for change in Change)


def _conclusion(difference: Difference, *, strict: bool) -> str:
    worse = len(difference.regressions(strict=strict))
    if not worse:
        return "Nothing was judged in the second run" if difference.shows_nothing else "No regression"
    return "1 regression" if worse == 1 else f"{worse} regressions"


def _told(changed: Changed) -> Iterator[str]:
    entry = changed.entry
    parts = (entry.id, entry.level, _way(changed), entry.title)
    yield "  " + "  ".join(_line(part) for part in parts if part)
    if changed.change in _EXPLAINED and entry.reason:
        yield f"    {_line(entry.reason)}"


def _marked(difference: Difference) -> Iterator[str]:
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


def _verdict(entry: Entry | None) -> str:
    return "not in the contract" if entry is None else entry.verdict.words


def _run(run: PastRun) -> dict[str, Any]:
    told = {
        "run": run.run_id,
        "system": run.system,
        "contract_version": run.contract_version,
        "suite_version": run.suite_version,
        "target": run.target,
        "started_at": run.started_at,
        "verdict": str(run.overall),
        "headline": run.headline,
    }
    return {name: unicode_text(value) for name, value in told.items()}


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
