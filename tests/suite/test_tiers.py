"""How far a run has to go with real money until a rule is judged: that follows from budgets, nothing stores it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.contract.contract import load_contract
from conformance.contract.files import known_systems
from conformance.money.budget import Tier
from conformance.plugin.outcomes import register_markers
from conformance.suite.scenarios import SCENARIOS
from conformance.suite.tiers import tiers_of_tests
from conformance.tiers import tier_of


@pytest.fixture(scope="module", autouse=True)
def marks_are_known(request: pytest.FixtureRequest) -> None:
    """Let the modules of the suite be imported outside of a conformance run."""
    register_markers(request.config)


@pytest.mark.parametrize("system", known_systems())
def test_every_requirement_that_tests_judge_has_a_test(system: str) -> None:
    judged = {entry.id for entry in load_contract(system).registry if entry.judged_by == "test"}

    assert judged - set(tiers_of_tests(system)) == set()


@pytest.mark.parametrize(
    "requirement_id, tier",
    [
        ("BEATRA-REQUEST-ID-01", Tier.READ),
        ("BEATRA-TASK-11", Tier.READ),
        ("BEATRA-MUSIC-09", Tier.FREE),
        ("BEATRA-ERROR-06", Tier.FREE),
        ("BEATRA-IDEMPOTENCY-01", Tier.PAID),
        ("BEATRA-MONEY-10", Tier.PAID),
        ("BEATRA-STATUS-01", Tier.PAID),
        ("BEATRA-createTextToMusic-REFUSES", Tier.FREE),
        ("BEATRA-createTextToMusic-ACCEPTS", Tier.PAID),
        ("BEATRA-listTasks-CONFORMS", Tier.READ),
    ],
)
def test_the_tier_is_that_of_what_a_requirement_is_judged_by(requirement_id: str, tier: Tier) -> None:
    contract = load_contract("beatra")

    assert tier_of(contract.registry[requirement_id], contract) is tier


def test_a_dearer_budget_moves_the_requirement_to_its_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    contract = load_contract("beatra")
    requirement = contract.registry["BEATRA-MUSIC-09"]
    assert tier_of(requirement, contract) is Tier.FREE
    scenarios = SCENARIOS["conformance.suite.beatra"]
    for name, known in list(scenarios.items()):
        if known.drive.__module__.endswith("test_namespaces"):
            monkeypatch.setitem(scenarios, name, replace(known, budget=replace(known.budget, tier=Tier.PAID)))
    tiers_of_tests.cache_clear()

    try:
        assert tier_of(requirement, contract) is Tier.PAID
    finally:
        tiers_of_tests.cache_clear()


def test_tasks_in_other_states_cost_money() -> None:
    contract = load_contract("beatra")
    cheap = [
        known.id
        for known in contract.registry
        if {"control:tasks/hold", "control:tasks/outcome"} & set(known.needs)
        if tier_of(known, contract) < Tier.PAID
    ]

    assert cheap == []
