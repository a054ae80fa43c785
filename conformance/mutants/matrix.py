"""`python -m conformance.mutants.matrix`: run the suite against mutants and write down which of them it finds."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import click

from conformance.contract.contract import load_contract
from conformance.contract.files import known_systems
from conformance.contract.matrices import (
    KillMatrix,
    ProvableRequirement,
    ProvedMutant,
    ProvedReference,
    load_live_column,
    load_matrix,
)
from conformance.contract.versions import NEXT
from conformance.mutants.base import TRIAL_SEED
from conformance.mutants.live import prove_live
from conformance.mutants.proving import Unproved, prove_all
from conformance.mutants.publishing import (
    NoDocumentationError,
    document_line,
    documentation_folder,
    headline,
    publish,
    publish_page,
)
from conformance.mutants.shares import NoShareError, share_of
from conformance.target.embedded import faults_of
from conformance.target.errors import NoFaultsError, UnknownFaultError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.mutants.base import Mutant
    from conformance.target.embedded import Faults


@click.command()
@click.option("--system", metavar="NAME", help="Only the mutants of this system.  [default: of all]")
@click.option("--only", metavar="ID", multiple=True, help="Only this mutant (repeatable); other rows are kept.")
@click.option("--live", is_flag=True, help="The column of live deployments: no control interface, real money, a cap.")
@click.option("--share", metavar="K/N", default="", help="Every N-th mutant, from the K-th.")
@click.option("--seed", type=int, default=TRIAL_SEED, show_default=True, help="The seed of all runs.")
@click.option("--document", is_flag=True, help="Only what the document alone shows; the rest of each row is kept.")
@click.option("--missing", is_flag=True, help="Only what has no row yet, or another declaration than its row has.")
@click.option(
    "-n",
    "processes",
    type=click.IntRange(min=1),
    # Some mutants answer late, and a run against them does nothing for most of its time.
    default=lambda: len(os.sched_getaffinity(0)) + 1,
    help="How many runs go on at the same time.  [default: one more than there are processors]",
)
def main(
    system: str | None,
    only: tuple[str, ...],
    share: str,
    seed: int,
    *,
    live: bool,
    document: bool,
    missing: bool,
    processes: int,
) -> None:
    """
    Run the suite against the references and their mutants, and write the kill matrix.

    The exit status is 1 when a mutant survives, when something fails that its declaration does not name, or when a
    requirement is left without a proof. What was found out before Ctrl-C is kept; --missing goes on from there.
    """
    complaints: list[str] = []
    try:
        documentation_folder()
        for subject in _subjects(known_systems() if system is None else (system,), only):
            if live:
                complaints += _prove_live(subject, only, share, seed, missing=missing, processes=processes)
            else:
                ways = _Ways(only, share, seed, document=document, missing=missing, processes=processes)
                complaints += _prove_system(subject, ways)
    except (NoDocumentationError, UnknownFaultError, NoShareError) as error:
        raise click.UsageError(str(error)) from error
    for complaint in complaints:
        click.echo(complaint, err=True)
    sys.exit(1 if complaints else 0)


@dataclass(frozen=True, slots=True)
class _Subject:
    """A system that comes with faults."""

    system: str
    faults: Faults


def _subjects(systems: Sequence[str], only: tuple[str, ...]) -> Sequence[_Subject]:
    """
    Those of the systems that have faults, where some are named at least one of these.

    Raises:
        UnknownFaultError: none of the systems has a fault that was named.
    """
    found = []
    for system in systems:
        with suppress(NoFaultsError):
            found.append(_Subject(system, faults_of(load_contract(system).conventions)))
    unknown = [name for name in only if not any(name in subject.faults.by_id for subject in found)]
    for name in unknown[:1]:
        found[0].faults[name]
    return [subject for subject in found if not only or any(name in subject.faults.by_id for name in only)]


def _prove_live(
    subject: _Subject, only: tuple[str, ...], share: str, seed: int, *, missing: bool, processes: int
) -> list[str]:
    """Write the live column of one system; returns what is wrong with it, a sentence each."""
    catalogue = cast("Mapping[str, Mutant]", subject.faults.by_id)
    before = load_live_column(subject.system)
    there = before.failed if before and missing else {}
    chosen = [mutant for name, mutant in catalogue.items() if (not only or name in only) and name not in there]
    found = prove_live(subject.system, catalogue, share_of(chosen, share), seed, processes=processes)
    publish_page()
    return found


@dataclass(frozen=True, slots=True)
class _Ways:
    """Which rows are made anew, and how."""

    only: tuple[str, ...]
    share: str
    seed: int
    document: bool
    missing: bool
    processes: int


def _prove_system(subject: _Subject, ways: _Ways) -> list[str]:
    """Write the matrix of one system; returns what is wrong with it, a sentence each."""
    system, only = subject.system, ways.only
    catalogue = cast("Mapping[str, Mutant]", subject.faults.by_id)
    kept = _Rows(system, catalogue)
    chosen = [
        mutant
        for name, mutant in catalogue.items()
        if (not only or name in only) and not (ways.missing and name in kept)
    ]
    chosen = list(share_of(chosen, ways.share))
    partly = only or ways.share or ways.document
    reference = not partly and not (ways.missing and kept.reference)
    known = kept.mutants if ways.document else {}
    try:
        rows = prove_all(system, chosen, ways.seed, reference=reference, processes=ways.processes, known=known)
        unproved = list(_carried_out(kept, rows, len(chosen) + reference))
    finally:
        matrix = kept.matrix()
        publish(matrix, system)
        click.echo(headline(matrix))
        click.echo(document_line(matrix))
    return [*unproved, *complaints_about(matrix)]


class _Rows:
    """The rows of a system's matrix: those that were written before and still fit, and those that come new."""

    def __init__(self, system: str, catalogue: Mapping[str, Mutant]) -> None:
        self.system = system
        self.reference: ProvedReference | None = None
        self._mutants: dict[str, ProvedMutant] = {}
        earlier = load_matrix(system)
        if earlier is not None:
            self.reference = next(iter(earlier.references), None)
            self._mutants = {row.id: row for row in earlier.mutants if _fits(row, catalogue.get(row.id))}

    def __contains__(self, mutant_id: str) -> bool:
        return mutant_id in self._mutants

    @property
    def mutants(self) -> Mapping[str, ProvedMutant]:
        """The rows of mutants by their ids."""
        return self._mutants

    def add(self, row: ProvedMutant | ProvedReference) -> None:
        """Take a row in, in place of the earlier one."""
        if isinstance(row, ProvedReference):
            self.reference = row
        else:
            self._mutants[row.id] = row

    def matrix(self) -> KillMatrix:
        """All rows, the mutants by their ids."""
        registry = load_contract(self.system, NEXT).registry
        return KillMatrix(
            requirements=tuple(ProvableRequirement(entry.id, self.system, entry.level) for entry in registry),
            mutants=tuple(row for _, row in sorted(self._mutants.items())),
            references=(self.reference,) if self.reference else (),
        )


def complaints_about(matrix: KillMatrix) -> list[str]:
    """What keeps a matrix from being a proof, a sentence each."""
    survivors = [mutant for mutant in matrix.mutants if not mutant.killed]
    blurred = [mutant for mutant in matrix.mutants if mutant.killed and not mutant.attributed]
    unproved = [entry.id for entry in matrix.requirements if not matrix.killers(entry.id)]
    return [
        *(f"The reference of {row.system} fails {_listed(row.failed)}." for row in matrix.references if row.failed),
        *(f"{row.id} survives: {row.breaks} does not fail, but {_listed(row.failed)}." for row in survivors),
        *(f"{row.id} breaks {row.breaks}, but what fails is {_listed(row.failed)}." for row in blurred),
        *([f"No mutant proves {', '.join(unproved)}."] if unproved else []),
    ]


def _carried_out(kept: _Rows, rows: Iterator[ProvedMutant | ProvedReference | Unproved], total: int) -> Iterator[str]:
    """Add so many rows to those that are kept; what could not be judged is returned, a sentence each."""
    for number, row in enumerate(rows, start=1):
        if isinstance(row, Unproved):
            yield f"{row.mutant or 'The reference'} was not judged: {row.reason}"
        else:
            kept.add(row)
        click.echo(f"[{number:>{len(str(total))}}/{total}] {_line_of(row)}", err=True)


def _line_of(row: ProvedMutant | ProvedReference | Unproved) -> str:
    match row:
        case Unproved():
            return f"{row.mutant or 'the reference'}: not judged"
        case ProvedReference():
            return f"the reference of {row.system}: {_listed(row.failed)} fails"
        case ProvedMutant(attributed=True):
            return f"{row.id}: killed, attributed"
        case ProvedMutant():
            return f"{row.id}: {_listed(row.failed)} fails, not only {row.breaks}"


def _fits(row: ProvedMutant, mutant: Mutant | None) -> bool:
    """Whether a row is still about the mutant that the catalogue has under its id."""
    if mutant is None:
        return False
    declared = (mutant.breaks, mutant.story, dict(mutant.consequences))
    return (row.breaks, row.story, dict(row.consequences)) == declared


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


if __name__ == "__main__":
    main()
