"""What a run with real money has under way when it is ended by force does not go on at the target."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from conformance.target.embedded import FAULT_VARIABLE
from tests.cli.deployments import FAULTY, deployed
from tests.cli.runs import REPORTS, ended

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.deployments import Deployment
    from tests.cli.forking import Fork
    from tests.cli.runs import Finished

INTERRUPTED = 2
PATIENCE_SECONDS = 60
# Nothing ends by itself while a test looks.
FOR_EVER = 3600
# Songs are bought for good and waited for; meanwhile others are made and cancelled.
BUYING = ("--max-credits", "310", "--seed", "1")
SONGS = ("--", "-k", "test_songs or test_lists")
LOOKING = ("--tier", "read", "--report-dir", REPORTS, "--", "-k", "test_unknown_paths")


@contextmanager
def interrupted_by(signal_number: int, target: Deployment, workers: str) -> Iterator[Fork]:
    """A run that all its processes are told to end, while the songs that it bought go on."""
    process = target.begun(*BUYING, "-n", workers, *SONGS)
    until = time.monotonic() + PATIENCE_SECONDS
    while len(target.going_on()) < 2:
        assert process.poll() is None, "the run ended before it could be interrupted"
        assert time.monotonic() < until, "the run creates nothing"
        time.sleep(0.05)  # between two looks at the target
    os.killpg(process.pid, signal_number)
    yield process
    process.kill()
    process.communicate()


def next_run(target: Deployment, *options: str) -> Finished:
    """A run that creates nothing, with its reports beside those of the one before."""
    before = set((target.folder / REPORTS).iterdir())
    run = target.certified(*(options or LOOKING))
    (made,) = set((target.folder / REPORTS).iterdir()) - before
    alone = target.folder / "alone"
    alone.mkdir()
    (alone / made.name).symlink_to(made)
    return replace(run, reports=alone)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_ctrl_c_cancels_all_that_goes_on(tmp_path: Path, workers: str) -> None:
    with (
        deployed(tmp_path, queued=1, running=FOR_EVER) as target,
        interrupted_by(signal.SIGINT, target, workers) as process,
    ):
        run = ended(process, tmp_path / REPORTS, time.monotonic())

        assert run.status == INTERRUPTED, run.output
        assert target.going_on() == []
        assert target.net == Decimal(0)
        assert run.report["spend"]["left"] == []
        assert "interrupted" in run.report["spend"]["stopped"]
        assert Decimal(run.report["spend"]["net"]) == Decimal(0)


def test_the_next_run_cancels_what_one_left_that_was_killed(tmp_path: Path) -> None:
    with deployed(tmp_path, queued=1, running=FOR_EVER) as target:
        with interrupted_by(signal.SIGKILL, target, "0") as process:
            process.wait()
        assert target.going_on() != []
        run = next_run(target)

        assert target.going_on() == []
        assert target.net == Decimal(0)
        assert run.report["spend"]["left"] == []


def test_it_names_what_it_could_not_end(tmp_path: Path) -> None:
    fault = {FAULT_VARIABLE: "cancel-only-queued"}
    with deployed(tmp_path, FAULTY, queued=0, running=FOR_EVER, **fault) as target:
        with interrupted_by(signal.SIGKILL, target, "0") as process:
            process.wait()
        going_on = target.going_on()
        run = next_run(target)

        assert {task["task"] for task in run.report["spend"]["left"]} == set(going_on)
        assert all(task_id in run.output for task_id in going_on)
