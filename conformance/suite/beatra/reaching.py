"""Answers of operations that a deployment may lack: what is not there, or is not at its best, decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.client.errors import BlockedError
from conformance.contract.requirements import derived_id
from conformance.suite.beatra.refusals import decided

if TYPE_CHECKING:
    from conformance.journal.records import Exchange


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
