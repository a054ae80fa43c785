"""
Servers that others published, each with its own document: what this suite and schemathesis find there.

Each folder of `benchmarks/servers` is one: how it is installed and started, and where it serves its document. They are
installed and started as those of `tests/others` are. `decisions.yaml` says of each finding of this suite, by hand,
whether it is a fault of the server or of its document, and by what that can be seen.
"""

from __future__ import annotations

import json
import sys
import tempfile
import urllib.request
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from compare.measuring import Cost, Step, carried_out
from compare.planted import SCHEMATHESIS_PROGRAM
from tests.others.published.catalogue import Server
from tests.others.published.findings import constant
from tests.others.published.installing import installed
from tests.others.published.pages import packages
from tests.others.published.running import running

if TYPE_CHECKING:
    from tests.others.published.running import Running

FOLDER: Final = Path(__file__).resolve().parents[1] / "servers"
# So that a run over hundreds of operations has an end.
LONGEST: Final = "8m"
# Schemathesis goes on until its time is up, and would take hours over a large document.
SCHEMATHESIS_SECONDS: Final = 120
_METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_PATIENCE_SECONDS: Final = 60
_LONGEST_REASON: Final = 600


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run takes place: the server, the URL of its API, its document in a file of the folder of the run."""

    server: Server
    running: Running
    folder: Path

    @property
    def url(self) -> str:
        """The URL of the API."""
        return self.running.origin + str(self.server.stated["api"]["path"])

    @property
    def document(self) -> Path:
        """The document."""
        return self.folder / "openapi.json"


def servers() -> tuple[Server, ...]:
    """All of them, in the order of their names."""
    return tuple(Server(file.parent) for file in sorted(FOLDER.glob("*/server.toml")))


def measured(server: Server) -> dict[str, Any]:
    """What both tools say of a server, each of one that was started for it."""
    build = installed(server)
    content: dict[str, Any] = {"name": server.name, "packages": list(packages(server))}
    for name, run in (("ours", _by_us), ("schemathesis", _by_schemathesis)):
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch, running(server, build) as target:
            place = Place(server, target, Path(scratch))
            document = document_of(place)
            content["openapi"] = str(document.get("openapi", document.get("swagger")))
            content["operations"] = sum(len(_METHODS & item.keys()) for item in document["paths"].values())
            content[name] = run(place)
            print(f"  {server.name:<12} {name:<14} {json.dumps(_cost(content[name]))}", flush=True)
    return content


def document_of(place: Place) -> dict[str, Any]:
    """The document that a server serves, kept where a run looks for it."""
    url = place.running.origin + place.server.stated["api"]["document"]
    with urllib.request.urlopen(url, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310 - it is on loopback
        document: dict[str, Any] = self_contained(json.load(answer))
    place.document.write_text(json.dumps(document), "utf-8")
    return document


def self_contained(part: Any, within: str = "") -> Any:  # noqa: ANN401 - any part of a document
    """
    A part of a document without references to other hosts, which no run may ask: what they lead to is left open.

    Of a parameter the name is left, which such a reference ends in.
    """
    if isinstance(part, list):
        return [self_contained(item, within) for item in part]
    if not isinstance(part, dict):
        return part
    reference = part.get("$ref")
    if isinstance(reference, str) and reference.startswith(("http:", "https:")):
        return _left_open(reference, within)
    return {name: self_contained(inner, name if name in _HOLDERS else within) for name, inner in part.items()}


_HOLDERS: Final = ("parameters", "responses", "schema", "properties", "content")


def _left_open(reference: str, within: str) -> dict[str, Any]:
    name = reference.rpartition("/")[2].removesuffix(".yaml")
    if within == "parameters":
        place = {"in": "path", "required": True} if name.endswith("Id") else {"in": "query"}
        return {"name": name, **place, "schema": {"type": "string"}}
    return {"description": name, "content": {"*/*": {}}} if within == "responses" else {}


def _by_us(place: Place) -> dict[str, Any]:
    bound = ["--max-wall", LONGEST]
    run = ["run", place.url, "--spec", str(place.document), "--play-money", "--seed", "1", *bound, "-q"]
    cost = carried_out([Step([sys.executable, "-m", "conformance", *run], "output.txt", _keys(place))], place.folder)
    report = _report(place, "reports/*/report.json")
    verdicts = Counter(str(entry["verdict"]) for entry in report["requirements"])
    findings = [_finding(entry) for entry in report["requirements"] if entry["verdict"] in {"fail", "error"}]
    judged = verdicts["pass"] + verdicts["fail"]
    return {
        **_spent(cost),
        "requests": report["exchanges"],
        "requirements": len(report["requirements"]),
        "judged": judged,
        "findings": findings,
    }


def _finding(entry: dict[str, Any]) -> dict[str, str]:
    told = {name: str(entry[name]) for name in ("id", "level", "verdict")}
    return {**told, "seen": constant(entry["reason"] or "", _LONGEST_REASON)}


def _by_schemathesis(place: Place) -> dict[str, Any]:
    header = place.server.stated["api"].get("header")
    given = [] if header is None else ["-H", header]
    bound = ["--max-time", str(SCHEMATHESIS_SECONDS)]
    run = ["run", str(place.document), "--url", place.url, "--checks", "all", "--continue-on-failure", "--seed", "1"]
    kept = ["--report", "json", "--report-dir", "report"]
    cost = carried_out([Step([str(SCHEMATHESIS_PROGRAM), *run, *bound, *given, *kept], "output.txt")], place.folder)
    report = _report(place, "report/*.json")
    by_code = Counter(f["code"] for f in report["failures"] for _ in f["operations"])
    sent = report["test_cases"]["generated"]
    return {**_spent(cost), "requests": sent, "failures": dict(sorted(by_code.items()))}


def _keys(place: Place) -> dict[str, str]:
    return dict(place.server.stated.get("keys", {}))


def _spent(cost: Cost) -> dict[str, float]:
    return {"wall_seconds": round(cost.wall, 1), "cpu_seconds": round(cost.cpu, 1)}


def _cost(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if isinstance(value, int | float)}


def _report(place: Place, pattern: str) -> Any:  # noqa: ANN401 - a report of either tool
    return json.loads(max(place.folder.glob(pattern)).read_text("utf-8"))
