"""What an account must be after the steps taken so far: its money, its tasks, its keys and its clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from conformance.contract.conventions import Phase

HOUR_SECONDS: Final = 3600.0
# So long before and after the end of a key's window nobody asks: the target may count from another moment.
_MARGIN_SECONDS: Final = HOUR_SECONDS
_REFUNDED: Final[frozenset[Phase]] = frozenset({"failed", "canceled"})


@dataclass(frozen=True, slots=True)
class Song:
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
    song: Song
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
        # It may be swept away some time after its end, till when nothing is expected of it.
        return order.task is None or self.age(order) >= 2 * self.window_seconds

    def remembers_for_long(self, order: Order) -> bool:
        """Whether a key that must be known is old enough for its age to matter."""
        return self.age(order) >= self.window_seconds / 2
