"""Where money is short, each refund gets the same time to arrive."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.client.buyers import waiting_for
from tests.client.shop import Shop

if TYPE_CHECKING:
    from tests.client.conftest import Hire

LOUD_PRICE = Decimal(30)


def test_each_refund_gets_the_same_time_also_those_that_come_due_meanwhile(hire: Hire) -> None:
    shop = Shop(refunds=False)

    def paid_back() -> None:
        for song in shop.songs.values():
            song.back = LOUD_PRICE

    def another_scenario() -> None:
        paid_back()
        buyer.charge_tracker.look_again()
        with buyer.admitted(scenario="another"):
            buyer.asks()

    # Whenever it looks again, the money is taken by what another one left.
    rounds = [another_scenario] * 6
    buyer = hire(shop, cap=LOUD_PRICE, sleep=waiting_for(*rounds, paid_back))
    with buyer.admitted():
        buyer.asks()

    with buyer.admitted(scenario="second"):
        assert buyer.asks().status == 202


def test_a_refund_that_arrives_between_looking_and_waiting_lets_a_scenario_begin(hire: Hire) -> None:
    shop = Shop(refunds=False)
    buyer = hire(shop, cap=LOUD_PRICE)
    with buyer.admitted():
        buyer.asks()
    tracker, due = buyer.charge_tracker, buyer.charge_tracker.due_refunds

    def paid_back_before() -> frozenset[str]:
        shop.songs["s1"].back = LOUD_PRICE
        tracker.look_again()
        return due()

    object.__setattr__(tracker, "due_refunds", paid_back_before)

    with buyer.admitted(scenario="second"):
        assert buyer.asks().status == 202
