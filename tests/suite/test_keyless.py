"""What answers to requests without a usable key show."""

from __future__ import annotations

import pytest

from conformance.client.errors import NotOfferedError
from conformance.contract.outcomes import Interpretation, Outcome
from conformance.journal.records import Mismatch
from conformance.suite.generated import KeylessAttempt, check_keyless
from tests.report.factory import answer, exchange


def attempts(**outcomes: Outcome) -> tuple[KeylessAttempt, ...]:
    """Requests with credentials of these names, and what became of them."""
    return tuple(
        KeylessAttempt(name, exchange(response=answer(), read_as=Interpretation(outcome)))
        for name, outcome in outcomes.items()
    )


def test_what_is_refused_for_its_key_is_met() -> None:
    check_keyless(attempts(absent=Outcome.UNAUTHENTICATED, unknown=Outcome.FORBIDDEN))


def test_what_is_accepted_with_any_of_them_is_broken() -> None:
    with pytest.raises(Mismatch, match="expected a refusal, got 200 with credentials: unknown"):
        check_keyless(attempts(absent=Outcome.UNAUTHENTICATED, unknown=Outcome.ACCEPTED))


def test_a_request_that_got_as_far_as_the_balance_shows_nothing_of_its_key() -> None:
    with pytest.raises(NotOfferedError, match="the balance was looked at before the key"):
        check_keyless(attempts(absent=Outcome.UNAUTHENTICATED, unknown=Outcome.UNPAID))
