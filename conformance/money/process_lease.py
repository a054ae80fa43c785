"""Which processes of a run are still running: each locks a file, and the lock is freed when the process ends."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from filelock import FileLock

from conformance.client.locks import is_free, locked

if TYPE_CHECKING:
    from pathlib import Path


_ASKING: Final = "asking.lock"


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
