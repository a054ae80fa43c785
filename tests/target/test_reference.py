"""What follows from the table of options, and is written down, is as the table says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_schema_and_the_reference_pages_are_those_of_the_table() -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "write-reference"), "--check"],
        check=False,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT)},
    )

    assert (run.returncode, run.stderr) == (0, "")
