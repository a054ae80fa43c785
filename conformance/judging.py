"""What the monitors find in traffic, and what it spent, as verdicts have it: traffic of a run, or of others."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from conformance.money.charges import ChargeReader
from conformance.monitors.registry import is_monitored, judge
from conformance.monitors.wallets import bill_of
from conformance.verdicts.model import Evidence, RequirementOutcome, Spend, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.contract.contract import Contract
    from conformance.contract.requirements import Requirement
    from conformance.monitors.monitor import Finding
    from conformance.monitors.traffic import Traffic

MONITORS_FILE: Final = "conformance/monitors"
_SHOWN_FINDINGS: Final = 3


def monitored_by(contract: Contract, traffic: Traffic) -> list[RequirementOutcome]:
    """What the monitors say."""
    said = (_outcome(requirement, traffic) for requirement in contract.registry if is_monitored(requirement))
    return [outcome for outcome in said if outcome is not None]


def _outcome(requirement: Requirement, traffic: Traffic) -> RequirementOutcome | None:
    judged = judge(requirement, traffic)
    name = f"{MONITORS_FILE}::{requirement.id}"
    if judged.findings:
        shown = _telling(requirement, judged.findings, traffic)[:_SHOWN_FINDINGS]
        more = len(judged.findings) - len(shown)
        reason = "; ".join(finding.sentence for finding in shown) + (f"; and {more} more" if more else "")
        evidence = tuple(_evidence(exchange, finding) for finding in shown for exchange in finding.exchanges)
        return RequirementOutcome(requirement.id, Verdict.FAIL, name, reason, evidence)
    if judged.exercised:
        return RequirementOutcome(
            requirement.id, Verdict.PASS, name, "", tuple(Evidence(exchange) for exchange in judged.witnesses)
        )
    return None


def _telling(requirement: Requirement, findings: Sequence[Finding], traffic: Traffic) -> Sequence[Finding]:
    """The findings, of a rule on all answers those on successes first: what an operation is for matters most."""
    if requirement.concern != "answer":
        return findings
    recording = traffic.recording

    def on_success(finding: Finding) -> bool:
        return any(shown.accepted for shown in map(recording.exchange, finding.exchanges) if shown is not None)

    return sorted(findings, key=lambda finding: not on_success(finding))


def _evidence(exchange: str, finding: Finding) -> Evidence:
    return Evidence(exchange, locations=(finding.locations[exchange],) if exchange in finding.locations else ())


def spend_of(contract: Contract, traffic: Traffic, *, play: bool) -> Spend | None:
    """What was charged and refunded in the run, as the target itself says; None where there is no money."""
    conventions = contract.conventions
    if conventions.pricing is None:
        return None
    money, sightings = conventions.money, ChargeReader(conventions)
    histories = traffic.histories if money and conventions.tasks else ()
    bills = [bill_of(history, money) for history in histories if money]
    spent = [exchange for exchange in traffic.recording.exchanges if sightings.is_spent(exchange)]
    at_once = [sightings.charge_shown(exchange) for exchange in spent]
    return Spend(
        unit=conventions.pricing.unit,
        debited=sum((charged or Decimal(0) for charged in (*(bill.charged for bill in bills), *at_once)), Decimal(0)),
        refunded=sum((bill.refunded for bill in bills), Decimal(0)),
        cap=None if play else Decimal(0),
        play=play,
    )
