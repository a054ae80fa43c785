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
from conformance.target.reference_audio import AUDIO_PATH, serve_reference_audio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conformance.mutants.base import Mutant

SECONDS = 60


@pytest.fixture(scope="session")
def audio() -> Iterator[dict[str, str]]:
    """The settings of a mutant that can fetch a file over HTTPS."""
    with serve_reference_audio() as served:
        origin = served.url.removesuffix(AUDIO_PATH)
        values = {"AUDIO_URL": served.url, "FETCH_ALLOW": origin, "FETCH_CA": str(served.ca_file)}
        yield {f"CONFORMANCE_REFERENCE_{name}": value for name, value in values.items()}


def failed_requirements(mutant: Mutant, folder: Path, audio: dict[str, str]) -> set[str]:
    """The requirements that fail in a run of the hand-written part of the suite against a mutant."""
    command = [sys.executable, "-m", "conformance", "run", "--app", "conformance.mutants.app:create_app", "--factory"]
    command += ["--control-url", "/_control", "--seed", "1", "--examples", "5", "--report-dir", str(folder)]
    target = folder / "target.toml"
    target.write_text(f'[target]\nbase_url = "http://127.0.0.1{mutant.base_path}"\n', "utf-8")
    command += ["--target", str(target)]
    command += ["--heavy" if mutant.heavy else "--no-heavy"]
    if not mutant.generated:
        command += ["--", "-k", "not test_generated"]
    environment = {**os.environ, **audio, VARIABLE: mutant.id}
    subprocess.run(command, env=environment, timeout=SECONDS, check=False, capture_output=True)
    (report,) = folder.glob("*/report.json")
    judged = json.loads(report.read_text("utf-8"))["requirements"]
    assert not [entry["id"] for entry in judged if entry["verdict"] == "error"]
    return {entry["id"] for entry in judged if entry["verdict"] == "fail"}


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS.keys())
def test_a_mutant_fails_the_requirement_that_it_breaks_and_no_other(
    mutant: Mutant, tmp_path: Path, audio: dict[str, str]
) -> None:
    assert failed_requirements(mutant, tmp_path, audio) == {mutant.breaks, *mutant.consequences}
