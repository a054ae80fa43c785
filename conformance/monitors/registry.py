"""All monitors by the names that requirement registries use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from conformance.monitors import charges, errors, request_ids, responses, streams, tasks, wallets
from conformance.monitors.monitor import MonitorResult
from conformance.monitors.responses import conforms, conforms_where_owned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract.requirements import Requirement
    from conformance.monitors.traffic import Traffic


Monitor = Callable[["Requirement", "Traffic"], MonitorResult]


class UnknownRuleError(Exception):
    """A requirement is to be judged by a monitor that does not exist."""


def _of_traffic(rule: Callable[[Traffic], MonitorResult]) -> Monitor:
    """A monitor whose parameters all come from the conventions, whatever requirement asks."""
    return lambda _requirement, traffic: rule(traffic)


MONITORS: Mapping[str, Monitor] = MappingProxyType(
    {
        "envelope": errors.envelope,
        "retryable": _of_traffic(errors.retryable),
        "error-code-table": _of_traffic(errors.error_code_table),
        "error-param": _of_traffic(errors.error_param),
        "request-id-present": _of_traffic(request_ids.request_id_present),
        "request-id-echo": _of_traffic(request_ids.request_id_echo),
        "request-id-unique": _of_traffic(request_ids.request_id_unique),
        "request-id-in-error": _of_traffic(request_ids.request_id_in_error),
        "json-content-type": _of_traffic(responses.json_content_type),
        "no-repeatable-5xx": _of_traffic(responses.no_repeatable_5xx),
        "documented-success-status": responses.documented_success_status,
        "task-states": _of_traffic(tasks.task_states),
        "task-transitions": _of_traffic(tasks.task_transitions),
        "task-terminal-final": _of_traffic(tasks.task_terminal_final),
        "task-id-stable": _of_traffic(tasks.task_id_stable),
        "task-ends": _of_traffic(tasks.task_ends),
        "list-shape": _of_traffic(tasks.list_shape),
        "output-on-success": _of_traffic(tasks.output_on_success),
        "output-only-on-success": _of_traffic(tasks.output_only_on_success),
        "error-on-failure": _of_traffic(tasks.error_on_failure),
        "charge-visible": _of_traffic(charges.charge_visible),
        "amount-format": _of_traffic(charges.amount_format),
        "usd-consistent": _of_traffic(charges.usd_consistent),
        "price": _of_traffic(charges.price),
        "refund-on-failure": _of_traffic(charges.refund_on_failure),
        "refund-on-cancel": _of_traffic(charges.refund_on_cancel),
        "success-keeps-charge": _of_traffic(charges.success_keeps_charge),
        "no-refund-before-end": _of_traffic(charges.no_refund_before_end),
        "refusals-cost-nothing": _of_traffic(wallets.refusals_cost_nothing),
        "ledger": _of_traffic(wallets.ledger),
        "request-price": _of_traffic(charges.request_price),
        "refused-charge": _of_traffic(charges.refused_charge),
        "stream-ends": _of_traffic(streams.stream_ends),
        "conforms": conforms,
    }
)


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
    judged = MONITORS[name](requirement, traffic)
    if judged.findings or not requirement.owns:
        return judged
    owned = conforms_where_owned(requirement, traffic)
    return replace(judged, exercised=judged.exercised + owned.exercised, findings=owned.findings)
