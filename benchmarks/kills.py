"""
What one run of the suite against a mutant costs, and one request of it.

    .venv/bin/python benchmarks/kills.py [--share 7/24] [--threads 80]

Carries out the trials of a share of the mutants as the kill matrix does, one after the other, each in a fork of a
process that is prepared as in the laboratory. Figures of processor time are medians in seconds per mutant: `client` is
the process of the suite, `server` that of the mutant.
Then sends requests from as many threads as a run has scenarios, once as the suite does and once through httpcore's own
pool of connections, and gives the processor time of each per request. Prints one object of JSON.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING

import httpcore

from conformance.client.transports.base import Outgoing
from conformance.client.transports.over_httpx import HttpxTransport
from conformance.journal.reader import read_recording
from conformance.mutants.laboratory import Trial, perform
from conformance.mutants.trials import Trials, trials_of
from conformance.target.serve import serve_app

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.mutants.base import Mutant

REFERENCE = "conformance.reference.beatra.app:create_app"
CPU_FILE = "cpu.json"
REQUESTS_PER_THREAD = 30
IDLE_SECONDS = 2.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", default="7/24", help="which mutants: 7/24 is every 24th, counted from the 7th")
    parser.add_argument("--threads", type=int, default=80)
    options = parser.parse_args()
    print(json.dumps({"per mutant": per_mutant(options.share), "per request": per_request(options.threads)}, indent=2))


def per_mutant(share: str) -> Mapping[str, float]:
    """The medians over a share of the mutants."""
    # Importing it prepares this process, so it must not happen before anybody asks for it.
    from conformance.mutants import preloaded  # noqa: F401, PLC0415
    from conformance.mutants.beatra.catalogue import MUTANTS as KNOWN  # noqa: PLC0415

    first, step = map(int, share.split("/"))
    with trials_of("beatra") as trials:
        costs = [cost_of(trials, mutant) for mutant in list(KNOWN.values())[first % step :: step]]
    return {name: round(statistics.median(cost[name] for cost in costs), 2) for name in costs[0]} | {
        "mutants": len(costs)
    }


def cost_of(trials: Trials, mutant: Mutant) -> Mapping[str, float]:
    """The processor times of one run, and its exchanges and wall time."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trial = trials.of_mutant(mutant, folder)
        process = multiprocessing.get_context("fork").Process(target=accounted, args=(trial,))
        started = time.monotonic()
        process.start()
        process.join()
        wall = time.monotonic() - started
        recording = read_recording(next(folder.glob("run-*")))
        cpu = json.loads((folder / CPU_FILE).read_text("utf-8"))
    return {**cpu, "both": cpu["client"] + cpu["server"], "wall": wall, "exchanges": len(recording.exchanges)}


def accounted(trial: Trial) -> None:
    """Carry a trial out and leave its processor times in its folder."""
    before = seconds(resource.RUSAGE_SELF)
    perform(trial)
    times = {"client": seconds(resource.RUSAGE_SELF) - before, "server": seconds(resource.RUSAGE_CHILDREN)}
    (trial.folder / CPU_FILE).write_text(json.dumps(times), "utf-8")


def seconds(whose: int) -> float:
    """The processor time so far."""
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


def per_request(threads: int) -> Mapping[str, float]:
    """Microseconds of processor time of one request from many threads, by what it is sent through."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serve_app(REFERENCE, factory=True, environment={}, log=Path(folder) / "target.log") as served,
        closing(HttpxTransport()) as transport,
        httpcore.ConnectionPool(max_connections=None, keepalive_expiry=IDLE_SECONDS) as pool,
    ):
        url = f"{served.origin}/_control"
        outgoing = Outgoing("GET", url, (), b"", timeout_seconds=60, max_response_bytes=100_000)
        ours = each(threads, lambda: transport.send(outgoing))
        theirs = each(threads, lambda: pool.request("GET", url))
    return {"transport of the suite": ours, "httpcore's pool": theirs, "ratio": round(ours / theirs, 2)}


def each(threads: int, send: Callable[[], object]) -> float:
    """The processor time of sending once, in microseconds, when many threads do, beginning all at once."""
    together = Barrier(threads)

    def send_some() -> None:
        together.wait()
        for _ in range(REQUESTS_PER_THREAD):
            send()

    before = seconds(resource.RUSAGE_SELF)
    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(send_some) for _ in range(threads)]:
            future.result()
    return round((seconds(resource.RUSAGE_SELF) - before) / (threads * REQUESTS_PER_THREAD) * 1e6)


if __name__ == "__main__":
    main()
