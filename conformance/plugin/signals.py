"""Ctrl-C ends a run at any moment, and so do the signals of a CI system and of a terminal that is closed."""

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
# The signals that end a process, and Python's default handler of each.
_USUAL: Final[Mapping[signal.Signals, Callable[[int, FrameType | None], object] | signal.Handlers]] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
    signal.SIGHUP: signal.SIG_DFL,
}


class Interrupts:
    """
    Makes sure that no interrupt is lost. Without this a run may go on, and go on spending, after the user stopped it.

    Python swallows an interrupt in a finalizer, or in a callback of the garbage collector, of which Hypothesis has
    one: it is sent again. Hypothesis takes some for failures of its own: the run ends after the test.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._received = False
        self._earlier: Callable[[sys.UnraisableHookArgs], object] | None = None
        self._again: Timer | None = None
        self._over = False
        # Received, and not handled yet. An interrupt that was handled must not come again while the run cleans up.
        self._pending = False
        self._noticing = Lock()
        self._listen()
        # pytest's clean-up comes last: before it pytest collects garbage, where a late interrupt no longer matters.
        config.add_cleanup(self._restore)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Begin, now that pytest has put its own hook in place."""
        self._earlier, sys.unraisablehook = sys.unraisablehook, self._swallowed

    def _listen(self) -> None:
        # A handler that was set by another program stays.
        if current_thread() is main_thread():
            for number, usual in _USUAL.items():
                if signal.getsignal(number) is usual:
                    signal.signal(number, self._receive)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self) -> None:
        """End the run after the test in which an interrupt came, if pytest did not notice it."""
        with self._noticing:
            received, self._pending = self._pending, False
        if received:
            raise KeyboardInterrupt

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that pytest handles the interrupt, and leave it only what it can print."""
        excinfo.traceback = excinfo.traceback.filter(_has_line)
        excinfo.value.__suppress_context__ = True
        with self._noticing:
            self._pending = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self) -> None:
        """The run is over: nothing needs to be interrupted any more."""
        self._over = True
        with self._noticing:
            self._pending = False
        if self._again is not None:
            self._again.cancel()

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if number != signal.SIGINT and (self._received or self._over):
            return  # Handled already: a CI system sends one signal after the other while a run cleans up.
        self._received = True
        self._pending = not self._over
        signal.default_int_handler(signal.SIGINT, frame)

    def _restore(self) -> None:
        if self._earlier is not None:
            sys.unraisablehook, self._earlier = self._earlier, None
        for number, usual in _USUAL.items():
            if signal.getsignal(number) == self._receive:
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
                _interrupt_main_thread()


def _has_line(entry: TracebackEntry) -> bool:
    # Python has instructions that belong to no line; pytest (9.1) breaks down over an interrupt that strikes at one.
    try:
        entry.lineno  # noqa: B018 - computed, and that fails
    except TypeError:
        return False
    return True


def _interrupt_main_thread() -> None:
    if sys.platform == "win32":
        _thread.interrupt_main(signal.SIGINT)  # there a signal would end the process
    else:
        os.kill(os.getpid(), signal.SIGINT)
