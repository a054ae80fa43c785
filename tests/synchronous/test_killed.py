"""
Runs with real money that are killed at random moments: what the desk has charged was set aside, and is within the cap.

Each run is the successor of the one before it: their reports are in the same folder. A handful by default;
CONFORMANCE_KILLED_RUNS=50 kills so many.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

import pytest

from conformance.money.ledger import SpendLedger
from conformance.money.ledger_store import LEDGER_FILE
from tests.cli.runs import REPORTS
from tests.synchronous.desk.app import WORK_SECONDS
from tests.synchronous.desk.books import arrived, charged
from tests.synchronous.serving import served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.forking import Fork
    from tests.synchronous.serving import Served

RUNS = int(os.environ.get("CONFORMANCE_KILLED_RUNS", "3"))
# Less than what a run would set aside for all of its scenarios.
CAP = Decimal(8)
SELECTED = ("--", "-k", "translateText or summarizeText or readTranslation")
# About as many requests as a run sends to priced operations.
MOST_ARRIVALS = 40
# Of so many runs one has two workers, of which one is killed: another one takes its place.
WORKER_KILLED = 3
PATIENCE_SECONDS = 300
LOOK_SECONDS = 0.002
WORK = 0.03


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A desk that takes its time before and after a charge, so that most kills fall there."""
    with served(tmp_path_factory.mktemp("killed"), **{WORK_SECONDS: f"{WORK}"}) as running:
        yield running


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until, "nothing happens any more"
        time.sleep(LOOK_SECONDS)  # between two looks at the desk


def kill_a_worker(process: Fork, chance: Random) -> None:
    os.kill(chance.choice(process.children()), signal.SIGKILL)


def runs_of(desk: Served) -> set[Path]:
    return set(desk.folder.glob(f"{REPORTS}/run-*"))


def set_aside(run: Path) -> Decimal:
    """What is at stake by the run's own account book; nothing where the run was killed before it had one."""
    if not (run / LEDGER_FILE).exists():
        return Decimal(0)
    with closing(SpendLedger(run / LEDGER_FILE)) as ledger:
        try:
            return ledger.balance().exposure
        except sqlite3.OperationalError:
            return Decimal(0)


@pytest.mark.parametrize("number", range(1, RUNS + 1))
def test_never_more_than_the_cap_is_spent(number: int, desk: Served) -> None:
    chance = Random(f"killed-{number}")
    begin, known, enough = desk.books.size, runs_of(desk), chance.randint(1, MOST_ARRIVALS)
    workers = ("-n", "2") if number % WORKER_KILLED == 0 else ()
    process = desk.begun("--max-credits", f"{CAP:f}", "--seed", str(number), *workers, *SELECTED)
    try:
        wait_until(lambda: len(arrived(desk.books.after(begin))) >= enough or process.poll() is not None)
        time.sleep(chance.uniform(0, 2 * WORK))  # somewhere in the life of the request
        if process.poll() is None and workers:
            kill_a_worker(process, chance)
        elif process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=PATIENCE_SECONDS)
    finally:
        process.kill()
        process.communicate()
    wait_until(lambda: desk.under_way() == 0)

    assert charged(desk.books.after(begin)) <= sum(map(set_aside, runs_of(desk) - known)) <= CAP
