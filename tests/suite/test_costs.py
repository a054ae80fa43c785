"""Looking for the one refused request that cost something."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.contract.outcomes import Outcome
from conformance.suite.batch import fire_watched

OPERATION: Any = SimpleNamespace(id="createSong")


@dataclass
class Bank:
    """An account whose requests are the numbers of their cases; some of them cost a credit, some are accepted."""

    costly: set[int]
    accepted: set[int] = field(default_factory=set)
    visible: bool = True
    frugal: bool = False
    balance: Decimal = Decimal(100)
    sent: list[int] = field(default_factory=list)
    client: Any = field(default_factory=lambda: SimpleNamespace(base_url="http://target.test"))

    def visible_balance(self) -> Decimal | None:
        return self.balance if self.visible else None

    def discard(self, _created: object) -> None:
        """Keep what was created: it costs nobody anything."""

    def may_send(self, _: int) -> bool:
        return True

    def send(self, number: int) -> SimpleNamespace:
        self.sent.append(number)
        self.balance -= number in self.costly
        accepted = number in self.accepted
        return SimpleNamespace(accepted=accepted, outcome=Outcome.ACCEPTED if accepted else Outcome.REFUSED)


def fire(bank: Bank, count: int) -> list[int]:
    """Send that many cases and return what was sent after them."""
    cases: list[Any] = [
        SimpleNamespace(prepared=lambda _, number=number: number, validity="invalid") for number in range(count)
    ]
    account: Any = bank
    batch = fire_watched(account, OPERATION, cases)
    assert [item.case for item in batch.sent] == cases
    return bank.sent[count:]


def test_nothing_is_sent_again_when_nothing_cost() -> None:
    assert fire(Bank(costly=set()), 8) == []


def test_nothing_is_sent_again_when_the_wallet_is_not_visible() -> None:
    assert fire(Bank(costly={3}, visible=False), 8) == []


@pytest.mark.parametrize("costly", range(8))
def test_the_costly_request_is_sent_alone_in_the_end(costly: int) -> None:
    again = fire(Bank(costly={costly}), 8)

    assert again[-1] == costly
    assert len(again) <= 8


def test_accepted_requests_may_cost() -> None:
    assert fire(Bank(costly={0}, accepted={0}), 4) == [1, 2, 3]


def test_a_costly_refusal_is_found_beside_accepted_requests() -> None:
    assert fire(Bank(costly={0, 2}, accepted={0}), 4)[-1] == 2
