"""Deployments without a control interface: what becomes of tasks that the suite cancels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.runs import KEY, Finished, judged
from tests.liberties import deployments

if TYPE_CHECKING:
    from pathlib import Path

CAPPED = "--max-credits=310"


def deployed(application: str, requirement: str, way: str, folder: Path) -> Finished:
    target = ("--app", f"tests.liberties.deployments:{application}", "--factory", "--system", "beatra")
    return judged(*target, way, "--only", requirement, folder=folder, environment={KEY: deployments.KEY})


def reason_of(run: Finished, requirement: str) -> str | None:
    (entry,) = (entry for entry in run.report["requirements"] if entry["id"] == requirement)
    found: str | None = entry["reason"]
    return found


def test_with_play_money_another_task_is_cancelled_in_place_of_one_that_had_ended(tmp_path: Path) -> None:
    run = deployed("first_task_ends_early", "BEATRA-CANCEL-01", "--play-money", tmp_path)

    assert ("BEATRA-CANCEL-01", "pass") in run.verdicts, run.output


def test_with_a_cap_no_other_task_is_bought_for_that(tmp_path: Path) -> None:
    run = deployed("first_task_ends_early", "BEATRA-CANCEL-01", CAPPED, tmp_path)

    assert ("BEATRA-CANCEL-01", "inconclusive") in run.verdicts, run.output
    assert "can't end before it is cancelled" in (reason_of(run, "BEATRA-CANCEL-01") or "")
