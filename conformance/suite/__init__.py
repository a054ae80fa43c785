"""The conformance tests: scenarios cause traffic, tests judge it. Needs a target; see `conformance run --help`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SUITE_FOLDER: Final = Path(__file__).resolve().parent
