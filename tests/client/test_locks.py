"""Locks hold threads and processes off each other, and are free as soon as their process is gone."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from conformance.client.locks import SharedLock, is_free, locked
from tests.client.bench import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

# Takes a lock in the way that is named, says so, and keeps it until its input ends.
HOLDING = """
import sys
from pathlib import Path
from conformance.client.locks import SharedLock, locked
path = Path(sys.argv[1])
with {"locked": locked(path), "shared": SharedLock(path).shared(), "alone": SharedLock(path).alone()}[sys.argv[2]]:
    print("held", flush=True)
    sys.stdin.read()
"""
# Long enough for one who need not wait; who waits is still waiting then.
SHORT_SECONDS = 0.3


@contextmanager
def held_elsewhere(path: Path, how: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLDING, str(path), how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def taking(lock: AbstractContextManager[None]) -> threading.Event:
    """What a thread sets once it has had the lock."""
    done = threading.Event()

    def take() -> None:
        with lock:
            done.set()

    threading.Thread(target=take, daemon=True).start()
    return done


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("held", ["locked", "shared", "alone"])
def test_the_lock_of_a_process_that_was_killed_is_free(held: str, how: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with held_elsewhere(path, held) as process:
        waiting = taking(SharedLock(path).alone())

        assert not waiting.wait(SHORT_SECONDS)
        process.send_signal(how)
        process.wait()
        assert waiting.wait(PATIENCE_SECONDS)


def test_asking_takes_nothing_from_the_holder(tmp_path: Path) -> None:
    with locked(tmp_path / "lock"):
        assert [is_free(tmp_path / "lock") for _ in range(3)] == [False] * 3

    assert [is_free(tmp_path / "lock") for _ in range(3)] == [True] * 3


def test_a_lock_is_shared_between_processes_and_twice_by_a_thread(tmp_path: Path) -> None:
    lock = SharedLock(tmp_path / "lock")
    with held_elsewhere(tmp_path / "lock", "shared"), lock.shared():
        waiting = taking(lock.alone())
        with lock.shared():
            assert not waiting.is_set()
        assert not waiting.wait(SHORT_SECONDS)

    assert waiting.wait(PATIENCE_SECONDS)


def test_what_one_has_alone_is_not_shared(tmp_path: Path) -> None:
    lock = SharedLock(tmp_path / "lock")
    with lock.alone():
        waiting = taking(lock.shared())
        assert not waiting.wait(SHORT_SECONDS)

    assert waiting.wait(PATIENCE_SECONDS)


def test_a_lock_that_was_shared_often_leaves_one_file(tmp_path: Path) -> None:
    lock = SharedLock(tmp_path / "lock")
    for _ in range(10):
        with lock.shared():
            pass

    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
