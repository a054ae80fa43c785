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
    A task that runs shows its charge, in credits and as the reference, whenever it is read whole.

    What stands where an object should hold the charge is no matter of this rule.
    """
    collector = Collector()
    money = traffic.contract.conventions.money
    if money is None:
        return NOTHING_TO_JUDGE
    for sighting in traffic.sightings:
        if not sighting.full or sighting.stored or sighting.state is None or sighting.state.phase != "working":
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
    """Every amount in the system's unit is a decimal number in a string; references in USD are for display only."""
    collector = Collector()
    money = traffic.contract.conventions.money
    if money is None:
        return NOTHING_TO_JUDGE
    for sighting in traffic.sightings:
        for pointer in (money.charged, money.refunded):
            value = sighting.at(pointer)
            if amount(value) is not None:
                collector.hold(sighting.id)
            elif is_given(value):
                collector.fail(sighting.expected("a decimal number in a string", pointer), sighting.id)
    return collector.judged()


def usd_consistent(traffic: Traffic) -> Judged:
    """All references in USD that a run sees are made at one rate, to within half of their last digits."""
    collector = Collector()
    money = traffic.contract.conventions.money
    if money is None or not money.credits_per_usd:
        return NOTHING_TO_JUDGE
    pairs = ((money.charged, money.charged_usd), (money.refunded, money.refunded_usd))
    references = [(pointer, reference) for pointer, reference in pairs if reference is not None]
    known: tuple[Decimal, Decimal] | None = None
    for sighting in traffic.sightings:
        for pointer, reference in references:
            rates = _rates(amount(sighting.at(pointer)), amount(sighting.at(reference)))
            if rates is None:
                continue
            common = rates if known is None else (max(known[0], rates[0]), min(known[1], rates[1]))
            if common[0] <= common[1]:
                known = common
                collector.hold(sighting.id)
            elif known is not None:
                what = (
                    f"a reference at the rate of those before, {known[0]:.2f} to {known[1]:.2f} {money.unit} a dollar,"
                )
                collector.fail(sighting.expected(what, reference), sighting.id)
    return collector.judged()


def price(traffic: Traffic) -> Judged:
    """
    The first charge that is seen of a task is the price of the model that was asked for by name.

    That price is the agreed one, where it is known; else all tasks of a model in an account are to cost the same, as
    published prices do not bind those who agreed on others. A later change of the charge belongs to the rules about
    its end. Models that the target picks itself are not judged.
    """
    collector = Collector()
    money = traffic.contract.conventions.money
    if money is None:
        return NOTHING_TO_JUDGE
    seen: dict[tuple[str, str], Decimal] = {}
    for history in traffic.histories:
        model = _requested_model(history, money)
        first = next(charges(history, money), None)
        if model not in money.prices or model is None or first is None:
            continue
        sighting, charge = first
        agreed = model in money.agreed
        # Another tenant may have agreed on something else.
        tenant = (history.account or "").partition("/")[2]
        due = money.prices[model] if agreed else seen.setdefault((tenant, model), charge)
        if charge == due:
            collector.hold(sighting.id)
        else:
            words = "price" if agreed else "flat price that was seen before,"
            collector.fail(sighting.expected(f"the {words} {due:f} of {model}", money.charged), sighting.id)
    return collector.judged()


def _rates(paid: Decimal | None, usd: Decimal | None) -> tuple[Decimal, Decimal] | None:
    """The least and the greatest rate by which an amount is shown as so many dollars; None where it shows none."""
    if not paid or not usd or paid < 0 or usd < 0:
        return None
    half_of_last_digit = Decimal(5).scaleb(int(usd.as_tuple().exponent) - 1)
    if usd <= half_of_last_digit:
        return None
    return paid / (usd + half_of_last_digit), paid / (usd - half_of_last_digit)


def _requested_model(history: TaskHistory, money: Money) -> str | None:
    """The model that a task was asked of: as it was sent where the run created the task, else as it is shown."""
    for sighting in history.sightings:
        if sighting.via == "create":
            sent = find(json_of(sighting.answered.exchange.request.body), money.requested_by)
            return sent if isinstance(sent, str) else None
    shown = (sighting.at(money.requested_by) for sighting in history.sightings)
    return next((model for model in shown if isinstance(model, str)), None)
