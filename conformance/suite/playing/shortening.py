"""The shortest history that still breaks a rule, found by leaving steps out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.suite.playing.player import Player


class Subject(Enum):
    """What a step is about."""

    NOTHING = "nothing"
    REQUEST = "a request that was made before"
    NEW_REQUEST = "a request that it makes"


@dataclass(frozen=True, slots=True)
class Drawn:
    """
    A step as it was drawn: what to do, and the number of the request that it is about, 0 without one.

    `plainly` is the same without what may not matter, where there is something.
    """

    act: Callable[[Player, int], None]
    subject: Subject = Subject.NOTHING
    number: int = 0
    plainly: Callable[[Player, int], None] | None = None

    def about(self, number: int) -> Drawn:
        """The same step about the request of another number."""
        return replace(self, number=number)

    def plain(self) -> Drawn | None:
        """The plain step, None where this is it."""
        return None if self.plainly is None else replace(self, act=self.plainly, plainly=None)

    def take(self, player: Player) -> None:
        """Take the step."""
        self.act(player, self.number)


if TYPE_CHECKING:
    Tries = Callable[[Sequence[Drawn]], int | None]
    """Plays a history: how many steps it took to break a rule, None where it broke none."""


def shortest(steps: Sequence[Drawn], tries: Tries) -> Sequence[Drawn]:
    """
    The steps that are left when none of them can be left out, as plain as they can be.

    Large parts are tried first. Hypothesis's own way needs some hundred tries, each of which costs requests.
    """
    size = len(steps) // 2
    while size:
        shorter = _without_parts(steps, size, tries)
        # What could not be left out before may be when other steps have gone.
        size = size if size == 1 and len(shorter) < len(steps) else size // 2
        steps = shorter
    return _plain(steps, tries)


def _plain(steps: Sequence[Drawn], tries: Tries) -> Sequence[Drawn]:
    for position, step in enumerate(steps):
        plain = step.plain()
        candidate = [*steps[:position], *([plain] if plain else []), *steps[position + 1 :]]
        if plain is not None and tries(candidate) == len(candidate):
            steps = candidate
    return steps


def _without_parts(steps: Sequence[Drawn], size: int, tries: Tries) -> Sequence[Drawn]:
    """The steps without those parts of a size that are not needed; the last step breaks the rule, so it stays."""
    position = len(steps) - 1 - size
    while position >= 0:
        candidate = without(steps, range(position, position + size))
        taken = tries(candidate)
        if taken is not None:
            steps = candidate[:taken]
        position = min(position, len(steps) - 1) - size
    return steps


def without(steps: Sequence[Drawn], left_out: range) -> Sequence[Drawn]:
    """The steps without some of them, and without those that are about requests which are not made any more."""
    numbers: dict[int, int] = {}
    kept: list[Drawn] = []
    for position, step in enumerate(steps):
        if position in left_out or (step.subject is Subject.REQUEST and step.number not in numbers):
            continue
        if step.subject is Subject.NEW_REQUEST:
            numbers[step.number] = len(numbers) + 1
        kept.append(step.about(numbers.get(step.number, 0)))
    return kept
