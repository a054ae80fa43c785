"""`python -m conformance.liberties.matrix`: run the suite against references that take liberties, and write it down."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from conformance.contract.contract import load_contract
from conformance.contract.errors import UnknownLibertyError
from conformance.contract.files import known_systems
from conformance.contract.liberties import load_liberties
from conformance.contract.matrices import WAYS, ToleranceMatrix, load_tolerance
from conformance.liberties.combining import draw_combinations
from conformance.liberties.publishing import headline, publish
from conformance.liberties.tolerating import OwedRun, Unjudged, carry_out_all
from conformance.mutants.publishing import NoDocumentationError, documentation_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.contract.matrices import ToleratedRun

_WAYS = {f"{way.money}-{way.workers}": way for way in WAYS}


@click.command()
@click.option("--system", metavar="NAME", help="Only the liberties of this system.  [default: of all]")
@click.option("--only", metavar="ID", multiple=True, help="Only runs with this liberty (repeatable); others are kept.")
@click.option("--way", "ways", type=click.Choice([*_WAYS]), multiple=True, help="Only this way.  [default: all four]")
@click.option("--missing", is_flag=True, help="Only runs that are not written down yet.")
@click.option("--red", is_flag=True, help="Only runs that were written down with an alarm.")
@click.option("--share", metavar="K/N", help="Only every N-th run, from the K-th on.")
@click.option(
    "-n",
    "processes",
    type=click.IntRange(min=1),
    # Runs with real time in them wait for most of theirs.
    default=lambda: len(os.sched_getaffinity(0)) + 1,
    help="How many runs go on at the same time.  [default: one more than there are processors]",
)
def main(
    system: str | None,
    only: tuple[str, ...],
    ways: tuple[str, ...],
    share: str | None,
    *,
    missing: bool,
    red: bool,
    processes: int,
) -> None:
    """
    Run the suite against references that take liberties, one by one and combined, and write the tolerance matrix.

    The exit status is 1 when a requirement fails or the suite errs in any run, or when a run has no verdict. What was
    found out before Ctrl-C is kept; --missing goes on from there.
    """
    chosen = [_WAYS[name] for name in ways] or list(WAYS)
    complaints: list[str] = []
    try:
        documentation_folder()
        for name in known_systems() if system is None else (system,):
            if _takes_liberties(name):
                rows = _Rows(name)
                wanted = [run for run in owed_runs(name) if run.way in chosen and _names(name, only, run)]
                wanted = [run for run in wanted if not (missing and run in rows) and not (red and not rows.is_red(run))]
                complaints += _carry_out(rows, _share(wanted, share), processes)
    except (NoDocumentationError, UnknownLibertyError) as error:
        raise click.UsageError(str(error)) from error
    for complaint in complaints:
        click.echo(complaint, err=True)
    sys.exit(1 if complaints else 0)


def owed_runs(system: str) -> tuple[OwedRun, ...]:
    """
    All runs that the matrix of a system is to have: each liberty alone and each combination, in every way.

    With a cap on real money there is no clock to put ahead: what needs it is tried with play money.
    """
    liberties = load_liberties(system)
    alone = [(liberty.id,) for liberty in liberties]
    sets = [*alone, *draw_combinations(liberties)]
    slow = {liberty.id for liberty in liberties if liberty.needs_clock}
    return tuple(OwedRun(names, way) for way in WAYS for names in sets if way.money == "play" or slow.isdisjoint(names))


def complaints_about(matrix: ToleranceMatrix) -> list[str]:
    """What is red in a matrix, a sentence each."""
    found = []
    for run in matrix.runs:
        owed = OwedRun(run.liberties, run.way)
        found += [f"A false alarm: {', '.join(sorted(run.failed))} fails on {owed}."] if run.failed else []
        found += [f"The suite itself errs in {', '.join(sorted(run.erred))} on {owed}."] if run.erred else []
    return found


def _takes_liberties(system: str) -> bool:
    embedded = load_contract(system).conventions.embedded
    return embedded is not None and embedded.liberties is not None


def _names(system: str, only: Sequence[str], run: OwedRun) -> bool:
    known = load_liberties(system)
    return not only or any(known[name].id in run.liberties for name in only)


def _share(runs: Sequence[OwedRun], share: str | None) -> Sequence[OwedRun]:
    if share is None:
        return runs
    position, slash, step = share.partition("/")
    if not (slash and position.isdecimal() and step.isdecimal() and int(step)):
        raise click.UsageError(f"{share!r} is no share; write one as 3/8.")
    return runs[int(position) % int(step) :: int(step)]


class _Rows:
    """The runs of a system's matrix: those that were written before and are still owed, and those that come new."""

    def __init__(self, system: str) -> None:
        self.system = system
        earlier = load_tolerance(system)
        owed = {(run.liberties, run.way) for run in owed_runs(system)}
        self._runs = {run.key: run for run in (earlier.runs if earlier else ()) if run.key in owed}

    def __contains__(self, run: OwedRun) -> bool:
        return (run.liberties, run.way) in self._runs

    def is_red(self, run: OwedRun) -> bool:
        """Whether the run was written down with an alarm."""
        return run in self and not self._runs[run.liberties, run.way].silent

    def add(self, run: ToleratedRun) -> None:
        """Take a run in, in place of the earlier one."""
        self._runs[run.key] = run

    def matrix(self) -> ToleranceMatrix:
        """All runs."""
        return ToleranceMatrix(self.system, tuple(self._runs.values()))


def _carry_out(rows: _Rows, owed: Sequence[OwedRun], processes: int) -> list[str]:
    """Write the matrix of one system; returns what is wrong with it, a sentence each."""
    try:
        unjudged = list(_added(rows, carry_out_all(rows.system, owed, processes=processes), len(owed)))
    finally:
        matrix = rows.matrix()
        publish(matrix)
        click.echo(f"{rows.system}: {headline(matrix)}")
    return [*unjudged, *complaints_about(matrix)]


def _added(rows: _Rows, runs: Iterator[ToleratedRun | Unjudged], total: int) -> Iterator[str]:
    for number, run in enumerate(runs, start=1):
        click.echo(f"[{number:>{len(str(total))}}/{total}] {_line_of(run)}", err=True)
        if isinstance(run, Unjudged):
            yield f"{run.owed} was not judged: {run.reason}"
        else:
            rows.add(run)


def _line_of(run: ToleratedRun | Unjudged) -> str:
    if isinstance(run, Unjudged):
        return f"{run.owed}: not judged"
    said = ", ".join(sorted(run.failed | run.erred))
    return f"{OwedRun(run.liberties, run.way)}: {f'ALARM {said}' if said else f'silent, {run.judged} judged'}"


if __name__ == "__main__":
    main()
