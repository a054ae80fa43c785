"""How far a run with real money has to go until a requirement is judged: budgets and rules say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.money.budget import Tier
from conformance.monitors.registry import MONITORS
from conformance.suite.tiers import tier_of_any_api, tier_of_drawn_requests, tiers_of_tests

if TYPE_CHECKING:
    from conformance.contract.contract import Contract
    from conformance.contract.requirements import Requirement

_OF_SUCCESSES: Final = "documented-success-status"


def tier_of(requirement: Requirement, contract: Contract) -> Tier:
    """The lowest tier of a run with real money in which everything that judges a requirement is carried out."""
    operation = contract.document.operations.get(requirement.operation or "")
    if requirement.generated_kind is not None and operation is not None:
        return tier_of_drawn_requests(contract, operation, requirement.generated_kind)
    if requirement.monitor is not None:
        return _of_monitor(requirement, contract)
    if operation is not None:
        return tier_of_any_api(requirement, contract)
    return tiers_of_tests(contract.system).get(requirement.id, Tier.PAID)


def _of_monitor(requirement: Requirement, contract: Contract) -> Tier:
    if requirement.monitor != _OF_SUCCESSES:
        return MONITORS[requirement.monitor or ""].tier
    owned = (contract.document.operations.get(place.operation or "") for place in requirement.owns)
    return max((tier_of_drawn_requests(contract, each, "accepts") for each in owned if each), default=Tier.READ)
