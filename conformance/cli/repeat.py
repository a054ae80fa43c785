"""`conformance run --repeat N`: the same judged set several times, the last report about all of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

REPORT: Final = "report.json"
MOST_RUNS: Final = 100
_RUNS_FILE: Final = "runs-{}.json"
# After these a further run would say nothing else: a wrong command or an interrupt, and a target that does not answer.
_ENDING: Final = (2, 5)


@dataclass(frozen=True, slots=True)
class Repeated:
    """A command of which several runs are made: its arguments but `--repeat`, and those for pytest."""

    arguments: tuple[str, ...]
    for_pytest: tuple[str, ...]
    reports: Path
    cap: str | None


def repeat(command: Repeated, runs: int) -> int:
    """Make so many runs with the same seed, each compared with those before it; returns the exit status of the last."""
    seed = int.from_bytes(os.urandom(4), "big")
    seeded = any(word == "--seed" or word.startswith("--seed=") for word in command.arguments)
    arguments = (*command.arguments, *(() if seeded else (f"--seed={seed}",)))
    made: list[Path] = []
    status = 0
    for number in range(1, runs + 1):
        capped = _with_rest_of_cap(arguments, command.cap, made)
        if capped is None:
            click.echo(f"The cap is used up after {number - 1} of {runs} runs.")
            return status
        click.echo(f"Run {number} of {runs}")
        before = set(command.reports.glob(f"*/{REPORT}"))
        status = subprocess.run(_words(capped, command, made), check=False).returncode  # noqa: S603 - ourselves
        new = sorted(set(command.reports.glob(f"*/{REPORT}")) - before, key=lambda path: path.stat().st_mtime)
        if status in _ENDING or not new:
            return status
        made.append(new[-1].parent)
    return status


def _words(arguments: Sequence[str], command: Repeated, made: Sequence[Path]) -> list[str]:
    extra: list[str] = []
    if made:
        file = made[-1] / _RUNS_FILE.format(len(made))
        file.write_text(json.dumps([str(folder) for folder in made]), "utf-8")
        extra = [f"--conformance-compared={file}"]
    passed = [*command.for_pytest, *extra]
    return [sys.executable, "-m", "conformance", "run", *arguments, *(["--", *passed] if passed else [])]


def _with_rest_of_cap(arguments: tuple[str, ...], cap: str | None, made: Sequence[Path]) -> tuple[str, ...] | None:
    """The arguments with the part of the cap that earlier runs have left; None where they left nothing."""
    if cap is None:
        return arguments
    try:
        rest = Decimal(cap) - sum((_gone(folder) for folder in made), Decimal(0))
    except InvalidOperation:
        return arguments  # the run itself says what is wrong with the amount
    return (*arguments, f"--max-credits={rest:f}") if rest > 0 else None


def _gone(folder: Path) -> Decimal:
    """What a run cost, or may cost yet."""
    spend = json.loads((folder / REPORT).read_text("utf-8"))["spend"]
    return Decimal(0) if spend is None else Decimal(spend["net"]) + Decimal(spend["at_stake"])
