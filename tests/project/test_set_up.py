from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.project.checkout import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def set_up(python: Path | str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [ROOT / "tools" / "make-venv", python, folder / "venv"]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_a_missing_python_is_named_in_one_sentence(tmp_path: Path) -> None:
    made = set_up("python-that-is-not-there", tmp_path)

    assert made.returncode == 1
    assert made.stderr.count("\n") == 1
    assert "there is no command 'python-that-is-not-there'" in made.stderr


def test_a_python_that_is_too_old_is_named_in_one_sentence(tmp_path: Path) -> None:
    old = tmp_path / "old-python"
    old.write_text('#!/bin/sh\nif [ "$1" = --version ]; then echo Python 3.9.2; else exit 1; fi\n')
    old.chmod(0o755)

    made = set_up(old, tmp_path)

    assert made.returncode == 1
    assert made.stderr.count("\n") == 1
    assert "Python 3.11 or newer is needed" in made.stderr
    assert "is Python 3.9.2" in made.stderr
