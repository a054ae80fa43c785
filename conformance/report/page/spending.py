"""What was at stake over the run, as a line to be drawn against the cap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.report.page.lives import Life

_POINTS_SHOWN: Final = 400
_WIDTH: Final = 1000
_HEIGHT: Final = 200


@dataclass(frozen=True, slots=True)
class Curve:
    """
    Charges less refunds over time, as points of a drawing of `width` by `height`.

    `cap` is the height of the line of the cap, None where there is none.
    """

    points: tuple[tuple[float, float], ...]
    cap: float | None
    seconds: float
    peak: Decimal
    width: int = _WIDTH
    height: int = _HEIGHT


def curve_of(lives: Sequence[Life], cap: Decimal | None) -> Curve | None:
    """The curve of all tasks; None when nothing was charged."""
    moved = sorted(
        (life.since + timedelta(seconds=movement.seconds), -movement.amount)
        for life in lives
        for movement in life.movements
    )
    if not moved:
        return None
    start = moved[0][0]
    seconds = max((moved[-1][0] - start).total_seconds(), 0.001)
    totals = list(accumulate(amount for _, amount in moved))
    peak = max(totals)
    top = float(max(peak, cap or Decimal(0), Decimal(1)))
    steps = [
        (round((at - start).total_seconds() / seconds * _WIDTH, 1), round(_HEIGHT - float(total) / top * _HEIGHT, 1))
        for (at, _), total in zip(moved, totals, strict=True)
    ]
    return Curve(_stairs(_thinned(steps)), None if cap is None else _level(cap, top), seconds, peak)


def _level(amount: Decimal, top: float) -> float:
    return round(_HEIGHT - float(amount) / top * _HEIGHT, 1)


def _thinned(steps: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Few enough steps to be drawn; of each group the highest is kept, because peaks are what matters."""
    size = -(-len(steps) // _POINTS_SHOWN)
    groups = (steps[first : first + size] for first in range(0, len(steps), size))
    return [min(group, key=lambda step: step[1]) for group in groups]


def _stairs(steps: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    points = [(0.0, float(_HEIGHT))]
    for x, y in steps:
        points += [(x, points[-1][1]), (x, y)]
    return (*points, (float(_WIDTH), points[-1][1]))
