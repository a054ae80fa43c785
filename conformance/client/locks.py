"""Locks on files: they exclude processes and threads on every system, and show which processes of a run still run."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_BRIEF_SECONDS: Final = 0.002
_LONG_SECONDS: Final = 0.03
_SHARES: Final = count(1)
_ASKING: Final = "asking.lock"


@contextmanager
def locked(path: Path, look_every: float = _BRIEF_SECONDS) -> Iterator[None]:
    """Wait for the lock of a file, asking every `look_every` seconds, and hold it. The file's content may be lost."""
    # A new lock each time: a lock belongs to one open file, so threads exclude each other as well.
    with FileLock(path, thread_local=False).acquire(poll_interval=look_every):
        yield


def is_free(path: Path) -> bool:
    """Whether the lock of a file could be taken. Callers that ask at the same moment disturb each other."""
    try:
        with FileLock(path, thread_local=False).acquire(timeout=0):
            return True
    except Timeout:
        return False


class SharedLock:
    """
    A lock that several threads and processes may share, or one holds alone.

    It is the lock of one file, and one more locked file for each holder that shares it. It may be shared while another
    waits to hold it alone, so a thread may share it twice.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold the lock, shared."""
        file = self._path.with_name(f"{self._path.name}.{os.getpid()}-{next(_SHARES)}")
        share = FileLock(file, thread_local=False)
        with locked(self._path, _LONG_SECONDS):
            share.acquire()
        try:
            yield
        finally:
            share.release()
            # Some systems do not remove a file that another process has open; its lock is free all the same.
            with suppress(OSError):
                file.unlink()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock alone."""
        while True:
            with locked(self._path, _LONG_SECONDS):
                if not self._is_shared():
                    yield
                    return
            time.sleep(_LONG_SECONDS)

    def _is_shared(self) -> bool:
        return not all(is_free(file) for file in self._path.parent.glob(f"{self._path.name}.*"))


class ProcessLease:
    """
    A process as the owner of admissions, reservations and purchases.

    A lease lasts as long as its owner: the lock of a process that was killed is free at once, and no time limit is
    needed. No other process of the run uses the same name.
    """

    def __init__(self, folder: Path, worker: str) -> None:
        self.name = f"{worker}-{os.getpid()}"
        self._folder = folder
        self._lock = FileLock(_lock_file(folder, self.name), thread_local=False)
        self._lock.acquire()

    def is_alive(self, name: str) -> bool:
        """Whether the process of this name, or this one itself, is still running."""
        if name == self.name:
            return self._lock.is_locked
        return is_alive(self._folder, name)

    def close(self) -> None:
        """Release the lock."""
        self._lock.release()


def is_alive(folder: Path, name: str) -> bool:
    """Whether the process of this name is still running."""
    file = _lock_file(folder, name)
    if not file.exists():
        return False
    # One after the other: a process that asks holds the lock for a moment, and must not be taken for its owner.
    with locked(folder / _ASKING):
        return not is_free(file)


def _lock_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.alive"
