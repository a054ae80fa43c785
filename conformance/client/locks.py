"""Locks on files, which hold processes and threads off each other on every system and end with their process."""

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


@contextmanager
def locked(path: Path, look_every: float = _BRIEF_SECONDS) -> Iterator[None]:
    """Hold the lock of a file, as soon as it is free. The file is for nothing else: its content may be lost."""
    # Made anew each time: a lock belongs to what was opened, so threads hold each other off as well.
    with FileLock(path, thread_local=False).acquire(poll_interval=look_every):
        yield


def is_free(path: Path) -> bool:
    """Whether the lock of a file could be had. Those who ask at the same moment are in each other's way."""
    try:
        with FileLock(path, thread_local=False).acquire(timeout=0):
            return True
    except Timeout:
        return False


class SharedLock:
    """
    A lock that several threads and processes may share, or one has alone.

    It is made of the lock of a file, for a moment or alone, and of one more file for each who shares it. Others may
    share it while one waits to have it alone, so a thread may share it twice.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold the lock together with others."""
        file = self._path.with_name(f"{self._path.name}.{os.getpid()}-{next(_SHARES)}")
        share = FileLock(file, thread_local=False)
        with locked(self._path, _LONG_SECONDS):
            share.acquire()
        try:
            yield
        finally:
            share.release()
            # Not every system removes a file that the one who waits is looking at; its lock is free all the same.
            with suppress(OSError):
                file.unlink()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock while no other does."""
        while True:
            with locked(self._path, _LONG_SECONDS):
                if not self._is_shared():
                    yield
                    return
            time.sleep(_LONG_SECONDS)

    def _is_shared(self) -> bool:
        return not all(is_free(file) for file in self._path.parent.glob(f"{self._path.name}.*"))
