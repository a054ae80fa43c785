"""The live column: the suite against every mutant as a stranger's deployment, without control, with real money."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import click

from conformance.contract.files import system_folder
from conformance.contract.matrices import LIVE_FILE, LiveColumn, live_column, load_live_column
from conformance.mutants.laboratory import NoVerdictError, carry_out
from conformance.mutants.trials import trials_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.mutants.base import Mutant
    from conformance.mutants.trials import Trials

# The smallest cap that carries out every scenario: 310 for what documents price, the rest for what the owner states.
CAP: Final = "364"
_VERSION: Final = "1.0"
# Where a fault keeps tasks from ending, each scenario that waits for an end waits as long as it may.
_LONGEST_RUN_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class LiveRow:
    """What failed under a mutant on a live deployment; `problem` says why the run has no verdict (None: it has)."""

    mutant: str
    failed: frozenset[str] = frozenset()
    problem: str | None = None


def tried_live(system: str, mutants: Sequence[Mutant], seed: int, *, processes: int) -> Iterator[LiveRow]:
    """What fails under each of the mutants, in the order in which their runs end."""
    workers = ThreadPoolExecutor(processes)
    with trials_of(system, seed) as trials:
        try:
            for task in as_completed([workers.submit(_row, trials, mutant) for mutant in mutants]):
                yield task.result()
        finally:
            # A caller that stops asking ends it: no other run begins.
            workers.shutdown(cancel_futures=True)


def _row(trials: Trials, mutant: Mutant) -> LiveRow:
    with TemporaryDirectory(prefix="conformance-") as folder:
        try:
            verdicts = carry_out(trials.live(mutant, Path(folder), CAP), _LONGEST_RUN_SECONDS).verdicts
        except NoVerdictError as problem:
            return LiveRow(mutant.id, problem=str(problem))
    erred = sorted(name for name, verdict in verdicts.items() if verdict == "error")
    if erred:
        return LiveRow(mutant.id, problem=f"The suite itself erred in {', '.join(erred)}.")
    return LiveRow(mutant.id, frozenset(name for name, verdict in verdicts.items() if verdict == "fail"))


def killed_by(column: LiveColumn, mutant: Mutant) -> bool | None:
    """Whether a mutant is killed on a live deployment, None where it was not tried."""
    return column.killed(mutant.id, mutant.breaks, mutant.consequences)


def write_live_column(system: str, catalogue: Mapping[str, Mutant], rows: Sequence[LiveRow]) -> LiveColumn:
    """Put new rows beside those that were written before, without those of mutants that are gone."""
    before = load_live_column(system)
    failed = dict(before.failed) if before else {}
    failed |= {row.mutant: row.failed for row in rows if row.problem is None}
    kept = {name: failed[name] for name in sorted(failed) if name in catalogue}
    column = live_column(system, CAP, kept)
    (system_folder(system) / LIVE_FILE).write_text(as_text(column, catalogue), "utf-8")
    load_live_column.cache_clear()
    return column


def as_text(column: LiveColumn, catalogue: Mapping[str, Mutant]) -> str:
    """The column as `specs/schemas/live-column.schema.json` describes it."""
    killed = [name for name in column.failed if killed_by(column, catalogue[name])]
    content = {
        "live_version": _VERSION,
        "cap": column.cap,
        "summary": {"tried": len(column.failed), "killed": len(killed)},
        "mutants": {name: sorted(failed) for name, failed in column.failed.items()},
    }
    return f"{json.dumps(content, indent=1, ensure_ascii=False)}\n"


def complaints_about(column: LiveColumn, catalogue: Mapping[str, Mutant]) -> list[str]:
    """What keeps a live column from being complete, a sentence each."""
    known = {name: killed_by(column, mutant) for name, mutant in catalogue.items()}
    missed = sorted(name for name, killed in known.items() if killed is False)
    return [
        *(
            f"{name} is missed on a live deployment, and no reason says why."
            for name in missed
            if name not in column.misses
        ),
        *(
            f"{name} is killed on a live deployment, although it is said that it {why}."
            for name, why in column.misses.items()
            if known.get(name)
        ),
        *(f"{name} is no mutant of {column.system}." for name in column.misses if name not in catalogue),
    ]


def prove_live(
    system: str, catalogue: Mapping[str, Mutant], chosen: Sequence[Mutant], seed: int, *, processes: int
) -> list[str]:
    """Try the chosen mutants and write the column; returns what is wrong with it, a sentence each."""
    rows: list[LiveRow] = []
    complaints: list[str] = []
    try:
        for number, row in enumerate(tried_live(system, chosen, seed, processes=processes), start=1):
            rows.append(row)
            complaints += [f"{row.mutant} was not judged: {row.problem}"] if row.problem else []
            killed = killed_by(live_column(system, CAP, {row.mutant: row.failed}), catalogue[row.mutant])
            found = "not judged" if row.problem else "killed" if killed else "missed"
            click.echo(f"[{number:>{len(str(len(chosen)))}}/{len(chosen)}] {row.mutant}: {found}", err=True)
    finally:
        column = write_live_column(system, catalogue, rows)
        click.echo(live_headline(column, catalogue))
    return [*complaints, *complaints_about(column, catalogue)]


def live_headline(column: LiveColumn, catalogue: Mapping[str, Mutant]) -> str:
    """The column in one line."""
    tried = [name for name in column.failed if name in catalogue]
    killed = sum(bool(killed_by(column, catalogue[name])) for name in tried)
    share = 100 * killed / max(len(tried), 1)
    return f"Live, without control and under a cap of {column.cap}: {killed} of {len(tried)} killed ({share:.1f} %)"
