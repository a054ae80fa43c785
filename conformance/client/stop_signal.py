"""Ending a run early: its time is over, the target stopped answering, or the journal can't be written."""

from __future__ import annotations

import math
import time
from threading import Event, Lock
from typing import TYPE_CHECKING, Final

from conformance.client.errors import RunStoppedError

if TYPE_CHECKING:
    from collections.abc import Callable

STOPPED: Final = "stopped"
"""The kind of note in the journal that says why a process ended the run."""
MOST_TIME_OUTS_IN_A_ROW: Final = 5
MOST_TIME_OUTS: Final = 20


class StopSignal:
    """
    Whether one process of a run goes on, shared by all of its threads.

    The run ends at `ends_at` (of `time.monotonic`), for the reason `time_is_over`; after `in_a_row` requests in a row
    that timed out, or `in_all`; or when `stop` or `fail` is called. Then no request is sent any more and no thread
    waits. `tell` is called once with the reason; `give_up` is called when the process can't write its journal any more.
    """

    def __init__(
        self,
        *,
        ends_at: float = math.inf,
        time_is_over: str = "",
        in_a_row: int = MOST_TIME_OUTS_IN_A_ROW,
        in_all: int = MOST_TIME_OUTS,
    ) -> None:
        self._ends_at = ends_at
        self._time_is_over = time_is_over
        self._in_a_row = in_a_row
        self._in_all = in_all
        self._row = self._all = 0
        self._stopped = Event()
        self._changing = Lock()
        self._reason = ""
        self.tell: Callable[[str], None] = lambda _: None
        self.give_up: Callable[[], None] = lambda: None

    def check(self) -> None:
        """
        Do nothing while the run goes on.

        Raises:
            RunStoppedError: the run ends.
        """
        if not self._stopped.is_set() and time.monotonic() >= self._ends_at:
            self.stop(self._time_is_over)
        if self._stopped.is_set():
            raise RunStoppedError(self._reason)

    def within(self, seconds: float) -> float:
        """So many seconds, or fewer where the run ends before; at least 0.001."""
        return max(0.001, min(seconds, self._ends_at - time.monotonic()))

    def sleep(self, seconds: float) -> None:
        """Wait for so many seconds (raises `RunStoppedError` as soon as the run ends)."""
        self._stopped.wait(self.within(seconds))
        self.check()

    def answered(self) -> None:
        """The target has answered a request."""
        self._row = 0

    def timed_out(self) -> None:
        """The target has not answered a request in time."""
        with self._changing:
            self._row += 1
            self._all += 1
            row, in_all = self._row, self._all
        if row >= self._in_a_row:
            self.stop(f"The target stopped answering: {row} requests in a row timed out, so the run was ended.")
        elif in_all >= self._in_all:
            self.stop(f"The target leaves too much unanswered: {in_all} requests timed out, so the run was ended.")

    def stop(self, reason: str) -> None:
        """End the run; the first reason counts."""
        with self._changing:
            if self._stopped.is_set():
                return
            self._reason = reason
            self._stopped.set()
        self.tell(reason)

    def fail(self, reason: str) -> None:
        """End the run because its journal can't be written any more."""
        self.stop(reason)
        self.give_up()
