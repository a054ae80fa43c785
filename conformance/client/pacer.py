"""How fast requests follow each other, and when the same one may be repeated."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from random import Random
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TOO_MANY_REQUESTS = 429
_FIRST_PAUSE_SECONDS = 0.5


@dataclass
class Pacer:
    """
    The pace of one process.

    At most `rate_per_second` requests are let through (None: no limit), evenly spread. A request that was
    refused with 429 is sent `attempts` times in all, never sooner than the target asked for, and not again
    when it asked for more than `retry_after_ceiling_seconds`.
    """

    rate_per_second: float | None = None
    retry_after_ceiling_seconds: float = 30
    attempts: int = 3
    random: Random = field(default_factory=Random, kw_only=True)
    monotonic: Callable[[], float] = field(default=time.monotonic, kw_only=True)
    wall_clock: Callable[[], float] = field(default=time.time, kw_only=True)
    sleep: Callable[[float], None] = field(default=time.sleep, kw_only=True)
    _next_turn: float = field(default=0.0, init=False)
    _queue: Lock = field(default_factory=Lock, init=False, repr=False)

    def wait_turn(self) -> None:
        """Wait until the next request may go; threads are let through one after the other."""
        if self.rate_per_second is None:
            return
        with self._queue:
            now = self.monotonic()
            turn = max(now, self._next_turn)
            self._next_turn = turn + 1 / self.rate_per_second
        if turn > now:
            self.sleep(turn - now)

    def pause_for(self, status: int, retry_after: str | None, attempt: int) -> float | None:
        """
        The seconds to wait before a request is repeated, None when it is not to be repeated.

        `attempt` counts the requests sent so far, this one included. Without a Retry-After that can be read
        the pauses double, with jitter.
        """
        if status != _TOO_MANY_REQUESTS or attempt >= self.attempts:
            return None
        asked = None if retry_after is None else self._seconds(retry_after.strip())
        if asked is None:
            longest = min(self.retry_after_ceiling_seconds, _FIRST_PAUSE_SECONDS * 2.0 ** (attempt - 1))
            return self.random.uniform(longest / 2, longest)
        return asked if asked <= self.retry_after_ceiling_seconds else None

    def _seconds(self, retry_after: str) -> float | None:
        """The seconds that a Retry-After asks for, as a number or as a date; None when it is neither."""
        if retry_after.isascii() and retry_after.isdigit():
            return float(retry_after)
        try:
            date = parsedate_to_datetime(retry_after)
        except ValueError:
            return None
        # "-0000" leaves the zone open; HTTP knows no other than UTC.
        aware = date.replace(tzinfo=UTC) if date.tzinfo is None else date
        return max(0.0, aware.timestamp() - self.wall_clock())
