"""How fast requests follow each other, and how many are under way, over all processes of a run."""

from __future__ import annotations

import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.client.backoff import Backoff
from conformance.client.sharing import OwnTurns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.client.sharing import Places, Turns


@dataclass
class Pacer:
    """
    The pace of a run, as one of its processes keeps it.

    At most `rate_per_second` requests are let through (None: no limit), evenly spread over all that book their
    `turns` in the same place. A request that goes takes one of the `places` (None: there are enough) until it is
    answered. `backoff` says how refused requests are repeated.
    """

    rate_per_second: float | None = None
    backoff: Backoff = field(default_factory=Backoff)
    turns: Turns = field(default_factory=OwnTurns, kw_only=True)
    places: Places | None = field(default=None, kw_only=True)
    monotonic: Callable[[], float] = field(default=time.monotonic, kw_only=True)
    sleep: Callable[[float], None] = field(default=time.sleep, kw_only=True)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The time in which one request is under way: begins when it may go."""
        with self.places.taken() if self.places is not None else nullcontext():
            self.wait_turn()
            yield

    def wait_turn(self) -> None:
        """Wait until the next request may go; threads and processes are let through one after the other."""
        if self.rate_per_second is None:
            return
        now = self.monotonic()
        turn = self.turns.book(now, 1 / self.rate_per_second)
        if turn > now:
            self.sleep(turn - now)
