"""What a task says it costs: that it says so, in which form, and whether it is the documented price."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from conformance.contract.amounts import amount
from conformance.monitors.base import NOTHING_TO_JUDGE, Collector
from conformance.monitors.places import find, is_given, json_of, steps, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.conventions import Money
    from conformance.monitors.base import Judged
    from conformance.monitors.histories import Sighting, TaskHistory
    from conformance.monitors.traffic import Traffic


def amount_pointers(money: Money) -> tuple[str, ...]:
    """Every place of a task's envelope that holds an amount."""
    return tuple(filter(None, (money.charged, money.refunded, money.charged_usd, money.refunded_usd)))


def charges(history: TaskHistory, money: Money) -> Iterator[tuple[Sighting, Decimal]]:
    """Every readable charge that was seen of a task."""
    for sighting in history.sightings:
        charge = amount(sighting.at(money.charged))
        if charge is not None:
            yield sighting, charge


def charge_visible(traffic: Traffic) -> Judged:
    """
    A task that has not ended shows its charge, in credits and as the reference, whenever it is read whole.

    What stands where an object should hold the charge is no matter of this rule.
    """
    collector = Collector()
    money = traffic.contract.conventions.money
    if money is None:
        return NOTHING_TO_JUDGE
    for sighting in traffic.sightings:
        if not sighting.full or sighting.stored or sighting.state is None or sighting.state.terminal:
            continue
        for pointer in filter(None, (money.charged, money.charged_usd)):
            holder = walk(sighting.envelope, steps(pointer)[:-1])
            if is_given(sighting.at(pointer)):
                collector.hold(sighting.id)
            elif isinstance(holder, dict) or not is_given(holder):
                what = f"the charge of a task that is {sighting.state.name!r}"
                collector.fail(sighting.expected(what, pointer), sighting.id)
    return collector.judged()


def amount_format(traffic: Traffic) -> Judged:
    """Every amount that a task shows is a decimal number in a string."""
    collector = Collector()
    money = traffic.contract.conventions.money
    if money is None:
        return NOTHING_TO_JUDGE
    pointers = amount_pointers(money)
    for sighting in traffic.sightings:
        for pointer in pointers:
            value = sighting.at(pointer)
            if amount(value) is not None:
                collector.hold(sighting.id)
            elif is_given(value):
                collector.fail(sighting.expected("a decimal number in a string", pointer), sighting.id)
    return collector.judged()


def usd_consistent(traffic: Traffic) -> Judged:
    """A reference in USD is the amount at the documented rate, to within half of its last digit."""
    collector = Collector()
    money = traffic.contract.conventions.money
    if money is None or not money.credits_per_usd:
        return NOTHING_TO_JUDGE
    pairs = ((money.charged, money.charged_usd), (money.refunded, money.refunded_usd))
    references = [(pointer, reference) for pointer, reference in pairs if reference is not None]
    for sighting in traffic.sightings:
        for pointer, reference in references:
            paid, usd = amount(sighting.at(pointer)), amount(sighting.at(reference))
            if paid is None or usd is None:
                continue
            if _agree(paid, usd, money.credits_per_usd):
                collector.hold(sighting.id)
            else:
                what = f"{paid:f} {money.unit} at {money.credits_per_usd:f} for a dollar"
                collector.fail(sighting.expected(what, reference), sighting.id)
    return collector.judged()


def price(traffic: Traffic) -> Judged:
    """
    The first charge that is seen of a task is the price of the model that was asked for by name.

    A later change of the charge belongs to the rules about its end. Models without a documented price, and those
    that the target picks itself, are not judged.
    """
    collector = Collector()
    money = traffic.contract.conventions.money
    if money is None:
        return NOTHING_TO_JUDGE
    for history in traffic.histories:
        model = _requested_model(history, money)
        due = None if model is None else money.prices.get(model)
        first = next(charges(history, money), None)
        if due is None or first is None:
            continue
        sighting, charge = first
        if charge == due:
            collector.hold(sighting.id)
        else:
            collector.fail(sighting.expected(f"the price {due:f} of {model}", money.charged), sighting.id)
    return collector.judged()


def _agree(paid: Decimal, usd: Decimal, rate: Decimal) -> bool:
    half_of_last_digit = Decimal(5).scaleb(int(usd.as_tuple().exponent) - 1)
    return abs(usd * rate - paid) <= half_of_last_digit * rate


def _requested_model(history: TaskHistory, money: Money) -> str | None:
    """The model that a task was asked of: as it was sent where the run created the task, else as it is shown."""
    for sighting in history.sightings:
        if sighting.via == "create":
            sent = find(json_of(sighting.answered.exchange.request.body), money.requested_by)
            return sent if isinstance(sent, str) else None
    shown = (sighting.at(money.requested_by) for sighting in history.sightings)
    return next((model for model in shown if isinstance(model, str)), None)
