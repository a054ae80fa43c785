"""How far a run has come, as one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.report.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMES_SHOWN: Final = 2
_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class ProgressState:
    """
    Where a run is.

    `failed` counts requirements that fail so far. `total` is None before the tests are known; `waiting` names scenarios
    whose tasks are under way, `spent` is in the words of the money session, empty where money is not counted.
    """

    phase: str
    seconds: float
    done: int = 0
    total: int | None = None
    failed: int = 0
    waiting: Sequence[str] = ()
    spent: str = ""


def progress_line(situation: ProgressState, width: int) -> str:
    """The progress in at most `width` columns: the phase, the tests, the time, what is waited for, the money."""
    parts = [situation.phase]
    if situation.total is not None:
        parts.append(f"{situation.done} of {situation.total} tests")
    if situation.failed:
        parts.append(f"{situation.failed} fail")
    parts.append(_clock(situation.seconds))
    if situation.spent:
        parts.append(situation.spent)
    if situation.waiting:
        shown = ", ".join(situation.waiting[:_NAMES_SHOWN])
        more = ", …" if len(situation.waiting) > _NAMES_SHOWN else ""
        parts.append(f"waiting for {len(situation.waiting)}: {shown}{more}")
    text = one_line(" · ".join(parts), 4 * width)
    return text if len(text) <= width else f"{text[: max(width - 1, 0)]}…"


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole} s" if whole < _MINUTE else f"{whole // _MINUTE}:{whole % _MINUTE:02} min"
