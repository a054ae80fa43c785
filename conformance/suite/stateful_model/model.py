"""What an account must be after the steps taken so far, the rules that are known of it, and what a system states."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from conformance.journal.records import Mismatch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from conformance.accounts.account import Account
    from conformance.contract.conventions import Phase
    from conformance.journal.records import Exchange


HOUR_SECONDS: Final = 3600.0
# So long before and after the end of a key's window no request is made: the target may count from another moment.
_MARGIN_SECONDS: Final = HOUR_SECONDS
_REFUNDED: Final[frozenset[Phase]] = frozenset({"failed", "canceled"})


class ModelRule(StrEnum):
    """What can be broken in a history, in words; a system says which of its requirements owns each."""

    CREATION_IS_DEBITED = "creating a task debits what the task shows"
    ANOTHER_KEY_IS_ANOTHER_TASK = "another key makes another task"
    TASK_CAN_BE_READ = "a task that was created can be read"
    RETRY_RETURNS_THE_TASK = "a retry returns the task of the first request"
    LATE_RETRY_IS_RECOGNISED = "a retry late in the window of its key is recognised"
    KEY_OUTLIVES_ITS_TASK = "a retry is recognised although the task has ended"
    KEY_EXPIRES = "a key is free again after its window"
    RETRY_IS_FREE = "a retry is not debited"
    RETRY_CREATES_NOTHING = "a retry creates nothing"
    CONFLICT_IS_REFUSED = "a key with another request is a conflict"
    CONFLICT_CHANGES_NOTHING = "a conflict creates nothing, costs nothing, and the first task goes on"
    SHORTAGE_IS_REFUSED = "what the balance can't pay is refused"
    BALANCE_IS_NOT_OVERDRAWN = "requests in quick succession can't overdraw the balance"
    SHORTAGE_CHANGES_NOTHING = "what is refused for its price creates nothing and costs nothing"
    EXACT_BALANCE_SUFFICES = "a balance of exactly the price suffices"
    TOP_UP_HELPS = "what was refused for its price is accepted after a top-up"
    CANCELLATION_IS_ACCEPTED = "a task that goes on can be cancelled"
    WAITING_TASK_IS_CANCELED = "a task that waits is cancelled"
    WORKING_TASK_IS_CANCELED = "a task that runs is cancelled"
    LATE_CANCELLATION_CHANGES_NOTHING = "cancelling a task that has ended changes nothing"
    END_IS_FINAL = "a task that has ended stays so"
    CANCELLATION_IS_REFUNDED = "the refund of a cancellation reaches the wallet"
    FAILURE_IS_REFUNDED = "the refund of a failure reaches the wallet"
    REFUND_HAPPENS_ONCE = "a refund happens once"
    MOVEMENT_IS_EXPLAINED = "every movement of the wallet is explained"
    TASK_IS_LISTED = "a task is in its owner's list"
    LIST_IS_ITS_OWNERS = "the list shows its owner's tasks only"
    PAGING_VISITS_ONCE = "paging visits every task once"
    LIST_IS_FILTERED = "a filter by state selects the tasks in that state"


class BrokenRuleError(Exception):
    """A step ended otherwise than the model says; Hypothesis looks for the shortest history that comes to this."""

    def __init__(self, rule: ModelRule, sentence: str) -> None:
        super().__init__(sentence)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Product:
    """Something to order: a short name for people, the operation that creates it, and the body of the request."""

    name: str
    operation: str
    body: Mapping[str, Any]


@dataclass(slots=True, eq=False)
class Task:
    """A task of the account: its id at the target, its number here, what it was charged, and its end if it has one."""

    id: str
    number: int
    charge: Decimal
    end: Phase | None = None

    @property
    def refunded(self) -> bool:
        """Whether its end gave the money back."""
        return self.end in _REFUNDED

    def __str__(self) -> str:
        return f"task {self.number}"


@dataclass(slots=True, eq=False)
class Order:
    """A request under a key of its own: when it last made a task, by the model's clock in seconds, and which."""

    number: int
    product: Product
    key: str
    task: Task | None = None
    sent_at: float = 0.0

    def __str__(self) -> str:
        return f"request {self.number}"


@dataclass(slots=True)
class Model:
    """
    The account; `window_seconds` is how long a key is remembered, `now` how far its clock was put ahead.

    `spent` says whether anything was since the balance was set.
    """

    balance: Decimal
    window_seconds: float
    held_in: str
    now: float = 0.0
    spent: bool = False
    tasks: list[Task] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)

    def order(self, number: int) -> Order:
        """The request of a number."""
        return self.orders[number - 1]

    def can_pay(self, price: Decimal) -> bool:
        """Whether the balance suffices."""
        return self.balance >= price

    def fund(self, balance: Decimal) -> None:
        """The balance was set."""
        self.balance = balance
        self.spent = False

    def book(self, order: Order, task_id: str, price: Decimal) -> Task:
        """A request made a new task."""
        task = Task(task_id, len(self.tasks) + 1, price)
        self.tasks.append(task)
        self.balance -= price
        self.spent = True
        order.task = task
        order.sent_at = self.now
        return task

    def end(self, task: Task, phase: Phase) -> None:
        """A task ended, and its money came back if that is the rule."""
        task.end = phase
        if task.refunded:
            self.balance += task.charge

    def task_of(self, task_id: str) -> Task | None:
        """The account's task of an id."""
        return next((task for task in self.tasks if task.id == task_id), None)

    @property
    def under_way(self) -> list[Task]:
        """The tasks that have not ended."""
        return [task for task in self.tasks if task.end is None]

    def age(self, order: Order) -> float:
        """For how many seconds the key of a request has been known."""
        return self.now - order.sent_at

    def remembers(self, order: Order) -> bool:
        """Whether the key of a request must be known."""
        return order.task is not None and self.age(order) <= self.window_seconds - _MARGIN_SECONDS

    def has_forgotten(self, order: Order) -> bool:
        """Whether the key of a request must be free."""
        # The target may delete it some time after its end; until then nothing is expected of it.
        return order.task is None or self.age(order) >= 2 * self.window_seconds

    def remembers_for_long(self, order: Order) -> bool:
        """Whether a key that must be known is old enough for its age to matter."""
        return self.age(order) >= self.window_seconds / 2


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
