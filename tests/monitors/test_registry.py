"""The names by which requirements find their monitors."""

from __future__ import annotations

import pytest

from conformance.contract.contract import load_contract
from conformance.contract.files import known_systems
from conformance.monitors.registry import MONITORS, UnknownRuleError, is_monitored, judge
from tests.monitors.factory import Talk
from tests.monitors.sample import contract, rule


@pytest.mark.parametrize("system", known_systems())
def test_every_monitor_that_a_registry_names_exists(system: str) -> None:
    named = {requirement.monitor for requirement in load_contract(system).registry if requirement.monitor}

    assert named
    assert named <= set(MONITORS)


@pytest.mark.parametrize("system", known_systems())
def test_a_run_without_traffic_judges_nothing(system: str) -> None:
    judged_by = load_contract(system)
    traffic = Talk().traffic(judged_by)
    monitored = [requirement for requirement in judged_by.registry if is_monitored(requirement)]

    assert {judge(requirement, traffic).exercised for requirement in monitored} == {0}


def test_a_monitor_that_does_not_exist_is_named() -> None:
    requirement = rule("no-such-rule")

    with pytest.raises(UnknownRuleError, match="SAMPLE-NO-SUCH-RULE is judged by monitor:no-such-rule"):
        judge(requirement, Talk().traffic(contract(requirement)))
