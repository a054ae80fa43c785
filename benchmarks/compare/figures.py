"""Figures of the suite alone: rates, start-up, growth with operations and processes, memory."""

from __future__ import annotations

import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from compare.measuring import Step, carried_out
from compare.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from compare.measuring import Cost

_BENCHMARKS: Final = Path(__file__).resolve().parents[1]
_MANY: Final = "compare.many:create_app"
_KEY: Final = {"CONFORMANCE_API_KEY": "some-key-0123456789"}
_OPERATIONS: Final = (1, 10, 100)
_PROCESSES: Final = (0, 2)
_WRK_SECONDS: Final = 3
_CLOCKS: Final = {"wall": "wall time", "processor": "processor time"}
_TOLD: Final = {"client": "client with guard, redaction, journal", "judged": "the same, and all monitors"}
Figure = dict[str, str]


def figures(*, exchanges: int, rounds: int) -> list[Figure]:
    """All of them; what is memory is watched over so many exchanges, what is rates measured so many times."""
    found = [*_rates(rounds), *_start_up(rounds), *_growth(rounds), *_memory(exchanges)]
    for figure in found:
        print(f"  {figure['figure']}: {figure['value']}", flush=True)
    return found


def _figure(name: str, value: str) -> Figure:
    return {"figure": name, "value": value}


def _rates(rounds: int) -> Iterator[Figure]:
    measured = _script("rates.py", "--rounds", str(rounds), "--seconds", "5")
    walk, drawn = measured["walk"], measured["drawn"]
    for clock in _CLOCKS:
        rate = {name: walk[f"{name} (requests/s, {clock})"] for name in ("loop", "client", "judged")}
        second = f"second of {_CLOCKS[clock]}"
        yield _figure(f"requests per {second}, raw httpx loop", f"{rate['loop']:g}")
        for name, told in _TOLD.items():
            share = walk[f"{name} : loop ({clock})"]
            yield _figure(f"requests per {second}, {told}", f"{rate[name]:g} ({share:.0%} of the loop)")
        judging = 1e6 / rate["judged"] - 1e6 / rate["client"]
        each = f"{1e6 / rate['loop']:.0f} µs and {1e6 / rate['client']:.0f} µs"
        yield _figure(f"an exchange in the loop, and sent and recorded by the client ({_CLOCKS[clock]})", each)
        yield _figure(f"reading an exchange back and judging it ({_CLOCKS[clock]})", f"{judging:.0f} µs")
        rates = f"{drawn[f'ours (requests/s, {clock})']:g} and {drawn[f'schemathesis (requests/s, {clock})']:g}"
        ratio = f"ratio {drawn[f'ours : schemathesis ({clock})']:g}"
        yield _figure(f"drawn requests per {second}, ours and schemathesis", f"{rates} ({ratio})")
    yield _wrk()


def _wrk() -> Figure:
    name = "requests per second, wrk with one connection"
    wrk = shutil.which("wrk")
    if wrk is None:
        return _figure(name, "wrk is not installed on this machine")
    with served("compare.studio.app:create_app", factory=True, environment={}) as server:
        command = [wrk, "-t1", "-c1", f"-d{_WRK_SECONDS}s", f"{server.origin}/v2/voices"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - the wrk found
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    return _figure(name, f"{float(found[1]):.0f}" if found else "wrk said none")


def _start_up(rounds: int) -> Iterator[Figure]:
    for told, arguments in (("`conformance --help`", ["--help"]), ("`conformance plan`", ["plan"])):
        wall = statistics.median(_command(arguments).wall for _ in range(rounds))
        yield _figure(f"time of {told}", f"{wall:.2f} s")


def _growth(rounds: int) -> Iterator[Figure]:
    """Whole runs, start and reports included, by the number of operations, then by the number of processes."""
    for count in _OPERATIONS:
        yield _run_of(count, 0, rounds)
    for processes in _PROCESSES[1:]:
        yield _run_of(_OPERATIONS[-1], processes, rounds)


def _run_of(operations: int, processes: int, rounds: int) -> Figure:
    costs, requests = [], 0
    for _ in range(rounds):
        with (
            tempfile.TemporaryDirectory(prefix="bench-") as name,
            served(_MANY, factory=True, environment={}) as server,
        ):
            folder = Path(name)
            (folder / "openapi.yaml").write_text(yaml.safe_dump(_document(operations)), "utf-8")
            (folder / "target.toml").write_text(f'[target]\nbase_url = "{server.origin}/"\nmoney = "play"\n', "utf-8")
            run = ["run", "--target", "target.toml", "--spec", "openapi.yaml", "--seed", "1"]
            costs.append(_command([*run, "-n", str(processes)], folder))
            requests = server.requests
    wall, cpu = (statistics.median(getattr(cost, name) for cost in costs) for name in ("wall", "cpu"))
    where = f" with -n {processes}" if processes else ""
    value = f"{wall:.1f} s, {cpu:.1f} s of processor time, {requests} requests"
    return _figure(f"a run over {operations} operation{'s' * (operations > 1)}{where}", value)


def _document(operations: int) -> dict[str, Any]:
    """A document with so many operations that are alike."""
    schema = {
        "type": "object",
        "required": ["name"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 40},
            "size": {"type": "integer", "minimum": 1, "maximum": 9},
        },
    }
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    answers = {status: {"description": "answered"} for status in ("200", "400")}
    paths = {
        f"/things{number}": {"post": {"operationId": f"make{number}", "requestBody": body, "responses": answers}}
        for number in range(operations)
    }
    return {"openapi": "3.1.0", "info": {"title": "Many Things", "version": "1"}, "paths": paths}


def _memory(exchanges: int) -> Iterator[Figure]:
    measured = _script("memory.py", "--exchanges", str(exchanges))
    sending, judging = measured["sending"], measured["judging"]
    sizes = ", ".join(f"{size}" for size in sending["MiB"])
    yield _figure(f"resident memory on the way to {exchanges:,} exchanges", f"{sizes} MiB")
    more = f"{judging['read (MiB)']} MiB, and {judging['judged (MiB more)']} MiB to judge them"
    yield _figure(f"more memory to read {exchanges:,} exchanges back", more)
    yield _figure("time of both", f"{judging['read (s)'] + judging['judged (s)']:.1f} s")


def _command(arguments: Sequence[str], folder: Path | None = None) -> Cost:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        where = folder or Path(name)
        return carried_out([Step([sys.executable, "-m", "conformance", *arguments], "output.txt", _KEY)], where)


def _script(name: str, *arguments: str) -> Any:  # noqa: ANN401 - one object of JSON
    """What another script of the benchmarks prints."""
    command = [sys.executable, str(_BENCHMARKS / name), *arguments]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)  # noqa: S603 - ours
