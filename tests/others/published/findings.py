"""What runs of the suite said of a published server, as it is written down, and what decisions leave open."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.others.published.catalogue import Server

_FILE: Final = "verdicts.json"
# What a page is not about.
_QUIET: Final = frozenset({"pass", "not_applicable"})
_WORST_FIRST: Final = ("error", "fail", "inconclusive")
_LONGEST_REASON: Final = 240


@dataclass(frozen=True, slots=True)
class Finding:
    """
    A requirement whose verdict is neither pass nor not applicable; `varies` if another seed led to another one.

    Then it is the worst: a fault that only some of the drawn requests find is there in all runs.
    """

    id: str
    level: str
    title: str
    verdict: str
    reason: str
    varies: bool


@dataclass(frozen=True, slots=True)
class WayFindings:
    """What one contract found: the headline of the first run, how many requirements passed, and all findings."""

    way: str
    headline: str
    passed: int
    findings: tuple[Finding, ...]


def findings_of(way: str, reports: Sequence[dict[str, Any]]) -> WayFindings:
    """The findings of runs that differ in their seed alone; the headline is that of the first."""
    first = reports[0]
    runs = [{entry["id"]: entry for entry in report["requirements"]} for report in reports]
    found = tuple(
        _finding([run[entry["id"]] for run in runs])
        for entry in first["requirements"]
        if {run[entry["id"]]["verdict"] for run in runs} - _QUIET
    )
    passed = sum(all(run[entry["id"]]["verdict"] == "pass" for run in runs) for entry in first["requirements"])
    return WayFindings(way, first["headline"], passed, found)


def _finding(entries: Sequence[dict[str, Any]]) -> Finding:
    verdicts = [entry["verdict"] for entry in entries]
    worst = next((verdict for verdict in _WORST_FIRST if verdict in verdicts), verdicts[0])
    shown = entries[verdicts.index(worst)]
    reason = constant(shown["reason"] or "")
    return Finding(shown["id"], shown["level"], shown["title"], worst, reason, len(set(verdicts)) > 1)


def write_findings(server: Server, ways: Sequence[WayFindings]) -> None:
    """Write them beside the server's statement."""
    content = json.dumps([asdict(way) for way in ways], indent=1, ensure_ascii=False)
    (server.folder / _FILE).write_text(content + "\n", "utf-8")


def read_findings(server: Server) -> tuple[WayFindings, ...]:
    """What was written last."""
    content = json.loads((server.folder / _FILE).read_text("utf-8"))
    return tuple(
        WayFindings(**{**way, "findings": tuple(Finding(**entry) for entry in way["findings"])}) for way in content
    )


def complaints(server: Server, ways: Sequence[WayFindings]) -> Iterator[str]:
    """What has to be looked at before the page is true: errors, undecided fails, decisions about nothing."""
    decided = {id_ for decision in server.decisions for id_ in decision.requirements}
    failed = set()
    for way in ways:
        for finding in way.findings:
            if finding.varies and finding.verdict == "inconclusive":
                yield f"{server.name}: {finding.id} is judged with some seeds only: {finding.reason}"
            if finding.verdict == "error":
                yield f"{server.name}: the suite erred at {finding.id}: {finding.reason}"
            if finding.verdict == "fail":
                failed.add(finding.id)
                if finding.id not in decided:
                    yield f"{server.name}: no decision says whose fault {finding.id} is: {finding.reason}"
    for id_ in sorted(decided - failed):
        yield f"{server.name}: a decision is about {id_}, which does not fail"


def constant(reason: str, longest: int = _LONGEST_REASON) -> str:
    """The first line of a reason, without what is another text in each run; of what blocks it, the name alone."""
    first = reason.partition("\n")[0]
    first = re.sub(r"^(blocked by [A-Za-z0-9_-]+):.*", r"\1", first)
    first = re.sub(r"http://127\.0\.0\.1:\d+", "", first)
    first = re.sub(r"run-\d{8}-\d{6}-[0-9a-f]{4}", "run-…", first)
    return first if len(first) <= longest else f"{first[: longest - 1]}…"
