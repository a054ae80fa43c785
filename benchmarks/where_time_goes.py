"""
Where the time of a run against the embedded implementation goes.

    .venv/bin/python benchmarks/where_time_goes.py [--runs 3]

Each figure is the median over the runs, in seconds of wall time; parts are also given as a share of the whole run,
because the share depends less on the machine than the seconds do. Prints one object of JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.contract.contract import load_contract
from conformance.contract.files import known_systems
from conformance.generation.cases import Drawing, draw_unusual, draw_valid
from conformance.journal.reader import read_recording
from conformance.monitors.registry import is_monitored, judge
from conformance.monitors.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable

DRAWN = 40
HAND_WRITTEN = ("--", "-k", "not test_generated")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = median(options.runs, lambda run: certify(folder / f"whole-{run}"))
        parts = {
            "start of python and the command line": median(options.runs, lambda _: command("--help")),
            "hand-written part, with start and end": median(
                options.runs, lambda run: certify(folder / f"hand-{run}", *HAND_WRITTEN)
            ),
            "drawing requests": median(options.runs, lambda run: timed(lambda: draw_all(run))),
            "waiting for the target": waited(folder / "whole-0"),
            "monitors": median(options.runs, lambda _: timed(lambda: judge_all(folder / "whole-0"))),
        }
    shown = {part: {"seconds": round(took, 2), "share": round(took / whole, 2)} for part, took in parts.items()}
    print(json.dumps({"whole run": round(whole, 2), **shown}, indent=2))


def median(runs: int, measure: Callable[[int], float]) -> float:
    """The median of several measurements."""
    return statistics.median(measure(run) for run in range(runs))


def timed(action: Callable[[], object]) -> float:
    """The wall time of an action in seconds."""
    started = time.monotonic()
    action()
    return time.monotonic() - started


def command(*arguments: str) -> float:
    """The wall time of the command `conformance`."""
    line = [sys.executable, "-m", "conformance", *arguments]
    return timed(lambda: subprocess.run(line, stdout=subprocess.DEVNULL, check=True))  # noqa: S603 - our own


def certify(reports: Path, *more: str) -> float:
    """The wall time of a run against the embedded implementation."""
    return command("run", "--seed", "1", "--report-dir", str(reports), *more)


def draw_all(seed: int) -> None:
    """Draw what a run draws; what was drawn from a seed is remembered, so each needs another one."""
    document = load_contract(known_systems()[0]).document
    for operation in document.operations.values():
        draw_unusual(document, operation, Drawing(seed, DRAWN))
        if operation.certain:
            draw_valid(document, operation, Drawing(seed, DRAWN))


def waited(reports: Path) -> float:
    """The sum of the times between request and answer."""
    (run,) = reports.iterdir()
    return sum(exchange.elapsed_seconds for exchange in read_recording(run).exchanges)


def judge_all(reports: Path) -> None:
    """Let every monitor judge a recorded run."""
    (run,) = reports.iterdir()
    contract = load_contract(known_systems()[0])
    traffic = Traffic(read_recording(run), contract)
    for requirement in filter(is_monitored, contract.registry):
        judge(requirement, traffic)


if __name__ == "__main__":
    main()
