"""
Memory over many exchanges: while they are sent and recorded, and when they are read back and judged.

    .venv/bin/python benchmarks/memory.py [--exchanges 100000]

The exchanges are those of the constraint walk over the embedded system's document, over and over, through the suite's
client with redaction and journal; the target is a function that answers as the document's examples do, in no time.
Linux only. Prints one object of JSON: the resident memory in MiB at steps of the way, the growth per 1,000 exchanges
in bytes while they are sent, and what judging adds.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rates import recording_client

from conformance.client.transports.base import Incoming
from conformance.contract.contract import load_contract
from conformance.contract.files import known_systems
from conformance.generation.walk import walk
from conformance.journal.reader import read_recording
from conformance.monitors.registry import is_monitored, judge
from conformance.monitors.traffic import Traffic

if TYPE_CHECKING:
    from conformance.client.transports.base import Outgoing
    from conformance.contract.contract import Contract

STEPS = 5
BASE = "http://127.0.0.1:9/v1"
TASK = {"object": "task", "status": "queued", "progress": 0, "created_at": "2026-01-01T00:00:00Z"}


class Echo:
    """A transport that answers at once: a creation with a task of its own, the rest with an error of some length."""

    name = "httpx"

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def send(self, outgoing: Outgoing) -> Incoming:
        """The answer."""
        created = outgoing.method == "POST"
        body = {"task_id": f"tsk_{next(self._numbers)}", **TASK} if created else {"error": {"message": "x" * 300}}
        content = json.dumps(body).encode()
        headers = (("content-type", "application/json"), ("content-length", str(len(content))), ("x-request-id", "one"))
        return Incoming(202 if created else 404, headers, content, len(content), "0" * 64, truncated=False)

    def close(self) -> None:
        """Nothing is open."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exchanges", type=int, default=100_000)
    options = parser.parse_args()
    contract = load_contract(known_systems()[0])
    with tempfile.TemporaryDirectory() as folder:
        sending = sent(contract, Path(folder), options.exchanges)
        judging = judged(contract, Path(folder))
    print(json.dumps({"exchanges": options.exchanges, "sending": sending, "judging": judging}, indent=2))


def sent(contract: Contract, folder: Path, exchanges: int) -> dict[str, object]:
    """Send so many requests, and look at the memory now and then."""
    steps = [step for operation in contract.document.operations.values() for step in walk(contract, operation).steps]
    requests = [step.case({"task_id": "tsk_1"}).prepared(BASE) for step in steps]
    seen: list[int] = []
    with recording_client(contract, BASE, folder, Echo) as account:
        for number in range(exchanges):
            account.send(requests[number % len(requests)])
            if (number + 1) % max(1, exchanges // STEPS) == 0:
                seen.append(resident())
    grown = (seen[-1] - seen[0]) / (exchanges * (STEPS - 1) / STEPS / 1000)
    return {"MiB": [round(size / 2**20) for size in seen], "bytes per 1,000 exchanges": round(grown)}


def judged(contract: Contract, folder: Path) -> dict[str, float]:
    """Read everything back and let every monitor judge it."""
    before, began = resident(), time.monotonic()
    traffic = Traffic(read_recording(folder), contract)
    read, between = resident(), time.monotonic()
    for requirement in filter(is_monitored, contract.registry):
        judge(requirement, traffic)
    return {
        "read (MiB)": round((read - before) / 2**20),
        "read (s)": round(between - began, 1),
        "judged (MiB more)": round((resident() - read) / 2**20),
        "judged (s)": round(time.monotonic() - between, 1),
    }


def resident() -> int:
    """The resident memory of this process in bytes, without what waits to be collected."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    main()
