"""
What a run costs before and around its requests: start-up, imports, and a whole verdict on a small server.

    .venv/bin/python benchmarks/startup.py [--runs 5]

Seconds are medians over the runs, of wall time and of the processor time of the command. The verdict is that of
`conformance run URL --spec … --conventions …` on the studio of the tests, which is up already; `requests` is what the
server counted. Then the modules whose import takes longest, in milliseconds, each with all that it imports first.
Prints one object of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from rates import KEY, KEY_VARIABLE, STUDIO, served, target_file

CONTROLLER = "import conformance.plugin.controller"
IMPORTED = re.compile(r"import time:\s+\d+ \|\s+(?P<microseconds>\d+) \| (?P<depth> *)(?P<module>\S+)")
SHOWN = 12


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs: int = parser.parse_args().runs
    python = [sys.executable]
    found: dict[str, object] = {
        "python": median(runs, [*python, "-c", "pass"]),
        "conformance --help": median(runs, [*python, "-m", "conformance", "--help"]),
        "imports of a run": median(runs, [*python, "-c", CONTROLLER]),
    }
    with served() as url, tempfile.TemporaryDirectory() as folder:
        described = ["--spec", str(STUDIO / "openapi.yaml"), "--conventions", str(STUDIO / "conventions.yaml")]
        stated = ["--target", str(target_file(Path(folder), url)), "--report-dir", folder, "--seed", "1"]
        httpx.get(f"{url}/measured", trust_env=False)
        found["a verdict"] = median(runs, [*python, "-m", "conformance", "run", url, *described, *stated])
        found["requests of a verdict"] = httpx.get(f"{url}/measured", trust_env=False).json()["requests"] // runs
    found["imports (ms)"] = imports()
    print(json.dumps(found, indent=2))


def median(runs: int, command: list[str]) -> dict[str, float]:
    """The median wall and processor time of a command."""
    taken = [timed(command) for _ in range(runs)]
    walls, processors = zip(*taken, strict=True)
    return {"wall (s)": round(statistics.median(walls), 2), "processor (s)": round(statistics.median(processors), 2)}


def timed(command: list[str]) -> tuple[float, float]:
    """Wall and processor time of one command, in seconds."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    environment = {**os.environ, KEY_VARIABLE: KEY}
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - our own
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def imports() -> dict[str, float]:
    """The modules that take longest to import, of the upper levels, with what they import first."""
    line = [sys.executable, "-X", "importtime", "-c", CONTROLLER]
    said = subprocess.run(line, capture_output=True, text=True, check=True).stderr  # noqa: S603 - our own
    parts = [part for part in map(IMPORTED.match, said.splitlines()) if part is not None]
    upper = sorted(parts, key=lambda part: -int(part["microseconds"]))[:SHOWN]
    return {part["module"]: round(int(part["microseconds"]) / 1000, 1) for part in upper}


if __name__ == "__main__":
    main()
