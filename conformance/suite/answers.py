"""Whether an answer says anything about the request that it is an answer to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.client.errors import UnansweredError

if TYPE_CHECKING:
    from conformance.journal.records import Exchange

_PAYMENT_REQUIRED: Final = 402
_TOO_MANY: Final = 429
_SERVER_FAULT: Final = 500


def decided(exchange: Exchange) -> Exchange:
    """The exchange, if its answer decides about the request; raises `UnansweredError` for 402, 429, 5xx and none."""
    if exchange.response is None:
        raise UnansweredError(f"{exchange.request.method} {exchange.request.url} was not answered: {exchange.failure}")
    if exchange.status in (_PAYMENT_REQUIRED, _TOO_MANY) or exchange.status >= _SERVER_FAULT:
        raise UnansweredError(f"{exchange.request.method} {exchange.request.url} was answered {exchange.status}")
    return exchange
