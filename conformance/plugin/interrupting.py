"""Ctrl-C ends a run, wherever it strikes."""

from __future__ import annotations

import os
import signal
import sys
from threading import Timer
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

_AGAIN_AFTER_SECONDS: Final = 0.01


class Interrupts:
    """
    Sends an interrupt again that struck where Python swallows it: in a callback of the garbage collector, a finalizer.

    Hypothesis has such a callback. Without this a run goes on, and may go on spending, after somebody has stopped it.
    """

    def __init__(self) -> None:
        self._earlier: Callable[[sys.UnraisableHookArgs], object] | None = None
        self._again: Timer | None = None
        self._over = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Begin, now that pytest has put its own hook in place."""
        self._earlier, sys.unraisablehook = sys.unraisablehook, self._swallowed
        # Cleanups come last: before them pytest collects all rubbish, and an interrupt that strikes then is no news.
        session.config.add_cleanup(self._restore)

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self) -> None:
        """The run is over: nothing needs to be interrupted any more."""
        self._over = True
        if self._again is not None:
            self._again.cancel()

    def _restore(self) -> None:
        if self._earlier is not None:
            sys.unraisablehook, self._earlier = self._earlier, None

    def _swallowed(self, swallowed: sys.UnraisableHookArgs) -> None:
        if not issubclass(swallowed.exc_type, KeyboardInterrupt):
            if self._earlier is not None:
                self._earlier(swallowed)
            return
        if self._over:
            return
        # From another thread and a little later: here it would be swallowed again.
        self._again = Timer(_AGAIN_AFTER_SECONDS, os.kill, (os.getpid(), signal.SIGINT))
        self._again.daemon = True
        self._again.start()
