"""The line that shows how far a run has come."""

from __future__ import annotations

import io
import re
from threading import Event
from typing import TYPE_CHECKING

import pytest

from conformance.plugin import progress
from conformance.plugin.progress import ProgressDisplay

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 30


class Screen(io.StringIO):
    """A stream that tells when somebody wrote so many times, and keeps what was written when it is closed."""

    def __init__(self, *, terminal: bool, wanted: int = 3) -> None:
        super().__init__()
        self.terminal = terminal
        self.wanted = wanted
        self.texts: list[str] = []
        self.enough = Event()

    def isatty(self) -> bool:
        return self.terminal

    def write(self, text: str) -> int:
        self.texts.append(text)
        if len(self.texts) >= self.wanted:
            self.enough.set()
        return len(text)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_TERMINAL_SECONDS", 0.001)
    monkeypatch.setattr(progress, "_LOG_SECONDS", 0.001)
    monkeypatch.setenv("COLUMNS", "60")


def test_on_a_terminal_one_line_is_written_again_and_again_and_cleared_at_the_end(tmp_path: Path) -> None:
    screen = Screen(terminal=True)
    shown = ProgressDisplay(screen, tmp_path / "none")
    next(shown.pytest_sessionstart())
    shown.pytest_xdist_node_collection_finished(["a", "b"])
    shown.pytest_runtest_logstart("a")
    shown.pytest_runtest_logfinish("a")
    assert screen.enough.wait(_SECONDS)
    shown.enter("judging")
    shown.end()

    *lines, last = screen.texts
    assert all(re.fullmatch(r"\r.{59}", line) for line in lines)
    assert lines[0].startswith("\rasking the target · 0 s")
    assert any(line.startswith("\rjudging · 1 of 2 tests · ") for line in lines)
    assert last == "\r" + " " * 59 + "\r"


def test_elsewhere_lines_are_added_and_none_is_rewritten(tmp_path: Path) -> None:
    screen = Screen(terminal=False)
    shown = ProgressDisplay(screen, tmp_path / "none")
    next(shown.pytest_sessionstart())
    assert screen.enough.wait(_SECONDS)
    shown.end()

    assert all(re.fullmatch(r"asking the target · \d+ s\n", line) for line in screen.texts)


def test_nothing_is_written_after_the_end(tmp_path: Path) -> None:
    screen = Screen(terminal=True)
    shown = ProgressDisplay(screen, tmp_path / "none")
    next(shown.pytest_sessionstart())
    shown.end()
    written = len(screen.texts)
    shown.enter("judging")
    shown.end()

    assert len(screen.texts) == written


def test_that_nobody_looks_any_more_does_not_end_the_run(tmp_path: Path) -> None:
    class Gone(Screen):
        def write(self, text: str) -> int:
            super().write(text)
            raise BrokenPipeError

    screen = Gone(terminal=True)
    shown = ProgressDisplay(screen, tmp_path / "none")
    next(shown.pytest_sessionstart())
    assert screen.enough.wait(_SECONDS)
    shown.end()
