"""What tests say of refusals, without taking a fault that belongs to another requirement for their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.client.errors import BlockedError, NotOfferedError, ReservationError
from conformance.contract.outcomes import Outcome, is_said_in_front
from conformance.journal.records import Mismatch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from conformance.contract.contract import Contract
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.gateway import Gateway

ENVELOPE: Final = "BEATRA-ERROR-01"
STAYS_UP: Final = "BEATRA-ERROR-06"
# The statuses of the API reference; every 5xx is in its table too.
_DOCUMENTED_STATUSES: Final = frozenset({200, 202, 400, 401, 403, 404, 409, 429})


def decided(exchange: Exchange) -> int:
    """
    The status with which the target decided about a request.

    Raises:
        NotOfferedError: it did not decide: there was no answer, or too many requests.
        BlockedError: the API failed instead, also when it was asked again. Whether files are delivered is not the
            matter of the rule that the API stays up.
    """
    asked = f"{exchange.request.method} {exchange.request.url}"
    if exchange.response is None:
        sentence = f"there was no answer to {asked}: {exchange.failure}"
        raise NotOfferedError(sentence)
    if exchange.outcome is Outcome.THROTTLED:
        sentence = f"there were too many requests for {asked} to be decided"
        raise NotOfferedError(sentence)
    if is_said_in_front(exchange.status):
        sentence = f"{asked} was answered {exchange.status}, which says that the API could not be reached"
        raise NotOfferedError(sentence)
    if exchange.outcome is Outcome.FAILED and exchange.origin == "target":
        raise BlockedError(STAYS_UP, f"{asked} gave {exchange.status}")
    return exchange.status


def refused_with(exchange: Exchange, *statuses: int, code: str | None = None) -> None:
    """
    The request is refused with one of these statuses, and with this code where one is named.

    Raises:
        Mismatch: it is not.
        NotOfferedError: the target did not decide about it.
        BlockedError: it failed, or the error has no code that could be read.
    """
    asked = f"{exchange.request.method} {exchange.request.url}"
    if decided(exchange) not in statuses:
        wanted = " or ".join(map(str, statuses))
        sentence = f"expected {asked} to be refused with {wanted}, got {exchange.status}"
        raise Mismatch(sentence, exchange.id)
    if code is not None and code_of(exchange) != code:
        sentence = f"expected the code {code!r} for {asked}, got {code_of(exchange)!r:.80}"
        raise Mismatch(sentence, exchange.id)


def code_of(exchange: Exchange) -> str:
    """The code of an error; blocked by the envelope when there is none."""
    code = exchange.get("/error/code")
    if not isinstance(code, str):
        shown = exchange.answer.body.text[:80]
        raise BlockedError(ENVELOPE, f"the {exchange.status} to {exchange.request.url} names no code: {shown!r}")
    return code


def allowed(calls: Iterable[Callable[[], Exchange]]) -> tuple[Exchange, ...]:
    """What came of the calls that may be made with this target's money; the others are left out."""
    exchanges = []
    for call in calls:
        try:
            exchanges.append(call())
        except ReservationError:
            continue
    return tuple(exchanges)


def of_surfaces(exchanges: tuple[Exchange, ...], contract: Contract, surfaces: Collection[str]) -> tuple[Exchange, ...]:
    """The exchanges whose operation is of one of the surfaces (raises `NotOfferedError` where none is)."""
    operations = contract.document.operations
    chosen = tuple(each for each in exchanges if operations[each.operation or ""].surface in surfaces)
    if not chosen:
        raise NotOfferedError("no operation of the surfaces in question was asked for this")
    return chosen


def observe_unlisted(beatra: Gateway, exchanges: Iterable[Exchange]) -> None:
    """Record statuses and codes that no stored table has, and what server faults say about a retry."""
    errors = beatra.account.client.contract.conventions.errors
    listed = errors.codes if errors else {}
    first: dict[tuple[str, str], Exchange] = {}
    for exchange in exchanges:
        if exchange.response is not None:
            for seen in _unlisted(exchange, listed):
                first.setdefault(seen, exchange)
    for (observation_id, text), exchange in first.items():
        beatra.observe(observation_id, text, exchange)


def _unlisted(exchange: Exchange, listed: Collection[str]) -> Iterator[tuple[str, str]]:
    status, code = exchange.status, exchange.get("/error/code")
    if exchange.outcome is Outcome.FAILED:
        retryable = exchange.get("/error/retryable")
        yield "BEATRA-OBS-SERVER-ERROR-RETRYABLE", f"a {status} says retryable {retryable!r:.40}"
    elif status not in _DOCUMENTED_STATUSES:
        yield "BEATRA-OBS-STATUS-TABLE", f"{status} is sent"
    if isinstance(code, str) and code not in listed:
        yield "BEATRA-OBS-ERROR-CODES", f"{code[:80]!r} comes with {status}"
