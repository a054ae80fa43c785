"""A run that is interrupted, or loses a worker, says so and reports what was judged until then."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.journal.reader import read_recording
from tests.cli.runs import REPORTS, conformance, ended, started

if TYPE_CHECKING:
    from tests.cli.forking import Fork

INTERRUPTED, ERRED = 2, 3
# It only ends what hangs, also where all cores are busy.
PATIENCE_SECONDS = 300
# Enough to be interrupted in, and for two processes.
FEW = ("--", "-k", "test_tasks or test_lists or test_cancellation")


def wait_for_exchanges(folder: Path, process: Fork, count: int) -> None:
    """Wait until the run has recorded at least `count` exchanges."""
    until = time.monotonic() + PATIENCE_SECONDS
    while sum(path.read_bytes().count(b"\n") for path in folder.glob(f"{REPORTS}/run-*/journal-*.jsonl")) < count:
        assert process.poll() is None, "the run ended before it could be interrupted"
        assert time.monotonic() < until, "the run records nothing"
        time.sleep(0.02)  # between two looks at the file system


def left_of_group(group: int) -> list[int]:
    """The processes of a process group that do not end soon after its first one."""
    until = time.monotonic() + 3
    while (alive := processes_of_group(group)) and time.monotonic() < until:
        time.sleep(0.02)  # between two looks at the processes
    return alive


def processes_of_group(group: int) -> list[int]:
    """The processes of a process group that are still alive."""
    alive = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:  # it ended while we looked
            continue
        if fields[0] != "Z" and int(fields[2]) == group:
            alive.append(int(path.parent.name))
    return alive


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
@pytest.mark.parametrize("workers", ["0", "2"])
def test_an_interrupted_run_leaves_a_journal_and_a_report_and_no_process(workers: str, tmp_path: Path) -> None:
    since = time.monotonic()
    process = started(["run", "--seed", "1", "-n", workers, *FEW], tmp_path)
    try:
        wait_for_exchanges(tmp_path, process, 60)
        process.send_signal(signal.SIGINT)
        run = ended(process, tmp_path / REPORTS, since)
    finally:
        process.kill()
        process.communicate()

    assert run.status == INTERRUPTED
    assert "Traceback" not in run.output
    assert len(read_recording(run.folder).exchanges) >= 50
    assert run.report["exchanges"] >= 50
    assert run.report["gate"]["exit_status"] != 0
    assert run.report["gate"]["objections"] == ["The run was interrupted before its end."]
    assert "The run was interrupted" in (run.folder / "junit.xml").read_text("utf-8")
    assert "fail" not in {verdict for _, verdict in run.verdicts}
    assert left_of_group(process.pid) == []


# Hypothesis registers such a callback, and Python drops what is raised in one. What a shell has started in the
# background ignores interrupts, and so would the run.
STRIKING = """
import gc, signal
import pytest

signal.signal(signal.SIGINT, signal.default_int_handler)

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    if not gc.callbacks or gc.callbacks[-1] is not strike:
        gc.callbacks.append(strike)
        gc.collect()

def strike(phase, info):
    if not struck:
        struck.append(phase)
        signal.raise_signal(signal.SIGINT)

struck = []
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_an_interrupt_that_strikes_while_rubbish_is_collected_ends_the_run_too(workers: str, tmp_path: Path) -> None:
    (tmp_path / "striking.py").write_text(STRIKING, "utf-8")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])

    run = conformance(
        "run", "--seed", "1", "-n", workers, *FEW, "-p", "striking", folder=tmp_path, environment={"PYTHONPATH": path}
    )

    assert run.status == INTERRUPTED
    assert "Traceback" not in run.output


# The first interrupt that is sent again comes at once, before whoever sends it is done.
HASTY = """
import signal
from threading import Timer

def start(timer, usual=Timer.start):
    if hasty:
        usual(timer)
    else:
        hasty.append(timer)
        signal.raise_signal(signal.SIGINT)

hasty = []
Timer.start = start
"""


def test_an_interrupt_that_is_sent_again_too_soon_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "striking.py").write_text(STRIKING + HASTY, "utf-8")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])

    run = conformance("run", "--seed", "1", *FEW, "-p", "striking", folder=tmp_path, environment={"PYTHONPATH": path})

    assert run.status == INTERRUPTED
    assert "Traceback" not in run.output


# Python has instructions that belong to no line of the source, here all of a function.
LINELESS = """
import signal
import pytest

signal.signal(signal.SIGINT, signal.default_int_handler)

def strike():
    signal.raise_signal(signal.SIGINT)

strike.__code__ = strike.__code__.replace(co_linetable=b"")

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    strike()
"""


def test_an_interrupt_that_strikes_between_two_lines_ends_the_run_too(tmp_path: Path) -> None:
    (tmp_path / "lineless.py").write_text(LINELESS, "utf-8")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])

    run = conformance("run", "--seed", "1", *FEW, "-p", "lineless", folder=tmp_path, environment={"PYTHONPATH": path})

    assert run.status == INTERRUPTED
    assert "Traceback" not in run.output
    assert run.report["gate"]["objections"] == ["The run was interrupted before its end."]


DYING = """
import os, signal
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    if item.name == "test_invalid_requests_are_refused[createTextToMusic]":
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_worker_was_running_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "dying.py").write_text(DYING, "utf-8")
    arguments = ("--seed", "1", "--examples", "2", "-n", "2", "--", "-p", "dying", "-k", "test_generated")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])

    run = conformance("run", *arguments, folder=tmp_path, environment={"PYTHONPATH": path})

    assert run.status == ERRED
    assert [name for name, verdict in run.verdicts if verdict == "error"] == ["BEATRA-createTextToMusic-REFUSES"]
    assert "the process that ran this test died" in run.output
    assert ("BEATRA-getTask-ACCEPTS", "pass") in run.verdicts
