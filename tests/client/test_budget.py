"""What scenarios may spend, by what they declare."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.money.budget import (
    ANY,
    PLAY,
    Budget,
    Tier,
    cancels,
    harmless,
    keeps,
    price_of,
    reads,
    refuses,
    refuses_in_the_end,
)

PRICES = {"loud": Decimal(30), "soft": Decimal(5)}


@pytest.mark.parametrize("model, price", [("loud", 30), ("soft", 5), (ANY, 30), (None, 30), ("unheard of", 30)])
def test_what_is_not_known_costs_as_much_as_the_dearest(model: str | None, price: int) -> None:
    assert price_of(model, PRICES) == Decimal(price)


def test_without_prices_there_is_no_price() -> None:
    assert price_of("loud", {}) == Decimal(0)


@pytest.mark.parametrize(
    "budget, net, worst, peak",
    [
        (reads(5), 0, 0, 0),
        (harmless(5), 0, 0, 0),
        (PLAY, 0, 0, 0),
        # Of many requests that must be refused the first that is accepted ends the others.
        (refuses(40), 0, 30, 0),
        (refuses_in_the_end(1), 0, 30, 30),
        (keeps("loud"), 30, 30, 30),
        (keeps("loud", "soft"), 35, 35, 35),
        # One after the other, only one of them is at stake at a time; the dearest counts.
        (cancels("soft", "loud", "soft"), 0, 40, 30),
        (cancels("soft", "loud", "soft", open_at_once=2), 0, 40, 35),
        (cancels("soft", open_at_once=9), 0, 5, 5),
        (cancels("soft", refused=2), 0, 35, 5),
        (keeps("soft", cancelled=("loud", "loud")), 5, 65, 35),
        # A key that is used again might not be honoured.
        (keeps("soft", cancelled=("loud",), repeats=1), 5, 35, 65),
        (keeps("soft", repeats=1), 5, 5, 35),
    ],
)
def test_net_worst_case_and_peak(budget: Budget, net: int, worst: int, peak: int) -> None:
    found = (budget.net(PRICES), budget.worst(PRICES), budget.peak(PRICES))

    assert found == (Decimal(net), Decimal(worst), Decimal(peak))


@pytest.mark.parametrize("kept, left", [((), 35), (("loud",), 5), (("loud", "soft"), 0), (("unheard of",), 35)])
def test_what_is_bought_already_costs_nothing(kept: tuple[str, ...], left: int) -> None:
    assert keeps("loud", "soft").without(kept).net(PRICES) == Decimal(left)


def test_each_kind_of_request_has_its_tier() -> None:
    tiers = [budget.tier for budget in (reads(), harmless(), refuses(1), cancels("loud"), keeps("loud"), PLAY)]

    assert tiers == [Tier.READ, Tier.FREE, Tier.FREE, Tier.PAID, Tier.PAID, Tier.PLAY]
    assert refuses(1, tier=Tier.READ).tier is Tier.READ


def test_a_tier_includes_those_before_it() -> None:
    assert [str(tier) for tier in sorted(Tier)] == ["read", "free", "paid", "play"]
