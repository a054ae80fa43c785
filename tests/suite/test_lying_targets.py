"""A target that lies is told so with evidence: the suite neither breaks on what it says nor follows it without end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from conformance.target.launch import EMBEDDED_KEYS
from tests.cli.runs import KEY, conformance
from tests.suite.liars import FAMILIES, LIAR, VARIABLE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.runs import Finished

NONCONFORMANT = 1
A_KEY = "sk-" + "0" * 32
LONGEST_SECONDS = 180
# Each lie by itself takes a run of its own, together half an hour: for whoever changes how answers are read.
EVERY_LIE = os.environ.get("CONFORMANCE_EVERY_LIE")
APART = [f"{family}/{name}" for family, lies in FAMILIES.items() for name in lies] if EVERY_LIE else []


def run_against(lies: str, folder: Path, system: str = "beatra") -> Finished:
    application = ("--app", "tests.suite.liars:create_app", "--factory", "--control-url", "/_control")
    options = ("--system", system, "--play-money", "--seed", "1", "--examples", "5", "--no-heavy")
    environment = {VARIABLE: lies, LIAR: system, KEY: A_KEY, EMBEDDED_KEYS["main"]: A_KEY}
    return conformance("run", *application, *options, folder=folder, environment=environment)


def broken(run: Finished) -> dict[str, list[object]]:
    """The requirements that fail, with their evidence."""
    return {entry["id"]: entry["evidence"] for entry in run.report["requirements"] if entry["verdict"] == "fail"}


def expect_composure(run: Finished) -> None:
    """Make sure that the suite keeps its promises, whatever it was told."""
    tests = [(test["name"], test) for entry in run.report["requirements"] for test in entry["tests"]]
    assert [test for _, test in tests if test["verdict"] == "error"] == []
    assert "Traceback" not in run.output
    assert run.seconds < LONGEST_SECONDS
    assert [requirement for requirement, evidence in broken(run).items() if not evidence] == []


@pytest.mark.parametrize(
    "lies",
    [
        "clips,amounts,errors",
        "members",
        "ids",
        "pages,times",
        "stories",
        "types,headers",
        "corrupt",
        "bodies,statuses",
        "additions,redirects",
    ],
)
def test_a_target_that_lies_is_nonconformant(lies: str, tmp_path: Path) -> None:
    run = run_against(lies, tmp_path)

    expect_composure(run)
    assert run.status == NONCONFORMANT


@pytest.mark.parametrize("system", ["minimax", "beatoven"])
@pytest.mark.parametrize("lies", ["corrupt", "types"])
def test_a_target_of_another_system_that_lies_is_nonconformant(system: str, lies: str, tmp_path: Path) -> None:
    run = run_against(lies, tmp_path, system)

    expect_composure(run)
    assert run.status == NONCONFORMANT


def test_a_lie_breaks_the_requirement_that_it_is_about(tmp_path: Path) -> None:
    about = {
        "clips/string": "BEATRA-MUSIC-06",
        "reasons/list": "BEATRA-CHAT-02",
        "pages/new-cursor": "BEATRA-LIST-06",
        "stories/resurrected": "BEATRA-TASK-03",
        "stories/negative-refunds": "BEATRA-MONEY-08",
    }

    run = run_against(",".join(about), tmp_path)

    expect_composure(run)
    assert broken(run).keys() >= set(about.values())


def test_lost_connections_and_server_faults_never_pass_for_conformance(tmp_path: Path) -> None:
    run = run_against("connections", tmp_path)

    expect_composure(run)
    assert run.report["verdict"] in ("incomplete", "nonconformant")


@pytest.mark.parametrize("lie", APART)
def test_no_lie_by_itself_upsets_the_suite(lie: str, tmp_path: Path) -> None:
    expect_composure(run_against(lie, tmp_path))
