"""Combinations of liberties that one server can take, drawn from a seed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.contract.liberties import Liberties

COMBINATIONS: Final = 60
EACH: Final = 8
_SEED: Final = 1


class TooFewLibertiesError(ValueError):
    """So many liberties that one server can take at the same time were not found."""


def draw_combinations(
    liberties: Liberties, count: int = COMBINATIONS, each: int = EACH, seed: int = _SEED
) -> tuple[tuple[str, ...], ...]:
    """
    So many combinations of so many liberties each, by their ids in the order in which these are written.

    Liberties that were drawn seldom go first, so that every one of them is combined; the same seed draws the same.

    Raises:
        TooFewLibertiesError: there are not enough that fit together.
    """
    dice = random.Random(seed)  # noqa: S311 - a drawing that can be repeated
    names = [liberty.id for liberty in liberties]
    drawn = dict.fromkeys(names, 0)
    found = []
    for _ in range(count):
        chosen = _draw_one(liberties, sorted(names, key=lambda name: (drawn[name], dice.random())), each)
        for name in chosen:
            drawn[name] += 1
        found.append(tuple(sorted(chosen, key=names.index)))
    return tuple(found)


def _draw_one(liberties: Liberties, candidates: Sequence[str], each: int) -> list[str]:
    """The first candidates of which each fits to those before it."""
    chosen: list[str] = []
    for name in candidates:
        if all(liberties.fit_together(name, other) for other in chosen):
            chosen.append(name)
        if len(chosen) == each:
            return chosen
    raise TooFewLibertiesError(f"No {each} liberties fit together.")
