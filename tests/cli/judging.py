"""Runs whose recordings are judged again, and what comes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.cli.runs import conformance

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Rejudged:
    """What `conformance judge` said: its exit status, what it printed, and the new report."""

    status: int
    output: str
    report: dict[str, Any]

    @property
    def verdicts(self) -> frozenset[tuple[str, str]]:
        return verdicts_in(self.report)

    def verdict(self, requirement_id: str) -> str:
        return next(verdict for name, verdict in self.verdicts if name == requirement_id)


def verdicts_in(report: dict[str, Any]) -> frozenset[tuple[str, str]]:
    return frozenset((entry["id"], entry["verdict"]) for entry in report["requirements"])


def observed_in(report: dict[str, Any]) -> frozenset[tuple[str, str]]:
    return frozenset((entry["id"], entry["text"]) for entry in report["observations"])


def report_of(run: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((run / "report.json").read_text("utf-8"))
    return content


def rejudged(run: Path, folder: Path, *options: str) -> Rejudged:
    """Judge the recording of a run, with the new report in `folder`; no key and no target is there any more."""
    finished = conformance("judge", str(run), "--report-dir", str(folder / "again"), *options, folder=folder)
    made = list(folder.glob("again/*/report.json"))
    assert len(made) == 1, finished.output
    return Rejudged(finished.status, finished.output, report_of(made[0].parent))


def rewritten(run: Path, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
    """Change every exchange of a recording; None leaves it out."""
    for journal in run.glob("journal-*.jsonl"):
        lines = map(json.loads, journal.read_text("utf-8").splitlines())
        changed = (change(line) if line["type"] == "exchange" else line for line in lines)
        kept = [json.dumps(line) for line in changed if line is not None]
        journal.write_text("".join(f"{line}\n" for line in kept), "utf-8")
