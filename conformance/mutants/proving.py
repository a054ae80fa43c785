"""What the suite says about a reference and its mutants: the rows of the kill matrix."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from conformance.contract.matrices import ProvedMutant, ProvedReference
from conformance.mutants.base import TRIAL_SEED
from conformance.mutants.laboratory import NoVerdictError, carry_out
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
    system: str, mutants: Sequence[Mutant], seed: int = TRIAL_SEED, *, reference: bool, processes: int
) -> Iterator[ProvedMutant | ProvedReference | Unproved]:
    """
    The rows of some mutants of a system, and of its reference if asked for, in the order in which they get ready.

    So many runs go on at a time as there are `processes`. A caller that stops asking ends it: no other run begins.
    """
    with trials_of(system, seed) as trials, _workers(processes) as workers:
        prover = _Prover(system, trials)
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
    """Makes one row out of one run."""

    system: str
    trials: Trials

    def mutant(self, mutant: Mutant) -> ProvedMutant | Unproved:
        """The row of a mutant."""
        try:
            failed = _failed(lambda folder: self.trials.of_mutant(mutant, folder))
        except (NoVerdictError, SuiteErredError) as problem:
            return Unproved(mutant.id, str(problem))
        return ProvedMutant(
            id=mutant.id,
            system=self.system,
            breaks=mutant.breaks,
            story=mutant.story,
            failed=failed.anywhere,
            failed_by_document=failed.by_document,
            consequences=mutant.consequences,
        )

    def reference(self) -> ProvedReference | Unproved:
        """The row of the reference, which has no fault."""
        try:
            failed = _failed(self.trials.of_reference)
        except (NoVerdictError, SuiteErredError) as problem:
            return Unproved(None, str(problem))
        return ProvedReference(self.system, failed.anywhere, failed.by_document)


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
