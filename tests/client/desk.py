"""A purse and its users, for tests that look at what is at stake."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from conformance.money.ledger import SpendLedger
from conformance.money.ledger_store import TaskSnapshot

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.money.ledger_store import Reservation

LOUD, SOFT = Decimal(30), Decimal(5)
PRICES = {"loud": LOUD, "soft": SOFT, "new": SOFT}


class Desk:
    """A purse, and processes that live until they are killed."""

    def __init__(self, folder: Path, cap: Decimal = Decimal(100), run_id: str = "r1") -> None:
        self.ledger = SpendLedger.open(
            folder, run_id=run_id, base_url="http://t", system="sample", unit="coins", cap=cap
        )
        self.dead: set[str] = set()

    def is_alive(self, name: str) -> bool:
        return name not in self.dead

    def admit(self, peak: Decimal = LOUD, *, scenario: str = "story", brief: bool = False, lease: str = "a") -> int:
        number = self.ledger.admit(scenario, peak, brief=brief, lease=lease, is_alive=self.is_alive)
        assert number is not None, "it has to wait"
        return number

    def has_to_wait(self, peak: Decimal, *, brief: bool = False) -> bool:
        return self.ledger.admit("other", peak, brief=brief, lease="b", is_alive=self.is_alive) is None

    def reserve(self, admission: int, model: str = "loud", **more: Any) -> Reservation | None:  # noqa: ANN401 - see SpendLedger
        given = {"key": None, "refusal": False, "doubtful": False, "lease": "a", "is_alive": self.is_alive, **more}
        return self.ledger.reserve(admission, model, PRICES[model], **given)

    def sent(self, admission: int, model: str = "loud", **more: Any) -> Reservation:  # noqa: ANN401 - see SpendLedger
        reservation = self.reserve(admission, model, **more)
        assert reservation is not None, "it has to wait"
        return reservation

    def accepted(self, reservation: Reservation, task_id: str = "s1", charged: Decimal | None = None) -> None:
        paid = reservation.price if charged is None else charged
        self.ledger.accepted(reservation, TaskSnapshot(task_id, paid, Decimal(0), "working"))
        self.ledger.settled(reservation, price_seen=True)

    def know_prices(self) -> None:
        """Let the first requests of two models be over, at no cost."""
        for model in ("loud", "soft"):
            self.bought(self.admit(PRICES[model]), model, f"first {model}")
            self.give_back(f"first {model}", PRICES[model])

    def bought(self, admission: int, model: str = "loud", task_id: str = "s1") -> None:
        self.accepted(self.sent(admission, model), task_id)
        self.ledger.dismiss(admission)

    def give_back(self, task_id: str, amount: Decimal) -> None:
        self.ledger.see(TaskSnapshot(task_id, None, amount, "stopped", ended=True))

    @property
    def exposure(self) -> Decimal:
        return self.ledger.balance().exposure
