"""How a function becomes a rule that requirements name: `judged_by: monitor:<name>`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from conformance.money.budget import Tier

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.monitors.monitor import MonitorResult

F = TypeVar("F", bound="Callable[..., MonitorResult]")


class DuplicateRuleError(Exception):
    """Two functions are to be the rule of one name."""


@dataclass(frozen=True, slots=True)
class MonitoredRule:
    """
    A rule over all traffic, and the lowest tier of a run with real money in which there is anything to judge by it.

    `of_requirement` says that the function is given the requirement before the traffic, as it depends on what the
    requirement owns; other rules take all that they need from the conventions.
    """

    function: Callable[..., MonitorResult]
    tier: Tier
    of_requirement: bool


RULES: Final[dict[str, MonitoredRule]] = {}


def rule(name: str, tier: Tier = Tier.PAID, *, of_requirement: bool = False) -> Callable[[F], F]:
    """
    Make a function the rule of this name.

    Raises:
        DuplicateRuleError: another function is.
    """

    def decorate(function: F) -> F:
        if name in RULES:
            raise DuplicateRuleError(f"There are two rules of the name {name}.")
        RULES[name] = MonitoredRule(function, tier, of_requirement)
        return function

    return decorate
