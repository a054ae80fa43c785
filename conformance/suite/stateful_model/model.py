"""What an account must be after the steps taken so far, and the rules that this model knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from conformance.contract.conventions import Phase


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


HOUR_SECONDS: Final = 3600.0
# So long before and after the end of a key's window no request is made: the target may count from another moment.
_MARGIN_SECONDS: Final = HOUR_SECONDS
_REFUNDED: Final[frozenset[Phase]] = frozenset({"failed", "canceled"})


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
