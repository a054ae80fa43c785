"""What a system states about itself for the stateful model, the steps of a history, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from conformance.journal.records import Mismatch
from conformance.suite.stateful_model.model import ModelRule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.accounts.account import Account
    from conformance.journal.records import Exchange
    from conformance.suite.stateful_model.model import Product


@dataclass(frozen=True, slots=True)
class Listing:
    """The ids that a walk through the list led past, page by page, and the pages."""

    visits: tuple[str, ...]
    pages: tuple[Exchange, ...]


class ReadsList(Protocol):
    """
    Walks through the whole list of an account.

    Raises UndecidedError or Mismatch where it can't be read to its end.
    """

    def __call__(self, account: Account, *, limit: int, state: str | None, expected: int) -> Listing:
        """Walk in pages of so many tasks through those in a state (None: all), of which so many are expected."""


@dataclass(frozen=True, slots=True)
class ModelledSystem:
    """
    What differs between systems.

    Of the `products` the first two must differ. `insistence` is a body for a cancellation, where none is refused.
    """

    products: tuple[Product, ...]
    list_tasks: ReadsList
    insistence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """How many histories to draw, and the seed that they are drawn with."""

    seed: int
    histories: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a history as a person reads it: what was done by which calls, and the exchanges that show it."""

    sent: str
    calls: tuple[str, ...]
    expected: str
    got: str
    exchanges: tuple[str, ...]

    def __str__(self) -> str:
        calls = f" [{', '.join(dict.fromkeys(self.calls))}]" if self.calls else ""
        return f"{self.sent}{calls}: expected {self.expected}; got {self.got}"


@dataclass(frozen=True, slots=True)
class Break:
    """A history that breaks a rule, and where it begins."""

    rule: ModelRule
    sentence: str
    opening: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """
    What came of the histories.

    `tried` counts how often each rule was checked, `cut` says why histories ended early, how often for each reason.
    `broken` is the shortest history that broke a rule, and `times` how many did.
    """

    histories: int
    steps: int
    tried: Mapping[ModelRule, int] = field(default_factory=lambda: MappingProxyType({}))
    cut: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    broken: Break | None = None
    times: int = 0


class BrokenHistory(Mismatch):
    """A rule is broken at the end of a history; `history` is the list of its steps."""

    def __init__(self, found: Break) -> None:
        count = len(found.steps)
        sentence = f"{found.sentence} (after {count} step{'' if count == 1 else 's'}: {found.rule})"
        # The last step is where the rule breaks, so its exchanges come first.
        shown = [exchange for step in reversed(found.steps) for exchange in step.exchanges]
        super().__init__(sentence, *dict.fromkeys(shown))
        self.history = (found.opening, *map(str, found.steps))


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
    owner: ModelRule = ModelRule.MOVEMENT_IS_EXPLAINED
    broken: ModelRule | None = None

    @property
    def calls(self) -> tuple[str, ...]:
        """The methods and paths that were asked for."""
        return tuple(f"{seen.request.method} {urlsplit(seen.request.url).path}" for seen in self.exchanges)
