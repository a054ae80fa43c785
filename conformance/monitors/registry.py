"""All monitors by the names that requirement registries use."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from conformance.monitors import charges, errors, request_ids, responses, streams, tasks, wallets
from conformance.monitors.monitor import RULES, MonitoredRule
from conformance.monitors.responses import conforms_where_owned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract.requirements import Requirement
    from conformance.monitors.monitor import MonitorResult
    from conformance.monitors.traffic import Traffic


class UnknownRuleError(Exception):
    """A requirement is to be judged by a monitor that does not exist."""


# The modules in which rules are declared; to be imported is all that they need.
_DECLARING: Final = (charges, errors, request_ids, responses, streams, tasks, wallets)
MONITORS: Final[Mapping[str, MonitoredRule]] = MappingProxyType(RULES)


def is_monitored(requirement: Requirement) -> bool:
    """Whether a monitor judges the requirement: one that it names, or the one for derived requirements."""
    return requirement.monitor is not None or requirement.generated_kind in MONITORS


def judge(requirement: Requirement, traffic: Traffic) -> MonitorResult:
    """
    What the requirement's monitor says about a run.

    Where the monitor finds nothing wrong, the schema of the document is asked about the places that the
    requirement owns: no other requirement judges them.

    Raises:
        UnknownRuleError: the requirement names no monitor that exists.
    """
    name = requirement.monitor or requirement.generated_kind or ""
    if name not in MONITORS:
        raise UnknownRuleError(f"{requirement.id} is judged by {requirement.judged_by}, which does not exist.")
    known = MONITORS[name]
    judged = known.function(requirement, traffic) if known.of_requirement else known.function(traffic)
    if judged.findings or not requirement.owns:
        return judged
    owned = conforms_where_owned(requirement, traffic)
    return replace(judged, exercised=judged.exercised + owned.exercised, findings=owned.findings)
