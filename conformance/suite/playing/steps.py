"""What a step can be told, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conformance.suite.playing.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.journal.records import Exchange
    from conformance.suite.playing.player import Player


class Funds(Enum):
    """What a balance can be set to, in terms of what the first song costs."""

    PLENTY = "plenty"
    NOTHING = "nothing"
    TOO_LITTLE = "a little less than a song costs"
    EXACT = "what a song costs"


class Passing(Enum):
    """How time can pass: until tasks run, until they have ended, or for keys only, while tasks stand still."""

    TO_THE_END = "to the end"
    TO_WORK = "to work"
    WITHIN_THE_WINDOW = "within the window of a key"
    BEYOND_THE_WINDOW = "beyond the window of a key"


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


@dataclass(frozen=True, slots=True)
class Taken:
    """
    What a step came to: in words what was sent, expected and got, and the exchanges.

    `owner` is the rule that is broken when the wallet is not as the model says afterwards, `broken` the one that is
    broken already.
    """

    sent: str
    expected: str
    got: str
    exchanges: tuple[Exchange, ...]
    owner: Rule = Rule.MOVEMENT_IS_EXPLAINED
    broken: Rule | None = None

    @property
    def calls(self) -> tuple[str, ...]:
        """The methods and paths that were asked for."""
        return tuple(f"{seen.request.method} {urlsplit(seen.request.url).path}" for seen in self.exchanges)
