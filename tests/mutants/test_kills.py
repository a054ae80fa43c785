"""Every mutant is killed: the requirement that it breaks fails, and nothing else but what its declaration names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from conformance.mutants.app import VARIABLE
from conformance.mutants.catalogue import MUTANTS

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.mutants.base import Mutant

SECONDS = 60


def failed_requirements(mutant: Mutant, folder: Path) -> set[str]:
    """The requirements that fail in a run of the hand-written part of the suite against a mutant."""
    command = [sys.executable, "-m", "conformance", "run", "--app", "conformance.mutants.app:create_app", "--factory"]
    command += ["--control-url", "/_control", "--seed", "1", "--examples", "5", "--report-dir", str(folder)]
    if not mutant.generated:
        command += ["--", "-k", "not test_generated"]
    subprocess.run(command, env={**os.environ, VARIABLE: mutant.id}, timeout=SECONDS, check=False, capture_output=True)
    (report,) = folder.glob("*/report.json")
    judged = json.loads(report.read_text("utf-8"))["requirements"]
    assert not [entry["id"] for entry in judged if entry["verdict"] == "error"]
    return {entry["id"] for entry in judged if entry["verdict"] == "fail"}


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS.keys())
def test_a_mutant_fails_the_requirement_that_it_breaks_and_no_other(mutant: Mutant, tmp_path: Path) -> None:
    assert failed_requirements(mutant, tmp_path) == {mutant.breaks, *mutant.consequences}
