"""Ctrl-C ends a run, wherever it strikes, and so do the signals of a CI system and of a terminal that is closed."""

from __future__ import annotations

import _thread
import os
import signal
import sys
from threading import Lock, Timer, current_thread, main_thread
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

    from _pytest._code.code import TracebackEntry  # which pytest hands out, but does not export

_AGAIN_AFTER_SECONDS: Final = 0.01
# What ends a process, and what Python does about it when nothing else was asked for.
_USUAL: Final[Mapping[signal.Signals, Callable[[int, FrameType | None], object] | signal.Handlers]] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
    signal.SIGHUP: signal.SIG_DFL,
}


class Interrupts:
    """
    Sees to it that no interrupt is lost. Without this a run may go on, and go on spending, after somebody stopped it.

    Python swallows one that strikes in a finalizer, or in a callback of the garbage collector, of which Hypothesis has
    one: it is sent again. Hypothesis takes some for failures of its own: the run ends with what the test was at.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._struck = False
        self._earlier: Callable[[sys.UnraisableHookArgs], object] | None = None
        self._again: Timer | None = None
        self._over = False
        # One that is about to end is interrupted by execnet when that takes it more than five seconds.
        self._in_worker = hasattr(config, "workerinput")
        # Struck, and nobody has noticed yet. What is noticed must not strike again, in the midst of cleaning up.
        self._pending = False
        self._noticing = Lock()
        self._listen()
        # Cleanups come last: before them pytest collects all rubbish, and an interrupt that strikes then is no news.
        config.add_cleanup(self._restore)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Begin, now that pytest has put its own hook in place."""
        self._earlier, sys.unraisablehook = sys.unraisablehook, self._swallowed

    def _listen(self) -> None:
        # Whoever ignores a signal, or does something else with it, knows why.
        if current_thread() is main_thread():
            for number, usual in _USUAL.items():
                if signal.getsignal(number) is usual:
                    signal.signal(number, self._strike)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self) -> None:
        """Go no further than to the end of what an interrupt struck, if it is not known by then."""
        with self._noticing:
            struck, self._pending = self._pending, False
        if struck:
            raise KeyboardInterrupt

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """The run ends; pytest can print where it was struck."""
        excinfo.traceback = excinfo.traceback.filter(_has_line)
        excinfo.value.__suppress_context__ = True
        with self._noticing:
            self._pending = False
        self._over = self._in_worker

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """A worker that closes its journal and reports its end does not begin anything that could be interrupted."""
        self._over = self._in_worker

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self) -> None:
        """The run is over: nothing needs to be interrupted any more."""
        self._over = True
        with self._noticing:
            self._pending = False
        if self._again is not None:
            self._again.cancel()

    def _strike(self, number: int, frame: FrameType | None) -> None:
        if self._over and self._in_worker:
            return
        if number != signal.SIGINT and (self._struck or self._over):
            return  # It is being done: a CI system sends one signal after the other while a run cleans up.
        self._struck = True
        self._pending = not self._over
        signal.default_int_handler(signal.SIGINT, frame)

    def _restore(self) -> None:
        if self._earlier is not None:
            sys.unraisablehook, self._earlier = self._earlier, None
        for number, usual in _USUAL.items():
            if signal.getsignal(number) == self._strike:
                signal.signal(number, usual)

    def _swallowed(self, swallowed: sys.UnraisableHookArgs) -> None:
        if not issubclass(swallowed.exc_type, KeyboardInterrupt):
            if self._earlier is not None:
                self._earlier(swallowed)
            return
        if self._over:
            return
        self._pending = True
        # From another thread and a little later: here it would be swallowed again.
        self._again = Timer(_AGAIN_AFTER_SECONDS, self._send_again)
        self._again.daemon = True
        self._again.start()

    def _send_again(self) -> None:
        with self._noticing:
            if self._pending:
                _strike_main_thread()


def _has_line(entry: TracebackEntry) -> bool:
    # Python has instructions that belong to no line; pytest (9.1) breaks down over an interrupt that strikes at one.
    try:
        entry.lineno  # noqa: B018 - computed, and that fails
    except TypeError:
        return False
    return True


def _strike_main_thread() -> None:
    if sys.platform == "win32":
        _thread.interrupt_main(signal.SIGINT)  # a signal that is sent there ends the process
    else:
        os.kill(os.getpid(), signal.SIGINT)
