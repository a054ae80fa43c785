"""Which scenarios are carried out with real money: none that costs something and serves provisional rules alone."""

from __future__ import annotations

import inspect
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from conformance.contract.contract import load_contract
from conformance.contract.files import known_systems
from conformance.contract.versions import NEXT
from conformance.money.budget import Tier
from conformance.suite.scenarios import SCENARIOS
from conformance.suite.tiers import judged_by, written_for
from tests.suite.test_tiers import marks_are_known

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

__all__ = ["marks_are_known"]


def served_rules(system: str) -> Mapping[str, AbstractSet[str]]:
    """The requirements that the tests of each scenario judge, by the scenario's fixture."""
    rules: defaultdict[str, set[str]] = defaultdict(set)
    for test, marks in written_for(system):
        fixtures = {one.fixture for one in SCENARIOS[f"conformance.suite.{system}"].values()}
        for name in inspect.signature(test).parameters.keys() & fixtures:
            rules[name] |= set(judged_by(marks))
    return rules


@pytest.mark.parametrize("system", known_systems())
def test_what_may_cost_something_for_provisional_rules_alone_is_marked_so(system: str) -> None:
    registry = load_contract(system, NEXT).registry
    rules = served_rules(system)
    costly = {
        one.fixture: one
        for one in SCENARIOS[f"conformance.suite.{system}"].values()
        if one.fixture in rules and one.budget.tier > Tier.READ
    }
    # What other scenarios take up is carried out for their sake.
    wanted = {name for one in SCENARIOS[f"conformance.suite.{system}"].values() for name in one.gets}
    alone = {
        name
        for name, served in rules.items()
        if name in costly and name not in wanted and all(registry[rule].provisional for rule in served)
    }

    assert {name for name, one in costly.items() if one.provisional} == alone
