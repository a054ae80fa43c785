"""Keeps the suite out of runs that did not select it: without a target its tests have nothing to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Collect nothing here unless the plugin runs the suite."""
    return None if config.pluginmanager.has_plugin("conformance-run") else True
