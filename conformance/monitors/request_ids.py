"""The header that correlates a request with its response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.journal.records import Location
from conformance.money.budget import Tier
from conformance.monitors.errors import enveloped
from conformance.monitors.monitor import NOTHING_TO_JUDGE, Collector, Deviation, is_given, rule, show

if TYPE_CHECKING:
    from conformance.contract.conventions import RequestIds
    from conformance.monitors.answer import Answered
    from conformance.monitors.monitor import MonitorResult
    from conformance.monitors.traffic import Traffic


@rule("request-id-present", Tier.READ)
def request_id_present(traffic: Traffic) -> MonitorResult:
    """Every response carries a request id."""
    collector = Collector()
    convention = traffic.contract.conventions.request_id
    if convention is None:
        return NOTHING_TO_JUDGE
    for answered in traffic.spoken:
        if answered.header(convention.header):
            collector.hold(answered.id)
        else:
            sentence = f"expected the header {convention.header} in {answered.label}, got nothing"
            collector.fail(Deviation(sentence, Location("header", convention.header, "an id", "nothing")), answered.id)
    return collector.judged()


@rule("request-id-echo", Tier.READ)
def request_id_echo(traffic: Traffic) -> MonitorResult:
    """An id of the client's own comes back unchanged; only ids of an unobjectionable form are judged."""
    collector = Collector()
    convention = traffic.contract.conventions.request_id
    if convention is None:
        return NOTHING_TO_JUDGE
    for answered in traffic.spoken:
        shown = answered.header(convention.header)
        sent = _sent_id(answered, convention)
        if shown and sent is not None:
            if shown == sent:
                collector.hold(answered.id)
            else:
                what = f"{show(sent)} back in the header {convention.header} of {answered.label}"
                place = Location("header", convention.header, show(sent), show(shown))
                collector.fail(Deviation(f"expected {what}, got {show(shown)}", place), answered.id)
    return collector.judged()


@rule("request-id-unique", Tier.READ)
def request_id_unique(traffic: Traffic) -> MonitorResult:
    """Ids that the target makes, because the client sent none, differ from one another."""
    collector = Collector()
    convention = traffic.contract.conventions.request_id
    if convention is None:
        return NOTHING_TO_JUDGE
    first: dict[str, Answered] = {}
    for answered in traffic.spoken:
        made = answered.header(convention.header)
        if not made or answered.exchange.request.headers.get(convention.header) is not None:
            continue
        earlier = first.setdefault(made, answered)
        if earlier is not answered:
            place = f"the header {convention.header} of {answered.label}"
            sentence = f"expected an id of its own in {place}, got {show(made)} as in {earlier.label}"
            own = Location("header", convention.header, "an id of its own", show(made))
            collector.fail(Deviation(sentence, own), earlier.id, answered.id)
        elif len(first) > 1:
            collector.hold(answered.id)
    return collector.judged()


@rule("request-id-in-error", Tier.READ)
def request_id_in_error(traffic: Traffic) -> MonitorResult:
    """
    A request id inside an error envelope is the one of the response header.

    Documents show envelopes without it, so its absence is no fault. Where the header itself is absent or is no
    echo of what was sent, the rules about the header judge.
    """
    collector = Collector()
    convention = traffic.contract.conventions.request_id
    if convention is None:
        return NOTHING_TO_JUDGE
    for answered, errors in enveloped(traffic):
        pointer = errors.request_id
        if pointer is None or not is_given(answered.at(pointer)):
            continue
        shown = answered.header(convention.header)
        sent = _sent_id(answered, convention)
        if shown and (sent is None or sent == shown):
            if answered.at(pointer) == shown:
                collector.hold(answered.id)
            else:
                what = f"the id of the header {convention.header}, {show(shown)},"
                collector.fail(answered.expected(what, pointer), answered.id)
    return collector.judged()


def _sent_id(answered: Answered, convention: RequestIds) -> str | None:
    """The one id that the request carried, if it has the form of ids that must come back."""
    sent = answered.exchange.request.headers.all(convention.header)
    return sent[0] if len(sent) == 1 and convention.echoed.fullmatch(sent[0]) else None
