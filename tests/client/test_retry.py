"""A refused request comes back when the target wants it to, and nobody waits for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.client.retry import RetryPolicy
from conformance.journal.records import Exchange, Headers, Response
from tests.journal.factory import exchange

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp()
REFUSED = 429


def backoff(**settings: float) -> RetryPolicy:
    return RetryPolicy(**settings, random=Random(7), wall_clock=lambda: NOON)  # type: ignore[arg-type] # attempts is whole


def answered(status: int, retry_after: str | None = None) -> Exchange:
    headers = () if retry_after is None else (("Retry-After", retry_after),)
    return replace(exchange(), response=Response(status, Headers(headers)))


def pauses(made: RetryPolicy, *answers: Exchange) -> list[float]:
    """How long a request waits that gets these answers, the last one again and again."""
    naps: list[float] = []
    last(made, *answers, naps=naps)
    return naps


def last(made: RetryPolicy, *answers: Exchange, naps: list[float] | None = None) -> Exchange:
    """What a request ends with that gets these answers, the last one again and again."""
    left = [*answers]

    def again(_repeated: Exchange) -> Exchange:
        return left.pop(0) if len(left) > 1 else left[0]

    return made.repeat(again(answers[0]), again, ([] if naps is None else naps).append)


@pytest.mark.parametrize(
    "retry_after, pause",
    [
        ("0", 0.0),
        ("2", 2.0),
        (" 30 ", 30.0),
        ("Thu, 01 Jan 2026 12:00:05 GMT", 5.0),
        ("Thu, 01 Jan 2026 12:00:05 -0000", 5.0),
        ("Thursday, 01-Jan-26 12:00:05 GMT", 5.0),
        ("Thu Jan  1 12:00:05 2026", 5.0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0.0),
    ],
)
def test_the_target_says_when_to_come_back(retry_after: str, pause: float) -> None:
    assert pauses(backoff(), answered(REFUSED, retry_after), answered(200)) == [pause]


@pytest.mark.parametrize("retry_after", ["31", "9" * 5000, "Thu, 01 Jan 2026 12:00:31 GMT"])
def test_a_request_is_not_repeated_sooner_than_asked_for_but_not_at_all(retry_after: str) -> None:
    assert pauses(backoff(retry_after_ceiling_seconds=30), answered(REFUSED, retry_after)) == []


@pytest.mark.parametrize("retry_after", [None, "", "soon", "-1", "1.5", "²", "Thu, 99 Jan 2026 12:00:05 GMT"])
def test_without_a_readable_retry_after_pauses_double_with_jitter(retry_after: str | None) -> None:
    naps = pauses(backoff(attempts=5), answered(REFUSED, retry_after))

    assert len(naps) == 4
    for nap, longest in zip(naps, (0.5, 1, 2, 4), strict=True):
        assert longest / 2 <= nap <= longest
    assert len({nap / longest for nap, longest in zip(naps, (0.5, 1, 2, 4), strict=True)}) == 4


def test_the_same_seed_draws_the_same_jitter() -> None:
    assert pauses(backoff(), answered(REFUSED)) == pauses(backoff(), answered(REFUSED))


def test_the_ceiling_holds_for_growing_pauses_too() -> None:
    made = backoff(attempts=50, retry_after_ceiling_seconds=4, longest_wait_seconds=1000)
    naps = pauses(made, answered(REFUSED))

    assert len(naps) == 49
    assert 2 <= naps[-1] <= max(naps) <= 4


def test_no_request_waits_longer_than_that_in_all() -> None:
    assert pauses(backoff(longest_wait_seconds=30), answered(REFUSED, "20")) == [20.0]
    assert pauses(backoff(longest_wait_seconds=40), answered(REFUSED, "20")) == [20.0, 20.0]


def test_a_request_is_sent_as_often_as_was_set() -> None:
    assert pauses(backoff(attempts=3), answered(REFUSED, "1")) == [1.0, 1.0]


@pytest.mark.parametrize("status", [200, 202, 400, 409, 428, 430, 500, 503])
def test_only_a_429_is_a_reason_to_come_back(status: int) -> None:
    assert pauses(backoff(), answered(status, "1")) == []


def test_a_request_without_an_answer_is_not_repeated() -> None:
    assert pauses(backoff(), replace(exchange(), response=None, failure="cut")) == []


def test_the_last_answer_counts() -> None:
    assert last(backoff(), answered(REFUSED, "1"), answered(503)).status == 503
    assert last(backoff(), answered(REFUSED, "1")).status == REFUSED


@given(retry_after=st.text())
def test_no_header_leads_to_a_longer_wait_than_the_ceiling(retry_after: str) -> None:
    naps = pauses(backoff(retry_after_ceiling_seconds=5), answered(REFUSED, retry_after))

    assert all(0 <= nap <= 5 for nap in naps)


def test_after_five_requests_in_vain_nobody_waits_any_more() -> None:
    made = backoff()
    waited = [len(pauses(made, answered(REFUSED, "1"))) for _ in range(8)]

    assert waited == [2, 2, 2, 2, 2, 0, 0, 0]


def test_a_request_that_waits_already_gives_up_with_the_others() -> None:
    made, naps = backoff(in_vain=1), []

    def others_end_in_vain(seconds: float) -> None:
        naps.append(seconds)
        pauses(made, answered(REFUSED, "99"))

    made.repeat(answered(REFUSED, "1"), lambda _: answered(REFUSED, "1"), others_end_in_vain)

    assert naps == [1.0]


@pytest.mark.parametrize("relief", [200, 404, 500])
def test_any_other_answer_brings_the_patience_back(relief: int) -> None:
    made = backoff(in_vain=2)
    for _ in range(3):
        pauses(made, answered(REFUSED, "1"))
    assert pauses(made, answered(REFUSED, "1")) == []

    pauses(made, answered(relief))

    assert pauses(made, answered(REFUSED, "1")) == [1.0, 1.0]


def test_no_answer_at_all_brings_no_patience_back() -> None:
    made = backoff(in_vain=1)
    pauses(made, answered(REFUSED, "1"))
    pauses(made, replace(exchange(), response=None, failure="cut"))

    assert made.gives_up


def test_a_request_that_came_through_in_the_end_was_not_in_vain() -> None:
    made = backoff(in_vain=1)
    pauses(made, answered(REFUSED, "1"), answered(200))

    assert not made.gives_up
