"""What is at stake, as frozen values: reservations, sightings of tasks, tasks that were bought, the whole."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Reservation:
    """A request that may be sent, until it is settled: its number, and the most that it may cost."""

    number: int
    admission: int
    model: str
    price: Decimal
    key: str | None
    refusal: bool
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What an answer shows of a task: amounts and state, None or empty where it does not show them."""

    task_id: str
    charged: Decimal | None = None
    refunded: Decimal | None = None
    state: str = ""
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Bought:
    """
    A task of this run, with what it may have cost in the end, and whether it has ended.

    `kept` says that it was bought for good.
    """

    task_id: str
    admission: int
    scenario: str
    model: str
    at_stake: Decimal
    charged: Decimal | None
    refunded: Decimal
    state: str
    ended: bool
    kept: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """
    The purse at one moment, in the system's unit.

    `purchases` counts what was accepted and what may have been: how much was bought, whatever it cost.
    """

    unit: str
    cap: Decimal
    charged: Decimal
    refunded: Decimal
    exposure: Decimal
    broken: str | None
    purchases: int
    unaffordable: tuple[tuple[str, Decimal], ...]


class PurseBrokenError(Exception):
    """Something cost more than it may, or was accepted that must be refused: nothing more is spent."""


class UnwritablePurseError(Exception):
    """The file of the purse can't be read or written; the message is one sentence for the person who meets it."""


class UnaffordableError(Exception):
    """What is asked for does not fit under the cap; the amounts are in the system's unit."""

    def __init__(self, needed: Decimal, left: Decimal) -> None:
        super().__init__(f"needs {needed:f}, of which the cap leaves {max(left, Decimal(0)):f}")
        self.needed = needed
        self.left = left
