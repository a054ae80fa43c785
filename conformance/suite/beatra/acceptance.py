"""Whether the gateway took a request or refused it, without taking a fault of another requirement for one of this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.contract.contract import load_contract
from conformance.journal.records import Mismatch
from conformance.suite.beatra.gateway import CREATES, CREATES_FROM_REFERENCE, UPLOADS, is_accepted, solvent
from conformance.suite.beatra.refusals import decided
from conformance.suite.refusals import is_lacking, named_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.journal.records import Exchange
    from conformance.suite.beatra.gateway import Gateway

_OWNERS: Final = {
    "createTextToMusic": CREATES,
    "createReferenceAudioToMusic": CREATES_FROM_REFERENCE,
    "createUpload": UPLOADS,
}
_CONVENTIONS: Final = load_contract("beatra").conventions
# One of these says that the key was refused, or that nothing is there: it says nothing about what was sent.
_CLOSED: Final = frozenset({401, 403, 404, 405, 501})


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
        beatra.cancel(exchange.string("/task_id"))
    return exchange
