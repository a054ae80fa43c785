"""Whole runs against targets that leave requests unanswered, or whose answers can't be read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.cli.runs import conformance
from tests.hostile.proxies import misbehaving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.runs import Finished, Sandbox

INCONCLUSIVE = 5
FEW = ("--examples", "1", "--histories", "0", "--no-heavy", "--seed", "1", "--", "-k", "generated or test_tasks")

# A plug-in for the run: requests are given up soon.
HASTY = """
from dataclasses import replace
from conformance.plugin import session

usual = session.pacing_of

def hasty(*arguments):
    pacing = usual(*arguments)
    return replace(pacing, limits=replace(pacing.limits, timeout_seconds=0.3))

session.pacing_of = hasty
"""


def run_against(url: str, served: Sandbox, folder: Path, *options: str) -> Finished:
    (folder / "hasty.py").write_text(HASTY, "utf-8")
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    given = ("run", url, "--system", "beatra", "--report-dir", "reports", *options)
    return conformance(*given, folder=folder, environment={**served.environment, "PYTHONPATH": path})


def objection(run: Finished) -> str:
    (said,) = run.report["gate"]["objections"]
    return str(said)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_target_that_goes_silent_ends_the_run(workers: str, served: Sandbox, tmp_path: Path) -> None:
    with misbehaving(served.base_url, "hangs", lambda number: number >= 4) as url:
        run = run_against(url, served, tmp_path, "-n", workers, *FEW, "-p", "hasty")

    assert run.status == INCONCLUSIVE, run.output
    assert "requests in a row timed out" in objection(run)
    assert run.report["exchanges"] < 200
    assert "Traceback" not in run.output


def test_a_run_ends_when_its_time_is_over(served: Sandbox, tmp_path: Path) -> None:
    with misbehaving(served.base_url, "hangs", lambda number: number % 3 == 2) as url:
        run = run_against(url, served, tmp_path, "--max-wall", "5s", *FEW)

    assert run.status == INCONCLUSIVE, run.output
    assert objection(run) == "The run was ended since it took longer than 5 s (--max-wall)."
    assert "The gate objects: The run was ended since it took longer than 5 s (--max-wall)." in run.output


@pytest.mark.parametrize("mode", ["no HTTP", "cut off"])
def test_a_target_whose_answers_can_t_be_read_is_not_certified(mode: str, served: Sandbox, tmp_path: Path) -> None:
    with misbehaving(served.base_url, mode, lambda number: number > 1 and number % 3 == 0) as url:
        run = run_against(url, served, tmp_path, *FEW)

    assert run.status == INCONCLUSIVE, run.output
    assert "got no answer that could be read" in objection(run)


def test_a_lost_answer_now_and_then_keeps_nobody_from_being_judged(served: Sandbox, tmp_path: Path) -> None:
    with misbehaving(served.base_url, "cut off", lambda number: number % 60 == 59) as url:
        run = run_against(url, served, tmp_path, *FEW)

    assert run.status == 0, run.output
