"""`conformance run --watch`: what failed runs again when a file changes, and everything once nothing fails any more."""

from __future__ import annotations

import json
import multiprocessing
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from watchfiles import DefaultFilter, watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.process import BaseProcess

_PRELOADED: Final = "conformance.cli.preloading"
_FAILED: Final = ("fail", "error")
_SHOWN: Final = 3
_SOURCES: Final = frozenset({".py", ".toml", ".yaml", ".yml", ".html", ".ini", ".cfg", ".sql"})
_SETTLING_SECONDS: Final = 1.0


@dataclass
class Watching:
    """
    Runs after one another: the first of everything, the next ones of what failed.

    `carry_out` makes one run with these arguments of pytest and returns its exit status; its folder appears below
    `reports`. `changes` yields once for each time that files change, with their names.
    """

    arguments: Sequence[str]
    reports: Path
    carry_out: Callable[[Sequence[str]], int]
    changes: Iterator[Sequence[str]]
    known: set[Path] = field(default_factory=set)

    def go_on(self) -> int:
        """Run until no changes come any more; returns the exit status of the last run."""
        status, failed = self._run(None)
        for names in self.changes:
            shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
            what = "what failed" if failed else "everything"
            click.secho(f"\n{shown} changed: running {what}.", bold=True)
            repeated = failed
            status, failed = self._run(failed)
            if repeated is not None and failed is None:
                click.secho("\nNothing of it fails any more: running everything.", bold=True)
                status, failed = self._run(None)
        return status

    def _run(self, repeated: Path | None) -> tuple[int, Path | None]:
        """The exit status of a run, and its folder if anything failed in it; of a run without a report the old one."""
        self.known |= set(self._folders())
        more = [] if repeated is None else [f"--conformance-failed={repeated}"]
        status = self.carry_out([*self.arguments, *more])
        made = [folder for folder in self._folders() if folder not in self.known and _failures(folder) is not None]
        if not made:
            return status, repeated
        return status, made[-1] if _failures(made[-1]) else None

    def _folders(self) -> list[Path]:
        return sorted(self.reports.glob("run-*"))


def _failures(folder: Path) -> int | None:
    """How many requirements failed in the run of a folder; None without a report."""
    try:
        content = json.loads((folder / "report.json").read_text("utf-8"))
        return sum(entry["verdict"] in _FAILED for entry in content["requirements"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def watched(arguments: Sequence[str], reports: Path, folder: Path, run: Callable[[list[str]], int]) -> int:
    """Let `run` carry out what these arguments say again and again, as files in a folder change, until Ctrl-C."""
    click.secho(f"Watching {folder}; Ctrl-C ends it.", bold=True)
    try:
        return Watching(arguments, reports, partial(_in_a_fork, run), _changes(folder, reports)).go_on()
    except KeyboardInterrupt:
        return 0


def _changes(folder: Path, reports: Path) -> Iterator[Sequence[str]]:
    """The names of files that were edited below a folder; what runs write themselves is none of them."""
    own = DefaultFilter(ignore_paths=(str(reports.resolve()),))
    ended = time.time()
    for found in watch(folder, watch_filter=own, raise_interrupt=True):
        names = edited([Path(name) for _, name in found], ended)
        if names:
            yield sorted(str(name.relative_to(folder.resolve())) for name in names)
            ended = time.time()  # the next change is asked for when the run is over


def edited(files: Sequence[Path], ended: float) -> list[Path]:
    """
    The files, of those that changed, that a person edited, as far as can be told; the last run was over at `ended`.

    Sources always count. What else changed before the run was over, or right after it, the application wrote (its
    database, a log), or the console went there: counting it would let runs follow each other without end.
    """
    return [file for file in files if file.suffix in _SOURCES or _changed_at(file) > ended + _SETTLING_SECONDS]


def _changed_at(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:  # it is gone, as the temporary files of databases go
        return 0.0


def _in_a_fork(run: Callable[[list[str]], int], arguments: Sequence[str]) -> int:
    """One run in a process that has imported already what it needs."""
    process: BaseProcess
    if "forkserver" in multiprocessing.get_all_start_methods():
        forks = multiprocessing.get_context("forkserver")
        forks.set_forkserver_preload([_PRELOADED])
        process = forks.Process(target=_run, args=(run, list(arguments)))
    else:
        process = multiprocessing.get_context("spawn").Process(target=_run, args=(run, list(arguments)))
    process.start()
    process.join()
    return process.exitcode or 0


def _run(run: Callable[[list[str]], int], arguments: list[str]) -> None:
    raise SystemExit(run(arguments))
