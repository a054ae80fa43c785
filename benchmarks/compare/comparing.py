"""The comparison: every tool against the sound server and against each of its faults."""

from __future__ import annotations

import statistics
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from compare.installing import lacking
from compare.measuring import carried_out
from compare.serving import served
from compare.subjects import plain_document
from compare.tools import DOCUMENT, Job, NoReportError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compare.subjects import Subject
    from compare.tools import Tool


@dataclass(frozen=True, slots=True)
class Measurement:
    """
    One run of one tool: which failures it showed, how many requests reached the server, what it cost.

    `fault` is None on the sound server. `complaint` says why there is no result, where there is none.
    """

    tool: str
    fault: str | None
    failures: frozenset[str]
    requests: int
    wall: float
    cpu: float
    complaint: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """
    What a tool found: for each fault the share of its runs that found it.

    A fault is found by a failure that the tool never shows on the sound server; a false alarm is a failure that it
    shows there. Requests, wall time and processor time (seconds) are medians of runs against the sound server, alone
    on the machine. `absent` says why a tool was not run.
    """

    tool: str
    found: dict[str, float]
    false_alarms: tuple[str, ...]
    requests: float
    wall: float
    cpu: float
    complaints: tuple[str, ...] = ()
    absent: str | None = None

    @property
    def faults_found(self) -> float:
        """How many faults are found on average."""
        return sum(self.found.values())

    def as_json(self) -> dict[str, Any]:
        """The row as it is kept."""
        if self.absent is not None:
            return {"tool": self.tool, "absent": self.absent}
        return {
            "tool": self.tool,
            "faults_found": round(self.faults_found, 2),
            "false_alarms": list(self.false_alarms),
            "requests": self.requests,
            "wall_seconds": round(self.wall, 2),
            "cpu_seconds": round(self.cpu, 2),
            "found": {fault: round(share, 2) for fault, share in self.found.items()},
            "complaints": list(self.complaints),
        }


def compare(
    subject: Subject, tools: Sequence[Tool], *, repetitions: int, fault_repetitions: int, at_once: int
) -> list[Row]:
    """
    The tools against a subject, one row for each.

    On the sound server they take turns, one at a time, `repetitions` times: these runs are timed. Against the faults
    `at_once` of them run side by side, `fault_repetitions` times.
    """
    able = [tool for tool in tools if lacking(tool.needs) is None]
    turns = [(tool, None, number) for number in range(1, repetitions + 1) for tool in able]
    sound = [_told(measured(tool, subject, fault, number)) for tool, fault, number in turns]
    jobs = [
        (tool, fault, number) for number in range(1, fault_repetitions + 1) for fault in subject.faults for tool in able
    ]
    with ThreadPoolExecutor(at_once) as pool:
        broken = list(pool.map(lambda job: _told(measured(job[0], subject, job[1], job[2])), jobs))
    return [_row(tool, subject, [m for m in (*sound, *broken) if m.tool == tool.name]) for tool in tools]


def measured(tool: Tool, subject: Subject, fault: str | None, number: int) -> Measurement:
    """One run of a tool against a fresh server, the `number`th of its kind."""
    environment = {**subject.environment, subject.fault_variable: subject.sound if fault is None else fault}
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as name,
        served(subject.application, factory=subject.factory, environment=environment) as server,
    ):
        folder = Path(name)
        document = yaml.safe_dump(plain_document(subject), sort_keys=False, allow_unicode=True)
        (folder / DOCUMENT).write_text(document, "utf-8")
        job = Job(folder, subject, f"{server.origin}{subject.base_path}", number)
        cost = carried_out(tool.steps(job), folder)
        complaint = None
        try:
            failures = frozenset(tool.failures(job))
        except NoReportError as error:
            failures = frozenset()
            complaint = f"{error}, exit status {cost.status}: {_last_line(folder / 'output.txt')}"
        if not server.requests:
            complaint = complaint or "no request reached the server"
        return Measurement(tool.name, fault, failures, server.requests, cost.wall, cost.cpu, complaint)


def _row(tool: Tool, subject: Subject, runs: Sequence[Measurement]) -> Row:
    absent = lacking(tool.needs)
    if absent is not None:
        return Row(tool.name, {}, (), 0, 0, 0, absent=absent)
    sound = [run for run in runs if run.fault is None]
    usual = frozenset[str]().union(*(run.failures for run in sound))
    found = {}
    for fault in subject.faults:
        tried = [run for run in runs if run.fault == fault]
        found[fault] = sum(bool(run.failures - usual) for run in tried) / len(tried)
    return Row(
        tool=tool.name,
        found=found,
        false_alarms=tuple(sorted(usual)),
        requests=statistics.median(run.requests for run in sound),
        wall=statistics.median(run.wall for run in sound),
        cpu=statistics.median(run.cpu for run in sound),
        complaints=tuple(sorted({run.complaint for run in runs if run.complaint})),
    )


def _told(run: Measurement) -> Measurement:
    """The measurement, once the console has it."""
    about = run.fault or "sound server"
    shown = run.complaint or f"{len(run.failures)} different failures"
    print(f"  {run.tool:<36} {about:<32} {run.requests:>6} requests {run.wall:>6.1f} s  {shown}", flush=True)
    return run


def _last_line(path: Path) -> str:
    lines = path.read_text("utf-8", "replace").strip().splitlines() if path.exists() else []
    return lines[-1][:200] if lines else "it printed nothing"
