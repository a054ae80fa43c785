"""Requests keep their pace, and a refused one comes back when the target wants it to."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.client.pacer import Pacer

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp()


@dataclass
class FakeTime:
    """A clock that only sleeping moves."""

    now: float = 100.0
    naps: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


def pacer(**settings: float | None) -> Pacer:
    return Pacer(**settings, random=Random(7), wall_clock=lambda: NOON)  # type: ignore[arg-type]


def test_without_a_rate_nobody_waits() -> None:
    time = FakeTime()
    unhurried = Pacer(monotonic=time.monotonic, sleep=time.sleep)
    for _ in range(3):
        unhurried.wait_turn()

    assert time.naps == []


def test_a_rate_spreads_requests_evenly_from_the_first_on() -> None:
    time = FakeTime()
    paced = Pacer(4.0, monotonic=time.monotonic, sleep=time.sleep)
    for _ in range(4):
        paced.wait_turn()

    assert time.naps == [0.25, 0.25, 0.25]


def test_time_that_passed_unused_is_not_saved_up() -> None:
    time = FakeTime()
    paced = Pacer(4.0, monotonic=time.monotonic, sleep=time.sleep)
    paced.wait_turn()
    time.now += 60
    for _ in range(3):
        paced.wait_turn()

    assert time.naps == [0.25, 0.25]


def test_threads_get_turns_of_their_own() -> None:
    naps: list[float] = []
    paced = Pacer(4.0, monotonic=lambda: 100.0, sleep=naps.append)
    threads = [threading.Thread(target=paced.wait_turn) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(naps) == [0.25 * turn for turn in range(1, 8)]


@pytest.mark.parametrize(
    "retry_after, pause",
    [
        ("0", 0.0),
        ("2", 2.0),
        (" 30 ", 30.0),
        ("Thu, 01 Jan 2026 12:00:05 GMT", 5.0),
        ("Thursday, 01-Jan-26 12:00:05 GMT", 5.0),
        ("Thu Jan  1 12:00:05 2026", 5.0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0.0),
    ],
)
def test_the_target_says_when_to_come_back(retry_after: str, pause: float) -> None:
    assert pacer().pause_for(429, retry_after, attempt=1) == pause


@pytest.mark.parametrize("retry_after", ["31", "9" * 5000, "Thu, 01 Jan 2026 12:00:31 GMT"])
def test_a_request_is_not_repeated_sooner_than_asked_for_but_not_at_all(retry_after: str) -> None:
    assert pacer(retry_after_ceiling_seconds=30).pause_for(429, retry_after, attempt=1) is None


@pytest.mark.parametrize("retry_after", [None, "", "soon", "-1", "1.5", "²", "Thu, 99 Jan 2026 12:00:05 GMT"])
def test_without_a_readable_retry_after_pauses_double_with_jitter(retry_after: str | None) -> None:
    first = pacer(attempts=9).pause_for(429, retry_after, attempt=1)
    fourth = pacer(attempts=9).pause_for(429, retry_after, attempt=4)

    assert first is not None
    assert fourth is not None
    assert 0.25 <= first <= 0.5
    assert fourth == pytest.approx(8 * first)


def test_the_ceiling_holds_for_growing_pauses_too() -> None:
    pause = pacer(attempts=99, retry_after_ceiling_seconds=4).pause_for(429, None, attempt=50)

    assert pause is not None
    assert 2 <= pause <= 4


def test_a_request_is_sent_as_often_as_was_set() -> None:
    paced = pacer(attempts=3)

    assert [paced.pause_for(429, "1", attempt) for attempt in (1, 2, 3)] == [1.0, 1.0, None]


@pytest.mark.parametrize("status", [200, 202, 400, 409, 428, 430, 500, 503])
def test_only_a_429_is_a_reason_to_come_back(status: int) -> None:
    assert pacer().pause_for(status, "1", attempt=1) is None


@given(retry_after=st.text(), attempt=st.integers(1, 2))
def test_no_header_leads_to_a_longer_wait_than_the_ceiling(retry_after: str, attempt: int) -> None:
    pause = pacer(retry_after_ceiling_seconds=5).pause_for(429, retry_after, attempt)

    assert pause is None or 0 <= pause <= 5
