"""
Requests per second: of the suite's client beside a raw httpx loop, and of drawn requests beside schemathesis.

    .venv/bin/python benchmarks/rates.py [--rounds 5] [--seconds 10]

All against the same server, the studio of the tests, in one process of its own on loopback; by turns, so that the
load of the machine meets both alike. Ratios are medians over the rounds. Prints one object of JSON.

`walk`: the requests of the constraint walk over the studio's document, many times over. The loop hands each to
`httpx.Client.request` as it is; the client adds its headers, asks the guard, waits its turn, removes secrets, writes
the journal. `judged` adds reading the journal back and letting every monitor judge. By wall time and by the processor
time of this process, which a loaded machine changes less.

`drawn`: what the server counted from the first to the last request, so that neither start-up counts, in a run of so
many seconds of `conformance run --max-time` and of `schemathesis run --max-time`, both with one worker. By processor
time it is what a long run takes beyond a short one.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from conformance.accounts.account import Account
from conformance.cli.run import COLLECTIONS
from conformance.client.client import Client
from conformance.client.identity import Identity
from conformance.client.rate_limit import Pacer
from conformance.client.transports.over_httpx import HttpxTransport
from conformance.contract.selection import contract_of, external_contract_of
from conformance.generation.walk import walk
from conformance.journal.reader import read_recording
from conformance.journal.redaction import Redactor, Secret
from conformance.journal.writer import Journal
from conformance.money.guard import PlayMoneyGuard
from conformance.monitors.registry import is_monitored, judge
from conformance.monitors.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.client.request import PreparedRequest
    from conformance.client.transports.base import Transport
    from conformance.contract.contract import Contract

ROOT = Path(__file__).resolve().parent.parent
STUDIO = ROOT / "tests" / "cli" / "studio"
KEY, HEADER = "studio-key-0123456789", "X-Studio-Key"
KEY_VARIABLE = "CONFORMANCE_API_KEY"
TIMES = 10


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    # As in `conformance run`; the loop profits from it as well.
    gc.set_threshold(*COLLECTIONS)
    with tempfile.TemporaryDirectory() as folder, served() as url:
        found = {
            "walk": of_the_walk(Path(folder), options.rounds),
            "drawn": of_drawn_requests(url, Path(folder), max(1, options.rounds // 2), options.seconds),
        }
    print(json.dumps(found, indent=2))


@contextmanager
def served() -> Iterator[str]:
    """The URL of the counted studio, in a process of its own."""
    arguments = ["uvicorn", "--factory", "benchmarks.counted:create_app", "--port", "0", "--no-access-log"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-m", *arguments]
    with subprocess.Popen(line, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as server:  # noqa: S603 - our own
        try:
            assert server.stderr is not None  # noqa: S101 - piped above
            said = next(line for line in server.stderr if "running on" in line)
            yield next(word for word in said.split() if word.startswith("http"))
        finally:
            server.terminate()


def of_the_walk(folder: Path, rounds: int) -> dict[str, object]:
    """Requests per second of the loop and of the client, by both clocks, and their ratios."""
    contract = studio()
    timed: dict[str, list[Timed]] = {"loop": [], "client": [], "judged": []}
    number = 0
    for position in range(rounds + 1):
        looped, sent, judged, number = measured(contract, folder / str(position))
        if position:  # the first one warms up
            timed["loop"].append(looped)
            timed["client"].append(sent)
            timed["judged"].append(judged)
    found: dict[str, object] = {"requests": number}
    for clock in ("wall", "processor"):
        seconds = {name: [getattr(time_, clock) for time_ in times] for name, times in timed.items()}
        found |= {f"{name} (requests/s, {clock})": round(number / statistics.median(s)) for name, s in seconds.items()}
        for name in ("client", "judged"):
            ratios = [mine / other for other, mine in zip(seconds[name], seconds["loop"], strict=True)]
            found[f"{name} : loop ({clock})"] = round(statistics.median(ratios), 2)
    return found


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of wall time, and of this process's processor time."""

    wall: float
    processor: float


def measured(contract: Contract, folder: Path) -> tuple[Timed, Timed, Timed, int]:
    """How long the loop took, the client, and the client with all monitors after it; and for how many requests."""
    with served() as url:
        requests = prepared(contract, url) * TIMES
        looped = timed(lambda: loop(url, requests))
    # A server of its own for each: what the studio lists grows with what was made.
    with served() as url, recording_client(contract, url, folder) as account:
        own = prepared(contract, url) * TIMES
        sent = timed(lambda: [account.send(request) for request in own])
    judged = timed(lambda: judge_all(contract, folder))
    return looped, sent, Timed(sent.wall + judged.wall, sent.processor + judged.processor), len(requests)


def judge_all(contract: Contract, folder: Path) -> None:
    """Read back what was recorded, and let every monitor judge it."""
    traffic = Traffic(read_recording(folder), contract)
    for requirement in filter(is_monitored, contract.registry):
        judge(requirement, traffic)


def timed(action: Callable[[], object]) -> Timed:
    """How long an action took."""
    wall, processor = time.perf_counter(), time.process_time()
    action()
    return Timed(time.perf_counter() - wall, time.process_time() - processor)


def loop(url: str, requests: list[PreparedRequest]) -> None:
    """Send every request with httpx."""
    with httpx.Client(base_url=url, headers={HEADER: KEY}, trust_env=False) as client:
        for request in requests:
            content = request.content if isinstance(request.content, bytes) else request.content.read_bytes()
            client.request(request.method, request.url, headers=list(request.headers), content=content)


@contextmanager
def recording_client(
    contract: Contract, url: str, folder: Path, transport: Callable[[], Transport] = HttpxTransport
) -> Iterator[Account]:
    """An account of the suite's client as a run has it."""
    key = Secret(KEY)
    folder.mkdir(parents=True, exist_ok=True)
    redactor = Redactor(key)
    journal = Journal(
        folder, "main", redactor, run="rates", system=contract.system, contract_version="1", suite_version="1"
    )
    client = Client(
        base_url=url,
        contract=contract,
        journal=journal,
        redactor=redactor,
        transports={"httpx": transport()},
        faulty=lambda _: transport(),
        guard=PlayMoneyGuard(),
        pacer=Pacer(),
        identity=Identity("rates", "main"),
        user_agent="rates",
    )
    with journal:
        yield Account(client, "shared", {"main": key}, None, None)
    client.close()


def studio() -> Contract:
    """The contract of the studio, by its document and conventions."""
    return contract_of(
        "", external_contract_of(str(STUDIO / "openapi.yaml"), str(STUDIO / "conventions.yaml"), None, ROOT)
    )


def prepared(contract: Contract, url: str) -> list[PreparedRequest]:
    """The requests of the walk over all operations that a plain httpx loop can send."""
    base = url + "/v2"
    steps = [step for operation in contract.document.operations.values() for step in walk(contract, operation).steps]
    return [step.case().prepared(base) for step in steps]


def of_drawn_requests(url: str, folder: Path, rounds: int, seconds: int) -> dict[str, float]:
    """Drawn requests per second, by this suite and by schemathesis, by both clocks, and their ratios."""
    stated = str(target_file(folder, url))
    found: dict[str, list[Timed]] = {"ours": [], "schemathesis": []}
    for seed in range(rounds):
        found["ours"].append(per_request(url, seconds, partial(ours, url, folder, stated, seed)))
        found["schemathesis"].append(per_request(url, seconds, partial(theirs, url, seed)))
    shown: dict[str, float] = {}
    for clock in ("wall", "processor"):
        each = {name: [getattr(timed, clock) for timed in times] for name, times in found.items()}
        shown |= {f"{name} (requests/s, {clock})": round(1 / statistics.median(of)) for name, of in each.items()}
        ratios = [other / mine for mine, other in zip(each["ours"], each["schemathesis"], strict=True)]
        shown[f"ours : schemathesis ({clock})"] = round(statistics.median(ratios), 2)
    return shown


def ours(url: str, folder: Path, stated: str, seed: int, seconds: int) -> list[str]:
    """The command of this suite that draws requests for so long."""
    described = ["--spec", str(STUDIO / "openapi.yaml"), "--conventions", str(STUDIO / "conventions.yaml")]
    drawn = ["--seed", str(seed), "--max-time", f"{seconds}s", "--report-dir", str(folder)]
    return [
        sys.executable,
        "-m",
        "conformance",
        "run",
        url,
        *described,
        *drawn,
        "--target",
        stated,
        "--",
        "-k",
        "test_timed_fuzzing",
    ]


def theirs(url: str, seed: int, seconds: int) -> list[str]:
    """The command of schemathesis that draws requests for so long."""
    drawn = ["--seed", str(seed), "--max-time", str(seconds), "--phases", "fuzzing", "--continue-on-failure"]
    document = str(STUDIO / "openapi.yaml")
    key = ["-H", f"{HEADER}: {KEY}"]
    return [sys.executable, "-m", "schemathesis.cli", "run", document, "--url", f"{url}/v2", *key, *drawn]


def per_request(url: str, seconds: int, command: Callable[[int], list[str]]) -> Timed:
    """What one more request takes: of a long run beyond a short one, so that starting and ending count in neither."""
    short, long = counted(url, command(max(1, seconds // 4))), counted(url, command(seconds))
    more = long.requests - short.requests
    if more <= 0:
        raise SystemExit(f"In {seconds} s no more was sent than in a fourth of them: {' '.join(command(seconds))}")
    return Timed(long.seconds / long.requests, (long.processor - short.processor) / more)


def target_file(folder: Path, url: str) -> Path:
    """A statement of the target: its money is worthless."""
    path = folder / "target.toml"
    path.write_text(f'[target]\nbase_url = "{url}"\nmoney = "play"\n', "utf-8")
    return path


@dataclass(frozen=True, slots=True)
class Counted:
    """What the server counted while a command ran, the seconds from first to last, and the command's processor time."""

    requests: int
    seconds: float
    processor: float


def counted(url: str, command: list[str]) -> Counted:
    """What a command sends."""
    httpx.get(f"{url}/measured", trust_env=False)
    environment = {**os.environ, KEY_VARIABLE: KEY}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Both leave something where they are started.
    with tempfile.TemporaryDirectory() as folder:
        quiet = subprocess.DEVNULL
        subprocess.run(command, cwd=folder, env=environment, stdout=quiet, stderr=quiet, check=False)  # noqa: S603 - our own
    seen = httpx.get(f"{url}/measured", trust_env=False).json()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Counted(seen["requests"], seen["seconds"], used)


if __name__ == "__main__":
    main()
