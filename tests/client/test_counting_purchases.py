"""Where prices are not known, purchases are counted in their place: one for each request that is not free."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from conformance.client.errors import ReservationError
from conformance.client.request import PreparedRequest
from conformance.contract.operations import Price
from conformance.contract.pricing import Pricing
from conformance.money.budget import ANY, price_of
from conformance.money.charges import ChargeReader
from tests.client.bench import BASE
from tests.client.shop import LOUD, shop_contract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract.contract import Contract

FREE, PAID = "free", "paid"
ONE = Decimal(1)


def priced(table: Mapping[str, Decimal]) -> Contract:
    """The shop, with prices by model."""
    known = shop_contract()
    assert known.conventions.tasks is not None
    prices = MappingProxyType(dict.fromkeys(known.conventions.tasks.create, Price(by="/model", table=table)))
    return replace(known, conventions=replace(known.conventions, money=None, pricing=Pricing("coins", prices)))


def song(model: str) -> PreparedRequest:
    return PreparedRequest("POST", f"{BASE}/songs", content=f'{{"model": "{model}"}}'.encode(), operation="createSong")


def test_what_is_known_to_be_free_may_not_cost() -> None:
    reader = ChargeReader(priced({FREE: Decimal(0)}).conventions)

    assert not reader.may_cost(song(FREE))
    assert reader.may_cost(song(PAID))


def test_free_models_say_nothing_of_what_the_others_cost() -> None:
    contract = priced({FREE: Decimal(0)})

    assert not contract.states_prices
    with pytest.raises(ReservationError, match=r"createSong costs is not known; state .prices. .*--max-purchases N"):
        ChargeReader(contract.conventions).model_and_price(song(PAID))


def test_a_price_for_one_of_the_others_is_the_most_that_any_costs() -> None:
    contract = priced({FREE: Decimal(0), PAID: Decimal(3)})

    assert contract.states_prices
    assert ChargeReader(contract.conventions).model_and_price(song("other")) == (ANY, Decimal(3))


@pytest.mark.parametrize("model, name", [(PAID, ANY), ("other", ANY)])
def test_every_request_that_is_not_free_is_one_purchase(model: str, name: str) -> None:
    counting = priced({FREE: Decimal(0)}).counting_purchases().conventions

    assert ChargeReader(counting).model_and_price(song(model)) == (name, ONE)
    assert not ChargeReader(counting).may_cost(song(FREE))


def test_amounts_are_counted_as_purchases_too() -> None:
    counting = shop_contract().counting_purchases().conventions

    assert counting.pricing is not None
    assert counting.pricing.unit == "purchases"
    assert price_of(LOUD, counting.pricing.known) == ONE


def test_without_any_prices_all_that_is_not_safe_is_a_purchase() -> None:
    known = shop_contract()
    priceless = replace(known, conventions=replace(known.conventions, money=None, pricing=None))

    assert not priceless.states_prices
    counting = priceless.counting_purchases().conventions
    assert counting.pricing is not None
    assert set(counting.pricing.known.values()) == {ONE}
    assert "createSong" in counting.pricing.known
