"""What a scenario made without an answer that shows it is found, and cancelled, once its money is needed."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from conformance.client.errors import ReservationError
from conformance.client.transports.base import NoAnswerError
from conformance.money.budget import cancels
from tests.client.bench import BASE
from tests.client.shop import LOUD, Shop

if TYPE_CHECKING:
    from conformance.client.transports.base import Incoming, Outgoing
    from tests.client.buyers import Buyer
    from tests.client.conftest import Hire

LOUD_PRICE = Decimal(30)


def lose_one(buyer: Buyer, shop: Shop, scenario: str = "first") -> None:
    """A scenario whose only request is carried out, and whose answer is lost."""
    with buyer.admitted(scenario=scenario), suppress(NoAnswerError):
        shop.mute = True
        assert buyer.asks().response is None
    shop.mute = False


def test_it_makes_room_for_a_scenario_that_does_not_fit(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop, cap=LOUD_PRICE)
    lose_one(buyer, shop)
    assert shop.states() == ["working"]

    with buyer.admitted(scenario="second"):
        assert shop.states() == ["stopped"]
        assert buyer.asks().status == 202
    assert shop.most <= LOUD_PRICE
    assert buyer.ledger.lost() == ()
    assert buyer.ledger.balance().unaffordable == ()


def test_it_is_not_looked_for_as_long_as_there_is_money(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop, cap=2 * LOUD_PRICE)
    lose_one(buyer, shop)

    with buyer.admitted(scenario="second"):
        assert "GET /songs" not in shop.asked
    assert shop.states() == ["working"]


def test_what_is_not_in_the_list_stays_at_stake_and_is_looked_for_once(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop, cap=LOUD_PRICE)
    lose_one(buyer, shop)
    shop.songs.clear()

    for scenario in ("second", "third"):
        with pytest.raises(ReservationError, match="of which the cap leaves 0"), buyer.admitted(scenario=scenario):
            pytest.fail("it was let in")
    assert len([asked for asked in shop.asked if asked.startswith("GET /songs")]) == 1
    assert buyer.ledger.balance().exposure == LOUD_PRICE


def test_what_another_run_made_is_left_alone(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop, cap=LOUD_PRICE)
    lose_one(buyer, shop)
    shop.songs["s1"].tags = {"conformance_run": "another"}

    with pytest.raises(ReservationError), buyer.admitted(scenario="second"):
        pytest.fail("it was let in")
    assert shop.states() == ["working"]


def test_while_another_scenario_is_on_it_is_left_alone_as_it_may_belong_to_that_one(hire: Hire) -> None:
    shop = Shop()
    other = hire(shop, cap=2 * LOUD_PRICE, worker="gw1")
    begun = ExitStack()
    over: list[list[str]] = []

    def answered(outgoing: Outgoing) -> Incoming:
        if (outgoing.method, outgoing.url) == ("GET", f"{BASE}/songs") and not over:
            begun.enter_context(other.admitted(scenario="meanwhile"))
        return shop(outgoing)

    def end_the_other(_seconds: float) -> None:
        over.append(shop.states())
        begun.close()

    buyer = hire(answered, cap=2 * LOUD_PRICE, sleep=end_the_other)
    lose_one(buyer, shop)

    with buyer.admitted(cancels(LOUD, LOUD, open_at_once=2), scenario="second"):
        assert shop.states() == ["stopped"]
    assert over == [["working"]]
