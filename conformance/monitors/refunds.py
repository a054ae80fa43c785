"""What happens to a charge when a task ends: refunded whole on failure and cancellation, kept on success."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from conformance.client.control import advanced_seconds
from conformance.contract.amounts import amount
from conformance.monitors.amounts import charges
from conformance.monitors.base import NOTHING_TO_JUDGE, Collector
from conformance.monitors.places import is_given

if TYPE_CHECKING:
    from conformance.contract.conventions import Money, Phase
    from conformance.monitors.base import Judged
    from conformance.monitors.faults import Complaint
    from conformance.monitors.histories import Sighting, TaskHistory
    from conformance.monitors.traffic import Traffic


def refund_on_failure(traffic: Traffic) -> Judged:
    """
    A task that failed was refunded all that it was charged, and no more.

    No document says how soon: a refund that is not whole counts once the task was watched for as long as a task gets to
    end.
    """
    return _refunded(traffic, "failed")


def refund_on_cancel(traffic: Traffic) -> Judged:
    """A task that was canceled was refunded all that it was charged, and no more; in the time that a failure gets."""
    return _refunded(traffic, "canceled")


def success_keeps_charge(traffic: Traffic) -> Judged:
    """A task that succeeded keeps its charge as it was and shows no refund."""
    collector = Collector()
    money = traffic.contract.conventions.money
    if money is None:
        return NOTHING_TO_JUDGE
    for history in _ended(traffic, "succeeded"):
        before = _charge_before_end(history, money)
        for sighting in history.live:
            if sighting.state is history.end and _shows_money(sighting, money):
                collector.decide(_keeping_fault(sighting, before, money), sighting.id)
    return collector.judged()


def no_refund_before_end(traffic: Traffic) -> Judged:
    """A task that has not ended, and that nobody asked to cancel, shows no refund."""
    collector = Collector()
    money = traffic.contract.conventions.money
    if money is None:
        return NOTHING_TO_JUDGE
    for history in traffic.histories:
        canceled_at = min((s.sent_at for s in history.sightings if s.via == "cancel"), default=None)
        for sighting in history.sightings:
            before_cancel = canceled_at is None or sighting.received_at < canceled_at
            waits = sighting.state is not None and not sighting.state.terminal
            if waits and before_cancel and _shows_money(sighting, money):
                if amount(sighting.at(money.refunded)):
                    what = "no refund of a task that has not ended"
                    collector.fail(sighting.expected(what, money.refunded), sighting.id)
                else:
                    collector.hold(sighting.id)
    return collector.judged()


def _refunded(traffic: Traffic, phase: Phase) -> Judged:
    collector = Collector()
    money = traffic.contract.conventions.money
    if money is None:
        return NOTHING_TO_JUDGE
    for history in _ended(traffic, phase):
        last = _last_word(history, money)
        due = max((charge for _, charge in charges(history, money)), default=None)
        refund = None if last is None else last.at(money.refunded)
        if last is None or (is_given(refund) and (amount(refund) is None or due is None)):
            continue
        shown = amount(refund) or Decimal(0)
        if due == shown:
            collector.hold(last.id)
        elif due is None or shown > due or _watched_seconds(traffic, history, last) >= _time_for_refunds(traffic):
            what = f"the refund of {'the charge' if due is None else f'{due:f}'}"
            collector.fail(last.expected(what, money.refunded), last.id)
    return collector.judged()


def _ended(traffic: Traffic, phase: Phase) -> list[TaskHistory]:
    return [history for history in traffic.histories if history.end and history.end.phase == phase]


def _last_word(history: TaskHistory, money: Money) -> Sighting | None:
    """
    The last sighting of an ended task that can tell about a refund.

    No document says how soon a refund shows. The answer to the cancellation itself, and a list, which may be
    brief, therefore count only where they show one; earlier readings are not judged.
    """
    telling = (
        sighting
        for sighting in reversed(history.live)
        if sighting.state is history.end and (sighting.via == "get" or is_given(sighting.at(money.refunded)))
    )
    return next(telling, None)


def _time_for_refunds(traffic: Traffic) -> float:
    tasks = traffic.contract.conventions.tasks
    return tasks.polling.timeout_seconds if tasks else 0.0


def _watched_seconds(traffic: Traffic, history: TaskHistory, last: Sighting) -> float:
    """For how long the end of a task was known when it was seen last, by the clock that was moved as well."""
    first = next(sighting for sighting in history.live if sighting.state is history.end)
    advanced = advanced_seconds(traffic.recording, history.account, first.received_at, last.sent_at)
    return (last.sent_at - first.received_at).total_seconds() + advanced


def _shows_money(sighting: Sighting, money: Money) -> bool:
    return sighting.full or any(is_given(sighting.at(pointer)) for pointer in (money.charged, money.refunded))


def _charge_before_end(history: TaskHistory, money: Money) -> Decimal | None:
    """The last charge that was seen while the task went on."""
    seen = [charge for s, charge in charges(history, money) if s.state is not None and not s.state.terminal]
    return seen[-1] if seen else None


def _keeping_fault(sighting: Sighting, before: Decimal | None, money: Money) -> Complaint | None:
    if amount(sighting.at(money.refunded)):
        return sighting.expected("no refund of a task that succeeded", money.refunded)
    kept = amount(sighting.at(money.charged))
    if before is not None and kept is not None and kept != before:
        return sighting.expected(f"the charge of {before:f} to stay", money.charged)
    return None
