from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _apps_are_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
