"""What a step can be told, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conformance.suite.playing.rules import Rule

if TYPE_CHECKING:
    from conformance.journal.records import Exchange


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
