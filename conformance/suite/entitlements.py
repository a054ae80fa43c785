"""What an account may lack by agreement: a request that is refused for it decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonpointer import resolve_pointer

from conformance.journal.records import Mismatch

if TYPE_CHECKING:
    from conformance.contract.conventions import Conventions
    from conformance.journal.records import Exchange


def is_lacking(exchange: Exchange, conventions: Conventions) -> bool:
    """Whether a request was refused because the account lacks what it names, which not every account has."""
    entitlements = conventions.entitlements
    if entitlements is None or exchange.interpretation.code != entitlements.code or not exchange.outcome.error:
        return False
    errors = conventions.shape(exchange.interpretation)
    row = None if errors is None else errors.codes.get(entitlements.code)
    if row is not None and not row.has(exchange.status):
        return False
    named = named_in(exchange, conventions)
    return isinstance(named, str) and named not in entitlements.everyone


def named_in(exchange: Exchange, conventions: Conventions) -> Any:  # noqa: ANN401 - any value of JSON
    """What a request names that an account may lack; None where it names nothing."""
    sent = exchange.request.body
    entitlements = conventions.entitlements
    if entitlements is None or sent.truncated:
        return None
    try:
        body = sent.json
    except Mismatch:
        return None  # no JSON was sent
    return resolve_pointer(body, entitlements.named_by, None) if isinstance(body, dict) else None
