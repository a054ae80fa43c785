"""
What two tools find on the applications with planted faults: a run on each sound server, and one for each fault alone.

Each run is kept in the cache as soon as it is done, so a comparison that was broken off goes on where it was.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from applications.faults import KEYS, KINDS, Fault, Kind, kind
from applications.serving import serve

from compare.installing import CACHE
from compare.measuring import Step, carried_out
from compare.serving import listening

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable, Sequence
    from multiprocessing.sharedctypes import Synchronized

SOUND: Final = ""
_RUNS: Final = CACHE / "planted"
SCHEMATHESIS_PROGRAM: Final = Path(sys.executable).with_name("schemathesis")
# Kinds of which a key is a user, who has things of their own; elsewhere the second key is one more key of the same.
_OF_USERS: Final = frozenset({"invoices", "notes", "playlists", "tickets"})


@dataclass(frozen=True, slots=True)
class Finding:
    """What a tool says is wrong: a name that is the same in each run, of which level, at which operations."""

    name: str
    level: str
    operations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a tool on a kind with one fault, or with none."""

    tool: str
    kind: str
    fault: str
    findings: tuple[Finding, ...]
    requests: int
    wall: float
    cpu: float
    complaint: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a tool is told: which kind, where it is, in which folder of its own."""

    kind: Kind
    url: str
    folder: Path

    @property
    def has_users(self) -> bool:
        """Whether each key is a user with things of their own."""
        return self.kind.name in _OF_USERS


@dataclass(frozen=True, slots=True)
class PlantedTool:
    """A tool: its command, and what it found, from the files that it left."""

    name: str
    step: Callable[[Attempt], Step]
    findings: Callable[[Attempt], Iterable[Finding]]


def ours(max_time: str | None) -> PlantedTool:
    """The suite with nothing but document and keys, and with rounds for so long."""

    def step(attempt: Attempt) -> Step:
        run = ["run", attempt.url, "--spec", str(attempt.kind.document), "--play-money", "--seed", "1", "-q"]
        rounds = [] if max_time is None else ["--max-time", max_time]
        keys = {} if attempt.kind.key_header is None else {"CONFORMANCE_API_KEY": KEYS[0]}
        if attempt.has_users:
            keys["CONFORMANCE_SECOND_KEY"] = KEYS[1]
        return Step([sys.executable, "-m", "conformance", *run, *rounds], "output.txt", keys)

    name = "conformance" if max_time is None else f"conformance, --max-time {max_time}"
    return PlantedTool(name, step, _findings_of_ours)


def _findings_of_ours(attempt: Attempt) -> Iterable[Finding]:
    of = attempt.kind
    names = {of.content["paths"][path][method]["operationId"]: (path, method) for path, method in of.operations}
    for entry in _report(attempt.folder, "reports/*/report.json")["requirements"]:
        if entry["verdict"] not in {"fail", "error"}:
            continue
        named = [names[part] for part in entry["id"].split("-") if part in names]
        places = named or [_place(of, exchange) for exchange in entry["evidence"]]
        operations = sorted({f"{method.upper()} {path}" for path, method in places})
        level = entry["level"] if entry["verdict"] == "fail" else "error"
        yield Finding(entry["id"], level, tuple(operations))


def _place(of: Kind, exchange: dict[str, Any]) -> tuple[str, str]:
    path = re.sub(r"^https?://[^/]+", "", exchange["url"]).partition("?")[0]
    return of.template_of(path) or path, exchange["method"]


def _schemathesis_step(attempt: Attempt) -> Step:
    header = attempt.kind.key_header
    keys = [f"Bearer {key}" if header == "Authorization" else key for key in KEYS]
    given: list[str] = []
    if header is not None and attempt.has_users:
        users = [{"name": f"user{n}", "fixedHeaders": [{"name": header, "value": key}]} for n, key in enumerate(keys)]
        (attempt.folder / "auth.json").write_text(json.dumps({"auth": users}), "utf-8")
        peers = '[auth.wfc]\npath = "auth.json"\nuser = "user0"\npeers = ["user0", "user1"]\n'
        (attempt.folder / "schemathesis.toml").write_text(peers, "utf-8")
    elif header is not None:
        given = ["-H", f"{header}: {keys[0]}"]
    report = ["--report", "json", "--report-dir", "report"]
    run = ["run", str(attempt.kind.document), "--url", attempt.url, "--checks", "all", "--continue-on-failure"]
    return Step([str(SCHEMATHESIS_PROGRAM), *run, "--seed", "1", *given, *report], "output.txt")


def _findings_of_schemathesis(attempt: Attempt) -> Iterable[Finding]:
    for failure in _report(attempt.folder, "report/*.json")["failures"]:
        for operation in failure["operations"]:
            yield Finding(f"{failure['code']} {operation}", "failure", (operation,))


SCHEMATHESIS: Final = PlantedTool("schemathesis", _schemathesis_step, _findings_of_schemathesis)


class NothingFoundError(Exception):
    """A tool left no report."""


def _report(folder: Path, pattern: str) -> Any:  # noqa: ANN401 - a report of somebody else
    found = sorted(folder.glob(pattern))
    if not found:
        raise NothingFoundError(f"no {pattern}")
    return json.loads(found[-1].read_text("utf-8"))


def measured(tool: PlantedTool, name: str, fault: str) -> Run:
    """One run of a tool against a fresh server."""
    of = kind(name)
    with tempfile.TemporaryDirectory(prefix="bench-") as place, listening(_serve, name, fault) as server:
        attempt = Attempt(of, server.origin, Path(place))
        cost = carried_out([tool.step(attempt)], attempt.folder)
        complaint = None
        findings: tuple[Finding, ...] = ()
        try:
            findings = tuple(tool.findings(attempt))
        except NothingFoundError as error:
            complaint = f"{error}, exit status {cost.status}"
        return Run(tool.name, name, fault, findings, server.requests, cost.wall, cost.cpu, complaint)


def _serve(listener: socket.socket, count: Synchronized[int], name: str, fault: str) -> None:
    def arrived() -> None:
        with count.get_lock():
            count.value += 1

    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):
        serve(kind(name), fault, KEYS, listener, arrived)


def _wanted(tools: Sequence[PlantedTool], kinds: Sequence[str]) -> list[tuple[PlantedTool, str, str]]:
    sound = [(tool, name, SOUND) for name in kinds for tool in tools]
    return [*sound, *((tool, name, fault) for name in kinds for fault in kind(name).faults for tool in tools)]


def kept_runs(tools: Sequence[PlantedTool], kinds: Sequence[str] = KINDS) -> list[Run]:
    """Those runs of the tools on the kinds that the cache has."""
    places = (_cached(tool, name, fault) for tool, name, fault in _wanted(tools, kinds))
    return [_read(place) for place in places if place.exists()]


def runs(tools: Sequence[PlantedTool], kinds: Sequence[str] = KINDS, *, at_once: int, anew: bool = False) -> list[Run]:
    """
    Runs of the tools on the kinds, on the sound servers first.

    What the cache has is taken from there, unless all is measured `anew`.
    """
    wanted = _wanted(tools, kinds)
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda one: _run(*one, anew=anew), wanted))


def _cached(tool: PlantedTool, name: str, fault: str) -> Path:
    return _RUNS / tool.name / f"{name}-{fault or 'sound'}.json"


def _run(tool: PlantedTool, name: str, fault: str, *, anew: bool) -> Run:
    cached = _cached(tool, name, fault)
    if cached.exists() and not anew:
        return _read(cached)
    run = measured(tool, name, fault)
    cached.parent.mkdir(parents=True, exist_ok=True)
    cached.write_text(json.dumps(asdict(run), indent=1), "utf-8")
    told = run.complaint or f"{len(run.findings)} findings"
    print(
        f"  {run.tool:<28} {name:<10} {fault or 'sound':<28} {run.requests:>6} {run.wall:>6.1f} s  {told}", flush=True
    )
    return run


def _read(path: Path) -> Run:
    content = json.loads(path.read_text("utf-8"))
    findings = [Finding(one["name"], one["level"], tuple(one["operations"])) for one in content.pop("findings")]
    return Run(findings=tuple(findings), **content)


def found(fault: Fault, run: Run, sound: Run) -> tuple[Finding, ...]:
    """What a run found that the sound server does not have, at an operation of the fault."""
    usual = {finding.name for finding in sound.findings}
    new = [finding for finding in run.findings if finding.name not in usual and finding.level != "error"]
    return tuple(finding for finding in new if set(finding.operations) & set(fault.operations))
