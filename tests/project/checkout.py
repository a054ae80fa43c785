"""The checkout that the tests run in, and the files that git keeps of it."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOMES_OF_A_SYSTEM = (
    "specs",
    "conformance/suite",
    "conformance/reference",
    "conformance/mutants",
    "conformance/liberties",
)


def systems() -> list[str]:
    """The names of the systems that the suite knows."""
    return sorted(folder.name for folder in (ROOT / "specs").iterdir() if (folder / "conventions.yaml").exists())


@cache
def kept_files() -> tuple[Path, ...]:
    """
    The files that are committed, or would be with the next commit.

    Skips the test that asks outside of a git checkout: there is nobody to tell what belongs to the project.
    """
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("needs git and a checkout")
    listing = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return tuple(path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file())


def lines_containing(*needles: str) -> list[str]:
    """Every `file:line` of the kept files in which one of the needles occurs, whatever its case."""
    wanted = [needle.lower() for needle in needles]
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in kept_files()
        for number, line in enumerate(path.read_text("utf-8", errors="replace").lower().splitlines(), start=1)
        if any(needle in line for needle in wanted)
    ]
