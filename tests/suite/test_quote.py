"""What a run would ask for and cost is the sum of what its scenarios declare."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from conformance.contract.contract import load_contract
from conformance.money.budget import Budget, Tier, cancels, harmless, keeps, reads, refuses, spends
from conformance.plugin.outcomes import register_markers
from conformance.suite import quote as quoting
from conformance.suite.quote import quote
from tests.monitors.sample import contract as sample_contract

if TYPE_CHECKING:
    from conformance.contract.contract import Contract
    from conformance.suite.quote import Quote

PAYING = (Tier.READ, Tier.FREE, Tier.PAID)
# Of the sample contract: loud costs 30, soft 5.
SCENARIO_BUDGETS = {
    "look": reads(3),
    "upload": harmless(2),
    "refused": refuses(2, 4),
    "refused as well": refuses(1, 1, doubtful=True),
    "half": Budget(tier=Tier.FREE, cancels=("soft",), requests=5),
    "song": keeps("loud", requests=2),
    "same song": keeps("loud", "soft", requests=3),
    "retry": cancels("loud", "loud", open_at_once=2, requests=6),
    "race": Budget(tier=Tier.PLAY, requests=100),
}


def amounts(*numbers: int) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, numbers))


@pytest.fixture
def quoted(monkeypatch: pytest.MonkeyPatch) -> dict[Tier, Quote]:
    """The quotes of the stories above."""
    monkeypatch.setattr(quoting, "declared_budgets", lambda *_, **__: SCENARIO_BUDGETS.items())
    return {tier: quote(sample_contract(), tier, examples=1) for tier in PAYING}


@pytest.fixture(scope="module")
def contract(pytestconfig: pytest.Config) -> Contract:
    register_markers(pytestconfig)  # which the suite's modules have
    return load_contract("beatra")


def test_a_tier_has_the_scenarios_that_it_reaches(quoted: dict[Tier, Quote]) -> None:
    named = {tier: [entry.scenario for entry in found.entries] for tier, found in quoted.items()}

    assert named[Tier.READ] == ["look"]
    assert named[Tier.FREE] == ["look", "upload", "refused", "refused as well", "half"]
    assert named[Tier.PAID] == [name for name in SCENARIO_BUDGETS if name != "race"]


def test_reading_is_free(quoted: dict[Tier, Quote]) -> None:
    found = quoted[Tier.READ]

    assert (found.net, found.worst, found.smallest_cap) == amounts(0, 0, 0)


def test_what_is_free_costs_one_task_at_worst(quoted: dict[Tier, Quote]) -> None:
    found = quoted[Tier.FREE]

    assert (found.net, found.worst, found.smallest_cap) == amounts(0, 30, 30)


def test_what_several_keep_is_bought_once(quoted: dict[Tier, Quote]) -> None:
    assert quoted[Tier.PAID].net == 30 + 5


def test_the_worst_case_is_that_no_refund_and_no_cancellation_is_honoured(quoted: dict[Tier, Quote]) -> None:
    bought, cancelled, accepted, in_doubt = 30 + 5, 30 + 30 + 5, 30, 30

    assert quoted[Tier.PAID].worst == bought + cancelled + accepted + in_doubt


def test_each_request_whose_refusal_is_in_doubt_may_cost_unless_the_first_ends_the_rest() -> None:
    prices = {"loud": Decimal(30)}

    assert refuses(4).worst(prices) == 30
    assert refuses(4, doubtful=True).worst(prices) == 4 * 30
    assert refuses(4, doubtful=True, most_accepted=1).worst(prices) == 30


def test_what_is_answered_at_once_is_paid_for_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    stories = {"one": spends("soft", "loud"), "other": spends("loud"), "look": reads(1)}
    monkeypatch.setattr(quoting, "declared_budgets", lambda *_, **__: stories.items())
    found = quote(sample_contract(), Tier.PAID, examples=1)

    assert (found.net, found.worst, found.smallest_cap) == amounts(65, 65, 65)


def test_under_the_smallest_cap_every_scenario_fits_beside_what_is_bought(quoted: dict[Tier, Quote]) -> None:
    assert quoted[Tier.PAID].smallest_cap == 30 + 5 + 2 * 30


def test_what_a_tier_does_not_allow_is_not_asked_for(quoted: dict[Tier, Quote]) -> None:
    asked = {tier: {entry.scenario: entry.requests for entry in found.entries} for tier, found in quoted.items()}

    assert asked[Tier.FREE]["half"] == 4
    assert asked[Tier.PAID]["half"] == 5
    assert quoted[Tier.READ].requests == 3
    assert quoted[Tier.FREE].requests == 3 + 2 + 4 + 1 + 4


def test_each_scenario_has_its_own_figures(quoted: dict[Tier, Quote]) -> None:
    found = {entry.scenario: (entry.net, entry.worst, entry.peak) for entry in quoted[Tier.PAID].entries}

    assert found["same song"] == amounts(35, 35, 35)
    assert found["retry"] == amounts(0, 60, 60)
    assert found["refused"] == amounts(0, 30, 0)


def test_the_whole_lifecycle_of_the_gateway_is_certifiable_for_one_success_per_model(contract: Contract) -> None:
    assert quote(contract, Tier.PAID, examples=40).net == Decimal(130)


def test_what_is_free_with_the_gateway_is_worth_one_song_at_worst(contract: Contract) -> None:
    found = quote(contract, Tier.FREE, examples=40)

    assert (found.net, found.worst) == (Decimal(0), Decimal(80))


@pytest.mark.parametrize("tier", PAYING)
def test_more_drawn_requests_make_more_requests_but_cost_nothing(contract: Contract, tier: Tier) -> None:
    few, many = quote(contract, tier, examples=3), quote(contract, tier, examples=60)

    assert many.requests > few.requests
    assert (many.net, many.worst, many.smallest_cap) == (few.net, few.worst, few.smallest_cap)


def test_prices_of_an_account_change_the_quote(contract: Contract) -> None:
    dear = contract.with_prices({"suno-5.5": Decimal(1000)})

    assert quote(dear, Tier.PAID, examples=3).net == Decimal(1050)


def test_tiers_cost_more_and_more(contract: Contract) -> None:
    found = [quote(contract, tier, examples=40) for tier in PAYING]

    for figure in ("requests", "net", "worst", "smallest_cap"):
        figures = [getattr(one, figure) for one in found]
        assert figures == sorted(figures)
    assert all(one.net <= one.smallest_cap for one in found)
