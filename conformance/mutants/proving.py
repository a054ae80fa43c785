"""What the suite says about a reference and its mutants: the rows of the kill matrix."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from conformance.contract.contract import load_contract
from conformance.contract.matrices import ProvedMutant, ProvedReference
from conformance.mutants.base import TRIAL_SEED
from conformance.mutants.laboratory import FORKS, PRELOADED, NoVerdictError, carry_out
from conformance.mutants.trials import trials_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from conformance.mutants.base import Mutant
    from conformance.mutants.laboratory import Trial
    from conformance.mutants.trials import Trials


# Rounds in which all mutants are tried, each with every so many-th of them.
_APART: Final = 20


class SuiteErredError(Exception):
    """The suite itself erred while it judged, so that the run proves nothing; names what was not judged."""


@dataclass(frozen=True, slots=True)
class Unproved:
    """A mutant (None: the reference itself) about which the suite said nothing that counts, and why."""

    mutant: str | None
    reason: str


def prove_all(
    system: str,
    mutants: Sequence[Mutant],
    seed: int = TRIAL_SEED,
    *,
    reference: bool,
    processes: int,
    relations: bool = True,
    known: Mapping[str, ProvedMutant] = MappingProxyType({}),
) -> Iterator[ProvedMutant | ProvedReference | Unproved]:
    """
    The rows of some mutants of a system, and of its reference if asked for, in the order in which they get ready.

    With `relations` each is also tried with nothing but the document, where the system says which relations state what
    its requirements state; of what is `known` only that is found out anew.
    So many runs go on at a time as there are `processes`. A caller that stops asking ends it: no other run begins.
    """
    stated = stated_by_relations(system) if relations else {}
    if stated:
        FORKS.set_forkserver_preload([*PRELOADED, "conformance.mutants.preloaded_documents"])
    with trials_of(system, seed) as trials, _workers(processes) as workers:
        prover = _Prover(system, trials, stated, known)
        tasks: list[Future[ProvedMutant | ProvedReference | Unproved]] = []
        tasks += [workers.submit(prover.reference)] if reference else []
        tasks += [workers.submit(prover.mutant, mutant) for mutant in _apart(mutants)]
        for task in as_completed(tasks):
            yield task.result()


def _apart(mutants: Sequence[Mutant]) -> Iterator[Mutant]:
    """The mutants with neighbours far apart: those that answer late are alike, and all runs would wait at once."""
    for start in range(_APART):
        yield from mutants[start::_APART]


@dataclass(frozen=True, slots=True)
class _Prover:
    """
    Makes one row out of one run of the suite, and one more by the document alone where there are `relations`.

    These name for a requirement those that the document alone makes and that state the same.
    """

    system: str
    trials: Trials
    relations: Mapping[str, tuple[str, ...]]
    known: Mapping[str, ProvedMutant]

    def mutant(self, mutant: Mutant) -> ProvedMutant | Unproved:
        """The row of a mutant."""
        row = self.known.get(mutant.id)
        try:
            if row is not None:
                failed = _Failed(row.failed, row.failed_by_document)
            else:
                failed = _failed(lambda folder: self.trials.of_mutant(mutant, folder))
            shown = failed.by_document | self._related(mutant)
        except (NoVerdictError, SuiteErredError) as problem:
            return Unproved(mutant.id, str(problem))
        return ProvedMutant(
            id=mutant.id,
            system=self.system,
            breaks=mutant.breaks,
            story=mutant.story,
            failed=failed.anywhere,
            failed_by_document=shown | self._stated(mutant.breaks, shown),
            consequences=mutant.consequences,
        )

    def reference(self) -> ProvedReference | Unproved:
        """The row of the reference, which has no fault."""
        try:
            failed = _failed(self.trials.of_reference)
            related = self._related(None)
        except (NoVerdictError, SuiteErredError) as problem:
            return Unproved(None, str(problem))
        return ProvedReference(self.system, failed.anywhere, failed.by_document | related)

    def _related(self, mutant: Mutant | None) -> frozenset[str]:
        """What fails in a run with nothing but the document."""
        if not self.relations:
            return frozenset()
        return _failed(lambda folder: self.trials.of_document(mutant, folder)).anywhere

    def _stated(self, requirement: str, shown: frozenset[str]) -> frozenset[str]:
        """The requirement itself, where one that the document alone makes and that states the same fails."""
        known = self.relations.get(requirement, ())
        return frozenset({requirement}) if shown & {*known} else frozenset()


def stated_by_relations(system: str) -> Mapping[str, tuple[str, ...]]:
    """For the requirements of a system, the requirements made from its document alone that state the same."""
    embedded = load_contract(system).conventions.embedded
    # Imported by its name, as the catalogue of the mutants is: the core names no system.
    place = f"{embedded.mutants}.stated" if embedded is not None and embedded.mutants is not None else ""
    found: Mapping[str, tuple[str, ...]] = import_module(place).STATED if place and find_spec(place) else {}
    return found


@dataclass(frozen=True, slots=True)
class _Failed:
    """The requirements that fail in a run of the whole suite, and those that the document alone shows to fail."""

    anywhere: frozenset[str]
    by_document: frozenset[str]


def _failed(trial: Callable[[Path], Trial]) -> _Failed:
    with TemporaryDirectory(prefix="conformance-") as folder:
        found = carry_out(replace(trial(Path(folder)), by_document=True))
    erred = sorted(_having("error", found.verdicts) | _having("error", found.by_document))
    if erred:
        raise SuiteErredError(f"The suite itself erred in {', '.join(erred)}.")
    return _Failed(_having("fail", found.verdicts), _having("fail", found.by_document))


def _having(verdict: str, verdicts: Mapping[str, str]) -> frozenset[str]:
    return frozenset(name for name, given in verdicts.items() if given == verdict)


@contextmanager
def _workers(processes: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that each wait for one run at a time."""
    executor = ThreadPoolExecutor(processes)
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)
