"""The progress of a run on the console: a line that is rewritten on a terminal, or a new line at intervals in a log."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TextIO

import pytest

from conformance.money.ledger_store import LEDGER_FILE, ledger_snapshot
from conformance.plugin.outcomes import from_report
from conformance.report.console import Tone
from conformance.report.progress import ProgressState, progress_line
from conformance.suite.scenarios import SCENARIOS
from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

# Seconds between two lines: on a terminal, where the line is rewritten, and in a log.
_TERMINAL_SECONDS: Final = 0.5
_LOG_SECONDS: Final = 30.0
_LOG_WIDTH: Final = 300
# A test that takes longer waits for its scenario.
_WAITING_SECONDS: Final = 3.0
# The plugin of xdist that prints the state of workers, into the same line as this one.
_OF_XDIST: Final = "terminaldistreporter"
# A tone as pytest's markup. pytest decides whether there is any colour, by NO_COLOR, FORCE_COLOR and the terminal.
MARKUP: Final[Mapping[Tone, Mapping[str, bool]]] = {
    Tone.PLAIN: {},
    Tone.GOOD: {"green": True, "bold": True},
    Tone.BAD: {"red": True, "bold": True},
    Tone.DOUBTFUL: {"yellow": True},
    Tone.FAINT: {"light": True},
}


class ProgressDisplay:
    """Shows the phase, the tests, the scenarios that are waited for and the money, in place of pytest's dots."""

    def __init__(self, stream: TextIO, ledger: Path, plugins: pytest.PytestPluginManager | None = None) -> None:
        self._stream = stream
        self._plugins = plugins
        self._ledger = ledger
        self._phase = ""
        self._started = self._shown = time.monotonic()
        self._done = 0
        self._total: int | None = None
        self._under_way: dict[str, float] = {}
        self._failed: set[str] = set()
        self._writing = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="progress", daemon=True)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionstart(self) -> Generator[None]:
        """Begin before the target is started, and silence what xdist would write into the same line."""
        of_xdist: Any = self._plugins.get_plugin(_OF_XDIST) if self._plugins else None
        if of_xdist is not None:
            # xdist has no option for this. It reports a crashed worker another way, which stays.
            of_xdist.rewrite = of_xdist.ensure_show_status = _say_nothing
        self.enter("asking the target")
        self._thread.start()
        yield

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Know how many tests there are, where this process runs them."""
        self._total = len(session.items) or self._total
        self.enter("running")

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Know how many tests there are, where workers run them."""
        self._total = len(ids)
        self.enter("running")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note that a test begins, in any process."""
        self._under_way[nodeid] = time.monotonic()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Note that a test ended."""
        self._under_way.pop(nodeid, None)
        self._done += 1

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the requirements that fail; what is observed only is no failure of the report."""
        if report.failed or hasattr(report, "wasxfail"):
            self._failed |= {said.requirement for said in from_report(report) if said.verdict is Verdict.FAIL}

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self) -> Generator[None, Any, Any]:
        """Let pytest count a test without printing a character for it."""
        status = yield
        return (status[0], "", "") if status else status

    def enter(self, phase: str) -> None:
        """Name what begins now."""
        self._phase = phase
        self._rewrite()

    def clear(self) -> None:
        """Clear the line on a terminal, for something else to be written there."""
        if self._stream.isatty() and not self._ended.is_set():
            self._write(f"\r{'':<{_width()}}\r")

    def end(self) -> None:
        """Clear the line, for good."""
        if self._ended.is_set() or not self._thread.is_alive():
            return
        self._ended.set()
        self._thread.join()
        if self._stream.isatty():
            self._write(f"\r{'':<{_width()}}\r")
        self._stream.close()

    def _go_on(self) -> None:
        while not self._ended.wait(_TERMINAL_SECONDS):
            self._rewrite()
            self._log()

    def _rewrite(self) -> None:
        """Bring the line on a terminal up to date."""
        if not self._ended.is_set() and self._stream.isatty():
            width = _width()
            self._write(f"\r{progress_line(self._state(), width):<{width}}")

    def _log(self) -> None:
        """Write a line where there is no terminal, if the last one is at least `_LOG_SECONDS` old."""
        if not self._stream.isatty() and time.monotonic() - self._shown >= _LOG_SECONDS:
            self._shown = time.monotonic()
            self._write(f"{progress_line(self._state(), _LOG_WIDTH)}\n")

    def _write(self, text: str) -> None:
        # The reader may be gone (a closed pipe): the run goes on.
        with self._writing, suppress(OSError):
            self._stream.write(text)
            self._stream.flush()

    def _state(self) -> ProgressState:
        now = time.monotonic()
        return ProgressState(
            phase=self._phase,
            seconds=now - self._started,
            done=self._done,
            total=self._total,
            failed=len(self._failed),
            waiting=self._waiting(now),
            spent=self._spent(),
        )

    def _waiting(self, now: float) -> list[str]:
        """The scenarios that are on in this process, each in a thread of its name; with workers, slow tests."""
        known = {name for of_one_package in SCENARIOS.values() for name in of_one_package}
        scenarios = [thread.name for thread in threading.enumerate() if thread.name in known]
        slow = [name for name, since in list(self._under_way.items()) if now - since > _WAITING_SECONDS]
        return scenarios or [name.rpartition("::")[2] for name in slow]

    def _spent(self) -> str:
        seen = ledger_snapshot(self._ledger)
        return "" if seen is None else f"spent {seen.spent.normalize():f} of {seen.cap.normalize():f} {seen.unit}"


def _say_nothing(*_arguments: object, **_named: object) -> None:
    pass


def _width() -> int:
    # The last column stays free: some terminals begin a new line after it.
    return max(shutil.get_terminal_size().columns - 1, 0)


def progress_display_of(config: pytest.Config, folder: Path) -> ProgressDisplay | None:
    """
    The display of a run's progress; None where no option asks for it, pytest names every test, or stdout is no file.

    To be called while pytest captures nothing: its capture would swallow what this writes during a test.
    """
    wanted = config.getoption("conformance_progress") and config.option.verbose < 0 and not config.option.collectonly
    if not wanted:
        return None
    try:
        stream = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding=sys.stdout.encoding, errors="replace")
    except (OSError, ValueError, AttributeError):  # what stands in for it here is no file, or there is nothing
        return None
    return ProgressDisplay(stream, folder / LEDGER_FILE, config.pluginmanager)
