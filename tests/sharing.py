"""Where all processes of one test run keep what each of them can use."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

_SHARED: Final[list[Path]] = []


def share(factory: pytest.TempPathFactory) -> None:
    """Settle where that is."""
    folder = factory.getbasetemp()
    _SHARED[:] = [folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder]


def is_shared() -> bool:
    """Whether there is such a place: a command that is no test run of pytest has none."""
    return bool(_SHARED)


def shared_folder(name: str) -> Path:
    """A folder of this name, for all processes of the test run."""
    (shared,) = _SHARED
    folder = shared / name
    folder.mkdir(exist_ok=True)
    return folder
