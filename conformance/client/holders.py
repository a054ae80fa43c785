"""Who still lives among the processes of a run: each holds a lock that ends with it, however it ends."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Holder:
    """
    A process as the owner of leases.

    A lease lasts as long as its owner: the lock of a process that was killed is free at once, and no clock has to
    guess. The name is not used again by any other process of the run.
    """

    def __init__(self, folder: Path, worker: str) -> None:
        self.name = f"{worker}-{os.getpid()}"
        self._folder = folder
        self._file = _lock_file(folder, self.name).open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def lives(self, name: str) -> bool:
        """Whether the process of this name, or this one itself, is still there."""
        if name == self.name:
            return not self._file.closed
        return lives(self._folder, name)

    def close(self) -> None:
        """Give up all leases."""
        self._file.close()


def lives(folder: Path, name: str) -> bool:
    """Whether the process of this name is still there."""
    try:
        file = _lock_file(folder, name).open("r")
    except FileNotFoundError:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _lock_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.alive"
