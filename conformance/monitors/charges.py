"""What a task says it costs, and what becomes of the charge when it ends."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from conformance.accounts.control import advanced_seconds
from conformance.contract.outcomes import Outcome, as_text
from conformance.contract.pricing import amount, readable_amount
from conformance.money.budget import Tier
from conformance.monitors.monitor import (
    ABSENT,
    NOTHING_TO_JUDGE,
    Collector,
    fault_at,
    find,
    is_given,
    json_of,
    rule,
    steps,
    walk,
)
from conformance.monitors.streams import frame_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.conventions import Money, Phase
    from conformance.contract.operations import Price
    from conformance.monitors.answer import Answered
    from conformance.monitors.monitor import Deviation, MonitorResult
    from conformance.monitors.task_histories import Sighting, TaskHistory
    from conformance.monitors.traffic import Traffic


def charges(history: TaskHistory, money: Money) -> Iterator[tuple[Sighting, Decimal]]:
    """Every readable charge that was seen of a task."""
    for sighting in history.sightings:
        charge = amount(sighting.at(money.charged))
        if charge is not None:
            yield sighting, charge


@rule("charge-visible")
def charge_visible(traffic: Traffic) -> MonitorResult:
    """
    A task that runs shows its charge, in credits and as the reference, whenever it is read whole.

    What stands where an object should hold the charge is not the subject of this rule.
    """
    collector = Collector()
    money = traffic.contract.conventions.money
    if money is None:
        return NOTHING_TO_JUDGE
    for sighting in traffic.sightings:
        if not sighting.full or sighting.stored or sighting.state is None or sighting.state.phase != "working":
            continue
        for pointer in filter(None, (money.charged, money.charged_usd)):
            parent = walk(sighting.envelope, steps(pointer)[:-1])
            if is_given(sighting.at(pointer)):
                collector.hold(sighting.id)
            elif isinstance(parent, dict) or not is_given(parent):
                what = f"the charge of a task that is {sighting.state.name!r}"
                collector.fail(sighting.expected(what, pointer), sighting.id)
    return collector.judged()


@rule("amount-format")
def amount_format(traffic: Traffic) -> MonitorResult:
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


@rule("usd-consistent")
def usd_consistent(traffic: Traffic) -> MonitorResult:
    """
    All references in USD of the tasks that a run makes are made at one rate, to within half of their last digits.

    Tasks that were there before, or that other clients made, may be older than the rate.
    """
    collector = Collector()
    money = traffic.contract.conventions.money
    if money is None or not money.credits_per_usd:
        return NOTHING_TO_JUDGE
    pairs = ((money.charged, money.charged_usd), (money.refunded, money.refunded_usd))
    references = [(pointer, reference) for pointer, reference in pairs if reference is not None]
    known: tuple[Decimal, Decimal] | None = None
    for sighting in (sighting for history in _made_by_run(traffic) for sighting in history.sightings):
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


@rule("price")
def price(traffic: Traffic) -> MonitorResult:
    """
    The first charge that is seen of a task is the price of the model that was asked for by name.

    That price is the agreed one, where it is known; else all tasks of a model in an account are to cost the same, as
    published prices do not bind those who agreed on others. A later change of the charge belongs to the rules about
    its end. Models that the target picks itself are not judged, and neither are tasks that the run did not make: they
    may be older than the price.
    """
    collector = Collector()
    money = traffic.contract.conventions.money
    if money is None:
        return NOTHING_TO_JUDGE
    seen: dict[tuple[str, str], Decimal] = {}
    for history in _made_by_run(traffic):
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


@rule("price-of-choice")
def price_of_choice(traffic: Traffic) -> MonitorResult:
    """
    The first charge that is seen of a task whose model the target chose is the price of the model that it names.

    That price is the agreed one, where it is known; else what all tasks cost that the run made in the account and that
    asked for this model by name.
    """
    collector = Collector()
    money = traffic.contract.conventions.money
    if money is None:
        return NOTHING_TO_JUDGE
    named: dict[tuple[str, str], set[Decimal]] = {}
    chosen: list[tuple[Sighting, Decimal, tuple[str, str]]] = []
    for history in _made_by_run(traffic):
        first = next(charges(history, money), None)
        resolved = None if first is None else first[0].at(money.priced_by)
        if first is None or not isinstance(resolved, str) or resolved not in money.prices:
            continue
        requested, kind = _requested_model(history, money), ((history.account or "").partition("/")[2], resolved)
        if requested == resolved:
            named.setdefault(kind, set()).add(first[1])
        elif requested not in money.prices:
            chosen.append((*first, kind))
    for sighting, charge, (tenant, model) in chosen:
        prices = {money.prices[model]} if model in money.agreed else named.get((tenant, model), set())
        due = next(iter(prices), None)
        if charge in prices:
            collector.hold(sighting.id)
        elif due is not None and len(prices) == 1:
            collector.fail(sighting.expected(f"the price {due:f} of {model}, chosen here,", money.charged), sighting.id)
    return collector.judged()


def _rates(paid: Decimal | None, usd: Decimal | None) -> tuple[Decimal, Decimal] | None:
    """The least and the greatest rate by which an amount is shown as so many dollars; None where it shows none."""
    if not paid or not usd or paid < 0 or usd < 0:
        return None
    half_of_last_digit = Decimal(5).scaleb(int(usd.as_tuple().exponent) - 1)
    if usd <= half_of_last_digit:
        return None
    return paid / (usd + half_of_last_digit), paid / (usd - half_of_last_digit)


def _made_by_run(traffic: Traffic) -> Iterator[TaskHistory]:
    """The histories of tasks whose making was seen."""
    return (history for history in traffic.histories if history.creation is not None)


def _requested_model(history: TaskHistory, money: Money) -> str | None:
    """The model that a task was asked of, as it was sent."""
    if history.creation is None:
        return None
    sent = find(json_of(history.creation.answered.exchange.request.body), money.requested_by)
    return sent if isinstance(sent, str) else None


@rule("refund-on-failure")
def refund_on_failure(traffic: Traffic) -> MonitorResult:
    """
    A task that failed was refunded all that it was charged, and no more.

    No document says how soon: a refund that is not whole counts once the task was watched for as long as a task gets to
    end.
    """
    return _refunded(traffic, "failed")


@rule("refund-on-cancel")
def refund_on_cancel(traffic: Traffic) -> MonitorResult:
    """A task that was canceled was refunded all that it was charged, and no more; in the time that a failure gets."""
    return _refunded(traffic, "canceled")


@rule("success-keeps-charge")
def success_keeps_charge(traffic: Traffic) -> MonitorResult:
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


@rule("no-refund-before-end")
def no_refund_before_end(traffic: Traffic) -> MonitorResult:
    """A task that has not ended, and whose cancellation was not requested, shows no refund."""
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


def _refunded(traffic: Traffic, phase: Phase) -> MonitorResult:
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
        elif due is None or shown > due or _was_watched(traffic, history, last):
            what = f"the refund of {'the charge' if due is None else f'{due:f}'}"
            collector.fail(last.expected(what, money.refunded), last.id)
    return collector.judged()


def _ended(traffic: Traffic, phase: Phase) -> list[TaskHistory]:
    return [history for history in traffic.histories if history.end and history.end.phase == phase]


def _last_word(history: TaskHistory, money: Money) -> Sighting | None:
    """
    The last sighting of an ended task that can show a refund.

    No document says how soon a refund shows. The answer to the cancellation itself, and a list, which may be
    brief, therefore count only where they show one; earlier readings are not judged.
    """
    sightings = (
        sighting
        for sighting in reversed(history.live)
        if sighting.state is history.end and (sighting.via == "get" or is_given(sighting.at(money.refunded)))
    )
    return next(sightings, None)


def _was_watched(traffic: Traffic, history: TaskHistory, last: Sighting) -> bool:
    """
    Whether a task was seen again as long after its end as a task gets to end, by the target's clock.

    The part of the target that pays back may follow another clock than the one that was advanced, so some real seconds
    have to be among them.
    """
    tasks = traffic.contract.conventions.tasks
    wanted = tasks.polling.timeout_seconds if tasks else 0.0
    first = next(sighting for sighting in history.live if sighting.state is history.end)
    real = (last.sent_at - first.received_at).total_seconds()
    advanced = advanced_seconds(traffic.recording, history.account, first.received_at, last.sent_at)
    return real + advanced >= wanted and real >= min(wanted, traffic.least_watched_seconds)


def _shows_money(sighting: Sighting, money: Money) -> bool:
    return sighting.full or any(is_given(sighting.at(pointer)) for pointer in (money.charged, money.refunded))


def _charge_before_end(history: TaskHistory, money: Money) -> Decimal | None:
    """The last charge that was seen while the task went on."""
    seen = [charge for s, charge in charges(history, money) if s.state is not None and not s.state.terminal]
    return seen[-1] if seen else None


def _keeping_fault(sighting: Sighting, before: Decimal | None, money: Money) -> Deviation | None:
    if amount(sighting.at(money.refunded)):
        return sighting.expected("no refund of a task that succeeded", money.refunded)
    kept = amount(sighting.at(money.charged))
    if before is not None and kept is not None and kept != before:
        return sighting.expected(f"the charge of {before:f} to stay", money.charged)
    return None


@rule("request-price")
def request_price(traffic: Traffic) -> MonitorResult:
    """
    The charge that the answer to an accepted request shows is the price of the request.

    Requests without a stated price are not judged, nor are answers that show no amount.
    """
    collector = Collector()
    for answered, price, shown in _shown_charges(traffic):
        charge, due = readable_amount(shown), _due(answered, price)
        if answered.exchange.interpretation.outcome is not Outcome.ACCEPTED or charge is None or due is None:
            continue
        holds = charge == due
        collector.decide(None if holds else _fault(answered, price, f"the price {due:f}", shown), answered.id)
    return collector.judged()


@rule("refused-charge", Tier.FREE)
def refused_charge(traffic: Traffic) -> MonitorResult:
    """The answer to a request that was refused shows no charge."""
    collector = Collector()
    for answered, price, shown in _shown_charges(traffic):
        charge = readable_amount(shown)
        if not answered.exchange.interpretation.outcome.refusal or charge is None:
            continue
        collector.decide(None if charge <= 0 else _fault(answered, price, "no charge", shown), answered.id)
    return collector.judged()


def _shown_charges(traffic: Traffic) -> Iterator[tuple[Answered, Price, object]]:
    """The answers to priced operations, with what stands at the place of the charge."""
    pricing = traffic.contract.conventions.pricing
    for operation, price in pricing.operations.items() if pricing else ():
        for answered in traffic.answers_to(operation) if price.charged else ():
            yield answered, price, _charge(answered, price.charged or "")


def _charge(answered: Answered, pointer: str) -> object:
    """What an answer shows at the place of its charge; the last frame that shows it, where it is a stream."""
    if answered.response.frames is None:
        return answered.at(pointer)
    shown = (find(value, pointer) for _, value in reversed(list(frame_values(answered))))
    return next(filter(is_given, shown), ABSENT)


def _due(answered: Answered, price: Price) -> Decimal | None:
    """The price of the request, None where no document states it."""
    if price.by is None:
        return price.amount
    sent = find(json_of(answered.exchange.request.body), price.by)
    return price.table.get(as_text(sent)) if is_given(sent) else None


def _fault(answered: Answered, price: Price, what: str, shown: object) -> Deviation:
    return fault_at(price.charged or "", answered.label, what, shown)
