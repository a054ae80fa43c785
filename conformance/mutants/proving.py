"""What the suite says about a reference and its mutants: the rows of the kill matrix."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from conformance.contract.contract import load_contract
from conformance.contract.matrix import ProvedMutant, ProvedReference
from conformance.mutants.laboratory import NoReportError, carry_out
from conformance.mutants.trials import trials_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from conformance.contract.registry import Registry
    from conformance.mutants.base import Mutant
    from conformance.mutants.laboratory import Trial
    from conformance.mutants.trials import Trials


class SuiteErredError(Exception):
    """The suite itself erred while it judged, so that the run proves nothing; names what was not judged."""


@dataclass(frozen=True, slots=True)
class Unproved:
    """A mutant (None: the reference itself) about which the suite said nothing that counts, and why."""

    mutant: str | None
    reason: str


def prove_all(
    system: str, mutants: Sequence[Mutant], *, reference: bool, processes: int
) -> Iterator[ProvedMutant | ProvedReference | Unproved]:
    """
    The rows of some mutants of a system, and of its reference if asked for, in the order in which they get ready.

    So many runs go on at a time as there are `processes`. Whoever stops asking ends it: no other run begins.
    """
    with trials_of(system) as trials, _workers(processes) as workers:
        prover = _Prover(system, load_contract(system).registry, trials)
        tasks: list[Future[ProvedMutant | ProvedReference | Unproved]] = []
        tasks += [workers.submit(prover.reference)] if reference else []
        tasks += [workers.submit(prover.mutant, mutant) for mutant in mutants]
        for task in as_completed(tasks):
            yield task.result()


def united(registry: Registry, *failed: frozenset[str]) -> frozenset[str]:
    """What failed in any of several runs, without a fail that the fail of a narrower requirement explains."""
    everything = frozenset[str]().union(*failed)
    return frozenset(name for name in everything if everything.isdisjoint(registry[name].rests_on))


@dataclass(frozen=True, slots=True)
class _Prover:
    """Carries the runs of one row out."""

    system: str
    registry: Registry
    trials: Trials

    def mutant(self, mutant: Mutant) -> ProvedMutant | Unproved:
        """The row of a mutant."""
        try:
            whole = _failed(lambda folder: self.trials.of_mutant(mutant, folder))
            drawn = _failed(lambda folder: self.trials.of_mutant_by_document(mutant, folder))
        except (NoReportError, SuiteErredError) as problem:
            return Unproved(mutant.id, str(problem))
        return ProvedMutant(
            id=mutant.id,
            system=self.system,
            breaks=mutant.breaks,
            story=mutant.story,
            failed=united(self.registry, whole, drawn),
            failed_by_document=drawn,
            consequences=mutant.consequences,
        )

    def reference(self) -> ProvedReference | Unproved:
        """The row of the reference, which has no fault."""
        try:
            whole = _failed(self.trials.of_reference)
            drawn = _failed(self.trials.of_reference_by_document)
        except (NoReportError, SuiteErredError) as problem:
            return Unproved(None, str(problem))
        return ProvedReference(self.system, united(self.registry, whole, drawn), drawn)


def _failed(trial: Callable[[Path], Trial]) -> frozenset[str]:
    with TemporaryDirectory(prefix="conformance-") as folder:
        verdicts = carry_out(trial(Path(folder)))
    erred = [name for name, verdict in verdicts.items() if verdict == "error"]
    if erred:
        raise SuiteErredError(f"The suite itself erred in {', '.join(erred)}.")
    return frozenset(name for name, verdict in verdicts.items() if verdict == "fail")


@contextmanager
def _workers(processes: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that each wait for one run at a time."""
    executor = ThreadPoolExecutor(processes)
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)
