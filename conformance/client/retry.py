"""When a request that was throttled or failed at the server may be repeated, and when waiting ends."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from random import Random
from threading import Lock
from typing import TYPE_CHECKING

from tenacity import Retrying, retry_if_result, wait_exponential

from conformance.contract.outcomes import Outcome, is_said_in_front

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenacity import RetryCallState

    from conformance.journal.records import Exchange

_FIRST_PAUSE_SECONDS = 0.5


@dataclass
class RetryPolicy:
    """
    How one process repeats requests that the target has throttled, or that met a fault of the server.

    A request is sent `attempts` times in all, never sooner than the target asked for, and not again when it asked
    for more than `retry_after_ceiling_seconds`; all its pauses together are no longer than `longest_wait_seconds`.
    Without a Retry-After that can be read the pauses double, with jitter.
    When `in_vain` requests in a row ended throttled, no request waits any more: every further one is sent once and its
    refusal is the answer, until one is answered with anything else.
    What met a fault of the server is repeated once, after the same pause, and not at all when the target asks for a
    longer time than is waited; once more where a gateway answered both times and the request costs nothing. When
    `in_vain` repetitions in a row met a fault again, the next ones follow at once, and no second one is sent.
    """

    retry_after_ceiling_seconds: float = 30
    attempts: int = 3
    in_vain: int = 5
    longest_wait_seconds: float = 30
    random: Random = field(default_factory=Random, kw_only=True)
    wall_clock: Callable[[], float] = field(default=time.time, kw_only=True)
    _refused_in_a_row: int = field(default=0, init=False)
    _faults_in_a_row: int = field(default=0, init=False)
    _counting: Lock = field(default_factory=Lock, init=False, repr=False)

    @property
    def gives_up(self) -> bool:
        """Whether so many requests in a row were throttled that none waits any more."""
        return self._refused_in_a_row >= self.in_vain

    def repeat(
        self, first: Exchange, again: Callable[[Exchange], Exchange], sleep: Callable[[float], None]
    ) -> Exchange:
        """
        The last answer to a request whose first one is given.

        `again` sends it once more, told the exchange that it repeats; `sleep` lets seconds pass.
        """
        last = self._repeated(first, again, sleep) if _is_refused(first) else first
        self._count(last)
        return last

    def repeat_fault(
        self,
        last: Exchange,
        again: Callable[[Exchange], Exchange],
        sleep: Callable[[float], None],
        *,
        costs_nothing: bool,
    ) -> Exchange:
        """The last answer to a request that met a fault of the server."""
        repeated = self._repeated_fault(last, again, sleep)
        if (
            costs_nothing
            and repeated is not last
            and is_said_in_front(last.status)
            and is_said_in_front(repeated.status)
            and self._faults_in_a_row < self.in_vain
        ):
            return self._repeated_fault(repeated, again, sleep)
        return repeated

    def _repeated_fault(
        self, last: Exchange, again: Callable[[Exchange], Exchange], sleep: Callable[[float], None]
    ) -> Exchange:
        """The answer to a repetition, or the one that is there, where the target asks for too long a time."""
        pause = self._asked_seconds(last)
        if pause is None:
            pause = self.random.uniform(_FIRST_PAUSE_SECONDS / 2, _FIRST_PAUSE_SECONDS)
        if pause > min(self.retry_after_ceiling_seconds, self.longest_wait_seconds):
            return last
        if self._faults_in_a_row < self.in_vain:
            sleep(pause)
        repeated = again(last)
        with self._counting:
            self._faults_in_a_row = (
                self._faults_in_a_row + 1 if repeated.interpretation.outcome is Outcome.FAILED else 0
            )
        return repeated

    def _repeated(
        self, first: Exchange, again: Callable[[Exchange], Exchange], sleep: Callable[[float], None]
    ) -> Exchange:
        sent: list[Exchange] = []

        def send() -> Exchange:
            sent.append(again(sent[-1]) if sent else first)
            return sent[-1]

        retrying = Retrying(
            retry=retry_if_result(_is_refused),
            wait=self._pause,
            stop=self._is_enough,
            sleep=sleep,
            retry_error_callback=lambda _: sent[-1],
        )
        return retrying(send)

    def _pause(self, state: RetryCallState) -> float:
        asked = None if state.outcome is None else self._asked_seconds(state.outcome.result())
        if asked is not None:
            return asked
        longest = wait_exponential(multiplier=_FIRST_PAUSE_SECONDS, max=self.retry_after_ceiling_seconds)(state)
        # The library's own jitter is drawn from the global random module, which no seed of a run reaches.
        return self.random.uniform(longest / 2, longest)

    def _is_enough(self, state: RetryCallState) -> bool:
        asked = state.upcoming_sleep
        too_long = asked > self.retry_after_ceiling_seconds or state.idle_for + asked > self.longest_wait_seconds
        return too_long or self.gives_up or state.attempt_number >= self.attempts

    def _asked_seconds(self, exchange: Exchange) -> float | None:
        retry_after = exchange.header("Retry-After")
        return None if retry_after is None else seconds_asked(retry_after, self.wall_clock())

    def _count(self, last: Exchange) -> None:
        if last.interpretation.outcome is Outcome.NO_ANSWER:
            return
        with self._counting:
            self._refused_in_a_row = self._refused_in_a_row + 1 if _is_refused(last) else 0


def seconds_asked(retry_after: str, now: float) -> float | None:
    """
    The seconds that a Retry-After asks for, as a number or as a date; None when it is neither.

    `now` is the time of day in seconds since 1970 (RFC 9110, section 10.2.3).
    """
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
        # "-0000" leaves the zone open; HTTP knows no other than UTC.
        aware = date.replace(tzinfo=UTC) if date.tzinfo is None else date
        return max(0.0, aware.timestamp() - now)
    except (ValueError, ArithmeticError, TypeError, IndexError):  # also where the calendar ends
        return None


def _is_refused(exchange: Exchange) -> bool:
    return exchange.interpretation.outcome is Outcome.THROTTLED
