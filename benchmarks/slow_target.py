"""
How long a run takes against a target whose tasks take 20 seconds, compared with its longest chain of tasks.

    .venv/bin/python benchmarks/slow_target.py [--task-seconds 20] [--workers 0 2]

Serves the embedded implementation without offering its control interface to the suite, so that nothing but waiting
helps, and certifies it. The longest chain is the longest time that one scenario was under way: it can't be shortened,
because each of its steps needs the end of the one before. Prints one line of JSON per run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.journal.reader import read_recording
from conformance.target.serve import serve_app

if TYPE_CHECKING:
    from collections.abc import Mapping

MAIN, SECOND, FORBIDDEN = ("sk-" + digit * 32 for digit in "012")
PREFIX = "CONFORMANCE_REFERENCE_"


def main() -> None:
    """Measure once per number of workers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task-seconds", type=float, default=20.0, help="how long a task takes")
    parser.add_argument("--workers", nargs="+", default=["0", "2"], help="numbers of processes to try")
    options = parser.parse_args()
    for workers in options.workers:
        print(json.dumps(measured(options.task_seconds, workers)), flush=True)


def measured(task_seconds: float, workers: str) -> Mapping[str, object]:
    """The figures of one run."""
    environment = {
        f"{PREFIX}MAIN_KEY": MAIN,
        f"{PREFIX}SECOND_KEY": SECOND,
        f"{PREFIX}FORBIDDEN_KEY": FORBIDDEN,
        f"{PREFIX}STARTING_CREDITS": "10000000",
        f"{PREFIX}QUEUED_SECONDS": "2",
        f"{PREFIX}RUNNING_SECONDS": str(task_seconds - 2),
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app = "conformance.reference.beatra.app:create_app"
        with serve_app(app, factory=True, environment=environment, log=folder / "target.log") as served:
            started = time.monotonic()
            certify(f"{served.origin}/v1", folder, workers)
            wall = time.monotonic() - started
        (run,) = (path.parent for path in folder.glob("reports/*/report.json"))
        scenario, chain = longest_chain(run)
        report = json.loads((run / "report.json").read_text("utf-8"))
    return {
        "task_seconds": task_seconds,
        "workers": workers,
        "wall_seconds": round(wall, 1),
        "longest_chain_seconds": round(chain, 1),
        "longest_scenario": scenario,
        "ratio": round(wall / chain, 2),
        "headline": report["headline"],
    }


def certify(base_url: str, folder: Path, workers: str) -> None:
    """Run the suite against a URL, without a control interface, with play money."""
    target = folder / "target.toml"
    target.write_text(f'[target]\nbase_url = "{base_url}"\nmoney = "play"\n', "utf-8")
    command = [sys.executable, "-m", "conformance", "run", "--target", str(target), "-n", workers, "--seed", "1"]
    keys = {"CONFORMANCE_API_KEY": MAIN, "CONFORMANCE_SECOND_KEY": SECOND, "CONFORMANCE_FORBIDDEN_KEY": FORBIDDEN}
    subprocess.run(  # noqa: S603 - our own command
        [*command, "--report-dir", str(folder / "reports")],
        env={**os.environ, **keys},
        stdout=subprocess.DEVNULL,
        check=False,
    )


def longest_chain(run: Path) -> tuple[str, float]:
    """The scenario that was under way for the longest time, and that time in seconds."""
    spans: dict[str, list[float]] = defaultdict(list)
    for exchange in read_recording(run).exchanges:
        begun = exchange.at.timestamp()
        spans[exchange.cause or ""] += [begun, begun + exchange.elapsed_seconds]
    return max(((name, max(times) - min(times)) for name, times in spans.items()), key=lambda span: span[1])


if __name__ == "__main__":
    main()
