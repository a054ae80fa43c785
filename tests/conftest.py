"""What all tests of the project share."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.sharing import share

if TYPE_CHECKING:
    from collections.abc import Generator

# A failure that shows on one machine must show on every other.
hypothesis.settings.register_profile("project", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("project")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among modules and tests: they all stay, and going over them takes a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _shared(tmp_path_factory: pytest.TempPathFactory) -> None:
    share(tmp_path_factory)
