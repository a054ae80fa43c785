"""After the walk, requests are drawn in rounds for as long as somebody asks for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conformance.target.embedded import FAULT_VARIABLE
from tests.cli.runs import KEY, conformance
from tests.cli.studio.app import FAULT
from tests.cli.studio.app import KEY as STUDIO_KEY

if TYPE_CHECKING:
    from tests.cli.runs import Finished

STUDIO = Path(__file__).parent / "studio"
CONFORMANT, NONCONFORMANT, USAGE_ERROR = 0, 1, 2


def run_studio(folder: Path, *arguments: str, fault: str = "", seed: int = 1) -> Finished:
    described = ["--spec", str(STUDIO / "openapi.yaml"), "--conventions", str(STUDIO / "conventions.yaml")]
    target = ["--app", "tests.cli.studio.app:create_app", "--factory", *described, "--seed", str(seed)]
    environment = {KEY: STUDIO_KEY, FAULT: fault}
    return conformance("run", *target, *arguments, folder=folder, environment=environment)


def test_the_report_says_what_there_was_time_for(tmp_path: Path) -> None:
    run = run_studio(tmp_path, "--examples", "1", "--max-time", "4s")

    assert run.status == CONFORMANT
    generated = run.report["generated"]
    assert generated["valid"] > 0
    assert generated["invalid"] > 0
    assert generated["rounds"]["sent"] > 0
    assert 0 <= generated["rounds"]["reached"] <= generated["rounds"]["asked"]


def test_without_it_there_are_no_rounds(tmp_path: Path) -> None:
    run = run_studio(tmp_path, "--examples", "1", "--", "-k", "listVoices")

    assert run.report["generated"]["rounds"] is None
    assert run.report["generated"]["needless"] == 0
    assert not any("test_timed_fuzzing" in nodeid for nodeid in run.collected)


def test_a_fault_that_only_rounds_meet_is_blamed_once_and_says_how_to_meet_it_again(tmp_path: Path) -> None:
    arguments = ("--max-time", "5s", "--", "-k", "test_timed_fuzzing")
    run = run_studio(tmp_path, *arguments, fault="unknown nested member accepted", seed=6)

    failing = [entry for entry in run.report["requirements"] if entry["verdict"] == "fail"]
    assert [entry["id"] for entry in failing] == ["LOOP_STUDIO-post-loops-REFUSES"]
    assert "round 1 of --seed 6" in failing[0]["reason"]
    assert "curl" in run.output
    assert run.status == NONCONFORMANT


def test_a_refusal_that_costs_is_found_in_rounds_as_well(tmp_path: Path) -> None:
    mutant = ("--app", "conformance.mutants.beatra.app:create_app", "--factory", "--control-url", "/_control")
    arguments = ("--seed", "1", "--max-time", "5s", "--", "-k", "test_timed_fuzzing")
    environment = {FAULT_VARIABLE: "one-mistake-debited"}

    run = conformance("run", *mutant, *arguments, folder=tmp_path, environment=environment)

    assert [name for name, verdict in run.verdicts if verdict == "fail"] == ["BEATRA-MONEY-20"]
    assert "POST createTextToMusic, which was refused, to cost nothing" in run.output


def test_what_is_no_duration_is_said_in_one_sentence(tmp_path: Path) -> None:
    run = run_studio(tmp_path, "--max-time", "soon")

    assert run.status == USAGE_ERROR
    assert "--max-time must be a duration such as 45, 30s, 2m or 1h, at most 30 days, not 'soon'." in run.output
    assert "Traceback" not in run.output
