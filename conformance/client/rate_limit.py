"""How fast requests follow each other, and how many are under way, over all processes of a run."""

from __future__ import annotations

import struct
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from conformance.client.locks import locked
from conformance.client.retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path


_MOMENT = struct.Struct("<d")


class Turns(Protocol):
    """Hands out the moments at which requests may be sent."""

    def book(self, now: float, interval: float) -> float:
        """
        The earliest moment that is still free; the next one is `interval` seconds later.

        Moments are seconds of the clock that all processes of this machine share (`time.monotonic`).
        """


class OwnTurns:
    """The turns of a run with one process."""

    def __init__(self) -> None:
        self._next = 0.0
        self._booking = Lock()

    def book(self, now: float, interval: float) -> float:
        """See `Turns`."""
        with self._booking:
            turn = max(now, self._next)
            self._next = turn + interval
        return turn


class SharedTurns:
    """The turns of all processes that name the same file; its folder must exist."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def book(self, now: float, interval: float) -> float:
        """See `Turns`."""
        with locked(self._path.with_suffix(".lock")), self._path.open("a+b") as file:
            file.seek(0)
            written = file.read(_MOMENT.size)
            turn = max(now, _MOMENT.unpack(written)[0] if written else 0.0)
            file.truncate(0)
            file.write(_MOMENT.pack(turn + interval))
        return turn


class Places:
    """
    The places of one process among those of the run, each a file that is locked while a request is under way.

    Places may belong to several processes; a process waits for a taken place. When it ends, its places are free.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._free: SimpleQueue[Path] = SimpleQueue()
        for file in files:
            self._free.put(file)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold one place; wait until there is a free one."""
        file = self._free.get()
        try:
            with locked(file):
                yield
        finally:
            self._free.put(file)


def places_of(process: int, processes: int, places: int) -> tuple[int, ...]:
    """
    The numbers of the places that belong to a process (both counted from 0): never more than `places` in all.

    Every place belongs to a process. Where there are fewer places than processes, some belong to several.
    """
    own = process % processes
    return tuple(range(own, places, processes)) or (own % places,)


@dataclass
class Pacer:
    """
    The pace of a run, as one of its processes keeps it.

    At most `rate_per_second` requests are sent (None: no limit), evenly spread over all processes with the same
    `turns`. A request takes one of the `places` (None: there are enough) until it is answered. `backoff` says how
    throttled requests are repeated.
    """

    rate_per_second: float | None = None
    backoff: RetryPolicy = field(default_factory=RetryPolicy)
    turns: Turns = field(default_factory=OwnTurns, kw_only=True)
    places: Places | None = field(default=None, kw_only=True)
    monotonic: Callable[[], float] = field(default=time.monotonic, kw_only=True)
    sleep: Callable[[float], None] = field(default=time.sleep, kw_only=True)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The time in which one request is under way: begins when it may be sent."""
        with self.places.taken() if self.places is not None else nullcontext():
            self.wait_turn()
            yield

    def wait_turn(self) -> None:
        """Wait until the next request may be sent; threads and processes take turns."""
        if self.rate_per_second is None:
            return
        now = self.monotonic()
        turn = self.turns.book(now, 1 / self.rate_per_second)
        if turn > now:
            self.sleep(turn - now)
