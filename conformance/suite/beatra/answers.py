"""What answers decide: whether a request was taken, refused or not offered, each fault left to its own requirement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError, NotOfferedError, ReservationError
from conformance.contract.contract import load_contract
from conformance.contract.outcomes import Outcome, is_said_in_front
from conformance.contract.requirements import derived_id
from conformance.journal.records import Mismatch
from conformance.suite.beatra.gateway import CREATES, CREATES_FROM_REFERENCE, UPLOADS, is_accepted, solvent
from conformance.suite.refusals import is_lacking, named_in

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from conformance.contract.contract import Contract
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.gateway import Gateway


ENVELOPE: Final = "BEATRA-ERROR-01"
STAYS_UP: Final = "BEATRA-ERROR-06"
# The statuses of the API reference; every 5xx is in its table too.
_DOCUMENTED_STATUSES: Final = frozenset({200, 202, 400, 401, 403, 404, 409, 429})
_OWNERS: Final = {
    "createTextToMusic": CREATES,
    "createReferenceAudioToMusic": CREATES_FROM_REFERENCE,
    "createUpload": UPLOADS,
}
_CONVENTIONS: Final = load_contract("beatra").conventions
# One of these says that the key was refused, or that nothing is there: it says nothing about what was sent.
_CLOSED: Final = frozenset({401, 403, 404, 405, 501})


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


def taken(exchange: Exchange) -> None:
    """
    The request is accepted.

    Raises:
        Mismatch: it is refused for what was sent.
        BlockedError: the operation can't be used at all, or fails.
        NotOfferedError: the target did not decide, or the account could not pay or lacks the model.
    """
    _open(exchange)
    available(exchange)
    if not exchange.accepted:
        shown = exchange.answer.body.text[:200]
        raise Mismatch(f"expected the request to be accepted, got {exchange.status}: {shown}", exchange.id)


def available(exchange: Exchange) -> Exchange:
    """
    The exchange, unless the model that it names is none of the account's.

    Raises:
        NotOfferedError: it is not.
    """
    if lacks_model(exchange):
        raise NotOfferedError(f"the account has no {named_in(exchange, _CONVENTIONS)!r:.40} for this operation")
    return exchange


def refused(exchange: Exchange) -> None:
    """
    The request is refused for what was sent, with whatever status of a client's fault.

    Raises:
        Mismatch: it is not refused.
        BlockedError: the operation can't be used at all, or fails.
        NotOfferedError: the target did not decide, or the account could not pay.
    """
    _open(exchange)
    if not is_refusal(exchange):
        raise Mismatch(f"expected the request to be refused, got {exchange.status}", exchange.id)


def lacks_model(exchange: Exchange) -> bool:
    """Whether a model is refused that the account may not have: which it has is a matter of agreement."""
    return is_lacking(exchange, _CONVENTIONS)


def is_refusal(exchange: Exchange) -> bool:
    """Whether the answer puts the blame on the request."""
    return exchange.response is not None and 400 <= exchange.status < 500


def _open(exchange: Exchange) -> None:
    status = decided(exchange)
    solvent(exchange)
    if status in _CLOSED:
        owner = _OWNERS[exchange.operation or ""]
        raise BlockedError(owner, f"{exchange.request.method} {exchange.request.url} gave {status}")


def tried(beatra: Gateway, body: Mapping[str, Any]) -> Exchange:
    """Ask for music, from reference audio where the body has some; a task that comes of it is cancelled at once."""
    create = beatra.create_from_reference if "reference_audio" in body else beatra.create_music
    exchange = create(body)
    if is_accepted(exchange):
        beatra.end_task(exchange.string("/task_id"))
    return exchange


def reached(exchange: Exchange) -> Exchange:
    """
    The exchange, if it is a success.

    Raises:
        NotOfferedError: the target did not decide, or could not be reached.
        BlockedError: it failed, or refused what its operation should accept.
    """
    decided(exchange)
    if not exchange.accepted:
        owner = derived_id("beatra", exchange.operation or "", "accepts")
        asked = f"{exchange.request.method} {exchange.request.url}"
        raise BlockedError(owner, f"{asked} gave {exchange.summary}")
    return exchange
