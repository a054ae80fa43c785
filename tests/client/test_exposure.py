"""Whatever happens in whichever order: with a target that keeps to its prices no more than the cap is ever at stake."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.money.ledger import SpendLedger
from conformance.money.ledger_store import BreakerTrippedError, OverCapError, TaskSnapshot
from tests.client.memory import folder_in_memory

if TYPE_CHECKING:
    from conformance.money.ledger_store import Reservation

CAP = Decimal(100)
PRICES = {"loud": Decimal(30), "soft": Decimal(5)}
HOLDERS = ("a", "b", "c")


@dataclass
class MoneyTotals:
    """What really happened at a target that honours keys, and what the purse was told of it."""

    ledger: SpendLedger
    charged: dict[str, Decimal] = field(default_factory=dict)
    back: dict[str, Decimal] = field(default_factory=dict)
    admissions: list[tuple[int, str]] = field(default_factory=list)
    under_way: list[tuple[Reservation, str]] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)

    @property
    def exposure(self) -> Decimal:
        return sum(self.charged.values(), Decimal(0)) - sum(self.back.values(), Decimal(0))

    def is_alive(self, name: str) -> bool:
        return name not in self.dead

    def admit(self, lease: str, peak: int) -> None:
        if self.is_alive(lease):
            made = self.ledger.admit("story", Decimal(peak), brief=False, lease=lease, is_alive=self.is_alive)
            self.admissions += [] if made is None else [(made, lease)]

    def dismiss(self, choice: int) -> None:
        if self.admissions:
            self.ledger.dismiss(self.admissions[choice % len(self.admissions)][0])

    def reserve(self, choice: int, model: str, key: str) -> None:
        living = [entry for entry in self.admissions if self.is_alive(entry[1])]
        if not living:
            return
        admission, lease = living[choice % len(living)]
        who: dict[str, Any] = {"lease": lease, "is_alive": self.is_alive}
        made = self.ledger.reserve(
            admission, model, PRICES[model], key=f"{key}-{model}", refusal=False, doubtful=False, **who
        )
        if made is not None:
            # It may be carried out from now on, whether anybody hears of it or not.
            self.charged.setdefault(f"task-{made.key}", PRICES[model])
            self.under_way.append((made, lease))

    def accept(self, choice: int) -> None:
        if (reservation := self._of_the_living(choice)) is not None:
            task_id = f"task-{reservation.key}"
            self.ledger.accepted(reservation, TaskSnapshot(task_id, self.charged[task_id], None, "working"))
            self.ledger.settled(reservation, price_seen=True)

    def lose(self, choice: int) -> None:
        if (reservation := self._of_the_living(choice)) is not None:
            self.ledger.unknown(reservation)

    def refund(self, choice: int) -> None:
        known = self.ledger.tasks()
        if known:
            task = known[choice % len(known)].task_id
            self.back[task] = self.charged[task]
            self.ledger.see(TaskSnapshot(task, None, self.back[task], "stopped", ended=True))

    def kill(self, lease: str) -> None:
        self.dead.add(lease)
        self.under_way = [entry for entry in self.under_way if entry[1] != lease]

    def _of_the_living(self, choice: int) -> Reservation | None:
        return self.under_way.pop(choice % len(self.under_way))[0] if self.under_way else None


CHOICE = st.integers(0, 7)
RESERVE = st.tuples(st.just("reserve"), CHOICE, st.sampled_from(sorted(PRICES)), st.sampled_from("klmnopqr"))
# The first request of each price goes alone: once these are over, many can be under way.
PROLOGUE = [("admit", "a", 60), *(step for model in PRICES for step in (("reserve", 0, model, model), ("accept", 0)))]
STEP = st.one_of(
    RESERVE,
    RESERVE,
    RESERVE,
    st.tuples(st.just("admit"), st.sampled_from(HOLDERS), st.sampled_from([0, 5, 30, 60, 90])),
    st.tuples(st.just("accept"), CHOICE),
    st.tuples(st.just("accept"), CHOICE),
    st.tuples(st.just("lose"), CHOICE),
    st.tuples(st.just("refund"), CHOICE),
    st.tuples(st.just("dismiss"), CHOICE),
    st.tuples(st.just("kill"), st.sampled_from(HOLDERS[1:])),
)


@settings(max_examples=300)
@given(steps=st.lists(STEP, max_size=40))
def test_no_more_than_the_cap_is_ever_at_stake(steps: list[tuple[object, ...]]) -> None:
    with ExitStack() as stack:
        folder = stack.enter_context(folder_in_memory())
        identity = {"run_id": "r1", "base_url": "http://t", "system": "sample", "unit": "coins"}
        books = MoneyTotals(SpendLedger.open(folder, **identity, cap=CAP))
        stack.callback(books.ledger.close)
        for name, *values in [*PROLOGUE, *steps]:
            with suppress(OverCapError, BreakerTrippedError):
                getattr(books, str(name))(*values)
            assert books.exposure <= books.ledger.balance().exposure <= CAP
        assert books.ledger.balance().broken is None
