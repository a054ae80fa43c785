"""Requests without a usable key, and what their answers show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.client.errors import NotOfferedError
from conformance.contract.outcomes import Outcome
from conformance.journal.records import Mismatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.journal.records import Exchange

_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class KeylessAttempt:
    """A request with credentials that must not be accepted."""

    name: str
    exchange: Exchange


def check_keyless(attempts: Sequence[KeylessAttempt]) -> None:
    """
    Make sure that none of them was accepted.

    Raises:
        Mismatch: one was.
        NotOfferedError: the answers don't show whether the target looked at the key.
    """
    accepted = [attempt for attempt in attempts if attempt.exchange.accepted]
    if accepted:
        names = ", ".join(attempt.name for attempt in accepted)
        sentence = f"expected a refusal, got {accepted[0].exchange.summary} with credentials: {names}"
        raise Mismatch(sentence, *(attempt.exchange.id for attempt in accepted[:_SHOWN]))
    unpaid = [attempt for attempt in attempts if attempt.exchange.outcome is Outcome.UNPAID]
    if unpaid:
        sentence = f"the balance was looked at before the key: {unpaid[0].exchange.summary} ({unpaid[0].name})"
        raise NotOfferedError(sentence)
    if not any(attempt.exchange.response for attempt in attempts):
        raise NotOfferedError("no request without a usable key was answered at all")
    if all(attempt.exchange.outcome is Outcome.NOT_FOUND for attempt in attempts):
        sentence = f"every request was answered as one for what is not there: {attempts[0].exchange.summary}"
        raise NotOfferedError(sentence)
