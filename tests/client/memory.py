"""Folders that are gone when the power fails: a ledger in one does not wait for a disk."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - the folder in it has a name of its own


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """A folder for as long as the block lasts; on a disk where the system has none in memory."""
    with TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        yield Path(folder)
