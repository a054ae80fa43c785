"""Whether an answer says anything about the request that it is an answer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.client.errors import UnansweredError
from conformance.contract.outcomes import Outcome

if TYPE_CHECKING:
    from conformance.journal.records import Exchange


def decided(exchange: Exchange) -> Exchange:
    """
    The exchange, if its answer decides about the request.

    Raises:
        UnansweredError: it was throttled, could not be paid, met a fault of the server, or got no answer.
    """
    return _answered(exchange, exchange.outcome.decisive)


def decided_or_unpaid(exchange: Exchange) -> Exchange:
    """The same where the balance is what a request is about: a refusal for its price decides as well."""
    return _answered(exchange, exchange.outcome.decisive or exchange.outcome is Outcome.UNPAID)


def _answered(exchange: Exchange, tells: bool) -> Exchange:  # noqa: FBT001 - the one question about it
    asked = f"{exchange.request.method} {exchange.request.url}"
    if exchange.response is None:
        raise UnansweredError(f"{asked} was not answered: {exchange.failure}")
    if not tells:
        raise UnansweredError(f"{asked} was answered {exchange.summary}")
    return exchange
