"""Runs of the suite as processes of their own, and recordings judged again: started, awaited, and read back."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.cli.forking import READ_ALONE, begun, forked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.cli.forking import Fork


CHECKOUT = Path(__file__).resolve().parents[2]
REPORTS = "reports"
KEY = "CONFORMANCE_API_KEY"
# What else is installed beside us costs every process of pytest seconds, and is not what is tested.
LEAN: Final[Mapping[str, str]] = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_PLUGINS": "conformance.plugin.entry,pytest_base_url.plugin,xdist.plugin",
}
# Far more than any of these runs takes, also where all cores are busy: it only ends what hangs.
_SECONDS = 400
_PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that ended: its exit status, all that it printed, how long it took, where it kept its folders."""

    status: int
    output: str
    seconds: float
    reports: Path

    @property
    def folder(self) -> Path:
        """The folder of the one run that was begun."""
        (folder,) = self.reports.glob("run-*")
        return folder

    @property
    def report(self) -> dict[str, Any]:
        """The report for machines."""
        content: dict[str, Any] = json.loads((self.folder / "report.json").read_text("utf-8"))
        return content

    @property
    def verdicts(self) -> frozenset[tuple[str, str]]:
        """Every requirement with its verdict."""
        return frozenset((entry["id"], entry["verdict"]) for entry in self.report["requirements"])

    @property
    def collected(self) -> frozenset[str]:
        """The ids of the tests that any process of the run collected."""
        return frozenset(
            nodeid for path in self.folder.glob("tests-*.json") for nodeid in json.loads(path.read_text("utf-8"))
        )


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A served reference: its addresses, and the environment that holds its key."""

    base_url: str
    control_url: str
    environment: Mapping[str, str]


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without what this pytest run, or whoever started it, set for runs of the suite."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CONFORMANCE_"))}
    return {**kept, "PYTHONPATH": str(CHECKOUT), **more}


def started(arguments: list[str], folder: Path, environment: Mapping[str, str] | None = None) -> Fork:
    """The command `conformance` in `folder`, in a group of its own, that prints into one pipe."""
    return begun("conformance", arguments, folder, clean_environment(**(environment or {})))


def started_afresh(
    arguments: list[str], folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """The same for any module, as a Python of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env=clean_environment(**(environment or {})),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str] | Fork, reports: Path, since: float) -> Finished:
    """What became of a process that was started at `since`."""
    try:
        output, _ = process.communicate(timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Finished(process.wait(), output, time.monotonic() - since, reports)


def conformance(*arguments: str, folder: Path, environment: Mapping[str, str] | None = None) -> Finished:
    """The command `conformance`, from start to end, in `folder`; it does not import anew what a run needs."""
    since = time.monotonic()
    status, output = forked("conformance", arguments, folder, clean_environment(**(environment or {})), _SECONDS)
    return Finished(status, output, time.monotonic() - since, folder / REPORTS)


def judged(*arguments: str, folder: Path, environment: Mapping[str, str] | None = None) -> Finished:
    """The command `conformance run`, where a test reads nothing of what it writes but report.json."""
    alone = {READ_ALONE: "report.json", **(environment or {})}
    return conformance("run", *arguments, folder=folder, environment=alone)


def conformance_afresh(*arguments: str, folder: Path, environment: Mapping[str, str] | None = None) -> Finished:
    """The same as a Python of its own: for tests of what a process imports, or finds at its start."""
    since = time.monotonic()
    return ended(started_afresh(["conformance", *arguments], folder, environment), folder / REPORTS, since)


def pytest_run(
    *arguments: str, folder: Path, environment: Mapping[str, str] | None = None, reports: Path | None = None
) -> Finished:
    """The command `pytest`, from start to end, in `folder`: what it imports, and when, is part of what is tested."""
    since = time.monotonic()
    return ended(started_afresh(["pytest", *arguments], folder, environment), reports or folder / REPORTS, since)


def pytest_forked(*arguments: str, folder: Path, environment: Mapping[str, str] | None = None) -> Finished:
    """The same as a fork of a process that has imported everything: for tests of what a run prints or leaves behind."""
    since = time.monotonic()
    variables = clean_environment(**{**LEAN, **(environment or {})})
    status, output = forked("pytest", arguments, folder, variables, _SECONDS)
    return Finished(status, output, time.monotonic() - since, folder / REPORTS)


@contextmanager
def sandbox(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Sandbox]:
    """`conformance serve`, for as long as the block lasts."""
    process = started(["serve", "--port", "0"], folder, environment)
    try:
        said = process.lines(3)
        base_url, control_url = re.findall(r"http://\S+", said)
        key = re.findall(r"sk-\S+", said)[0]
        yield Sandbox(base_url, control_url, {KEY: key})
    finally:
        process.terminate()
        process.communicate(timeout=_PATIENCE_SECONDS)


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
