"""Which answers to drawn requests decide: not what a gateway said once in place of a target that was asked once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.outcomes import Interpretation, Outcome
from conformance.suite.batch import BatchResult, Sent
from tests.journal.factory import exchange

if TYPE_CHECKING:
    from conformance.journal.records import Exchange

CASE: Any = object()


def failed(status: int, repeats: str | None = None) -> Exchange:
    plain = exchange()
    assert plain.response is not None
    response = replace(plain.response, status=status)
    return replace(plain, response=response, read_as=Interpretation(Outcome.FAILED), repeats=repeats)


def is_answered(one: Exchange) -> bool:
    return bool(BatchResult("createSong", (Sent(CASE, one),)).answered)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_what_a_gateway_said_once_decides_nothing(status: int) -> None:
    assert not is_answered(failed(status))


@pytest.mark.parametrize("status", [502, 503, 504])
def test_what_it_says_again_does(status: int) -> None:
    assert is_answered(failed(status, repeats="main-0"))


def test_what_the_target_itself_says_does() -> None:
    assert is_answered(failed(500))


@pytest.mark.parametrize("outcome", [Outcome.NO_ANSWER, Outcome.THROTTLED, Outcome.UNPAID])
def test_answers_about_the_rate_and_the_balance_decide_nothing(outcome: Outcome) -> None:
    assert not is_answered(replace(exchange(), read_as=Interpretation(outcome)))
