"""`python -m mechanical_mutants`: try mutants that a tool makes, and write down what came of them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import click

from conformance.contract.contract import load_contract
from conformance.contract.errors import UnknownSystemError
from conformance.contract.files import default_system, system_folder
from conformance.mutants.publishing import NoDocumentationError, documentation_folder
from mechanical_mutants.choosing import CHOSEN, SEED, all_mutants, chosen
from mechanical_mutants.classes import BadClassError, as_entries, without_class, without_survivor
from mechanical_mutants.outcome_files import SURVIVORS, OutcomeFiles
from mechanical_mutants.publishing import headline
from mechanical_mutants.trying import try_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mechanical_mutants.making import MechanicalMutant
    from mechanical_mutants.trying import Tried

_WRITTEN_EVERY: Final = 10


@click.command()
@click.option(
    "--system",
    metavar="NAME",
    help="Mutants of this system.  [default: the default one]",
)
@click.option("--sample", type=click.IntRange(min=1), default=CHOSEN, show_default=True, help="How many are chosen.")
@click.option("--seed", default=SEED, show_default=True, help="Another seed chooses others.")
@click.option("--only", metavar="TEXT", multiple=True, help="Only mutants with this id, or with this in their module.")
@click.option("--again", is_flag=True, help="Also those of which the outcome is known.")
@click.option("--survivors", is_flag=True, help="Those that survived, once more: after a check has become stronger.")
@click.option("--unclassed", is_flag=True, help="Try nothing; print the survivors that have no class yet.")
@click.option(
    "-n",
    "processes",
    type=click.IntRange(min=1),
    default=lambda: len(os.sched_getaffinity(0)),
    help="How many runs go on at the same time.  [default: one for each processor]",
)
def main(
    system: str | None,
    sample: int,
    seed: int,
    only: tuple[str, ...],
    *,
    again: bool,
    survivors: bool,
    unclassed: bool,
    processes: int,
) -> None:
    """
    Change the reference mechanically, run the suite against each change, and write down what came of it.

    What is known already is not tried again unless the change itself is another now, so an interrupted run goes on
    where it was. The exit status is 1 when a survivor has no class.
    """
    try:
        name = system_folder(system or default_system() or "").name
        everything = list(all_mutants(load_contract(name).conventions))
        choice = chosen(everything, sample, seed)
        files = OutcomeFiles(documentation_folder(), choice)
        if not unclassed:
            due = [each for each in choice if again or not files.knows(each) or (survivors and files.survived(each))]
            wanted = {each.place for each in due if _is_wanted(each, only)}
            _try(files, name, [each for each in everything if each.place in wanted], processes)
        sys.exit(_report(files, unclassed=unclassed))
    except (NoDocumentationError, BadClassError, UnknownSystemError) as error:
        raise click.UsageError(str(error)) from error


def _is_wanted(mutant: MechanicalMutant, only: tuple[str, ...]) -> bool:
    place = mutant.place
    return not only or any(text == place.id or text in place.module for text in only)


def _try(files: OutcomeFiles, system: str, mutants: Sequence[MechanicalMutant], processes: int) -> None:
    """Try mutants; what is known is written now and then, and also when it is interrupted."""
    width = len(str(len(mutants)))
    try:
        for number, row in enumerate(try_all(system, mutants, processes), start=1):
            files.add(row)
            click.echo(f"[{number:>{width}}/{len(mutants)}] {_line_of(row)}", err=True)
            if number % _WRITTEN_EVERY == 0:
                files.write()
    finally:
        files.write()


def _line_of(row: Tried) -> str:
    failed = f" by {row.failed[0]}{' and others' if len(row.failed) > 1 else ''}" if row.failed else ""
    place = row.place
    return f"{place.id} {place.module.rpartition('.')[2]}: {place.line} => {row.becomes}: {row.outcome}{failed}"


def _report(files: OutcomeFiles, *, unclassed: bool) -> int:
    """Print what is known; returns the exit status."""
    results, judgements = files.results(), files.judgements()
    open_questions = without_class(results, judgements)
    click.echo(as_entries(open_questions) if unclassed else headline(results, judgements))
    if open_questions and not unclassed:
        click.echo(f"{len(open_questions)} survivors have no class in docs/{SURVIVORS} (see --unclassed).", err=True)
    for place in without_survivor(results, judgements):
        click.echo(f"{place.id} has a class but does not survive: {place.module}, {place.line}", err=True)
    return 1 if open_questions else 0


if __name__ == "__main__":
    main()
