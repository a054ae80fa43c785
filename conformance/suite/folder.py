"""Where the suite's tests are."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SUITE_FOLDER: Final = Path(__file__).resolve().parent.parent / "suite"
