"""A plugin of a run: the first verdict of a monitor waits until the target that the run serves has ended."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.plugin.finish import is_monitors

if TYPE_CHECKING:
    import pytest

ENDED = "ended before it was judged"
LAST_WORDS = "Finished server process"
_PATIENCE_SECONDS = 10
_LOOK_SECONDS = 0.01
_seen: list[bool] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Wait, once."""
    if is_monitors(report) and not _seen:
        (log,) = Path().glob("reports/run-*/target.log")
        until = time.monotonic() + _PATIENCE_SECONDS
        while LAST_WORDS not in log.read_text("utf-8") and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)  # between two looks at the log
        _seen.append(LAST_WORDS in log.read_text("utf-8"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was seen."""
    terminalreporter.write_line(ENDED if _seen == [True] else "went on")
