"""One run of the suite against each mutant, and what came of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from conformance.contract.contract import load_contract
from conformance.mutants.base import DRAWN_EXAMPLES, TRIAL_SEED
from conformance.mutants.laboratory import NoVerdictError, Trial, carry_out
from conformance.target.launch import embedded_environment, embedded_of
from mechanical_mutants.app import FACTORY, VARIABLE, Replacement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.contract.conventions import Embedded
    from mechanical_mutants.making import MechanicalMutant, Place

_FILE: Final = "mutated.py"
_WHOLE_SUITE: Final = ("--heavy", "--seed", str(TRIAL_SEED), "--examples", str(DRAWN_EXAMPLES))


class Outcome(StrEnum):
    """
    What came of a mutant.

    A killed one fails a requirement. A dead one leaves the run without a verdict, or with one that says that nothing
    could be judged, because it does not start or refuses every key: no merit of the suite. With an erred one the suite
    itself went wrong, and nothing failed.
    """

    KILLED = "killed"
    SURVIVED = "survived"
    DEAD = "dead"
    ERRED = "erred"


@dataclass(frozen=True, slots=True)
class Tried:
    """
    A mutant that was tried.

    `failed` are the requirements that fail, `unjudged` says how many were judged neither way.
    """

    place: Place
    becomes: str
    outcome: Outcome
    failed: tuple[str, ...] = ()
    unjudged: int = 0


def try_all(system: str, mutants: Sequence[MechanicalMutant], processes: int) -> Iterator[Tried]:
    """
    What comes of the mutants of a system, in the order in which it is known.

    So many runs go on at a time as there are `processes`. A caller that stops asking ends it: no other run begins.
    """
    conventions = load_contract(system).conventions
    embedded = embedded_of(conventions)
    executor = ThreadPoolExecutor(processes)
    with embedded_environment(conventions) as environment:
        laboratory = _Laboratory(embedded, environment)
        try:
            tasks = [executor.submit(laboratory.try_out, mutant) for mutant in mutants]
            for task in as_completed(tasks):
                yield task.result()
        finally:
            executor.shutdown(cancel_futures=True)


@dataclass(frozen=True, slots=True)
class _Laboratory:
    embedded: Embedded
    environment: Mapping[str, str]

    def try_out(self, mutant: MechanicalMutant) -> Tried:
        """Carry the run of one mutant out."""
        with TemporaryDirectory(prefix="conformance-") as folder:
            try:
                found = carry_out(self._trial(mutant, Path(folder)))
            except NoVerdictError:
                return Tried(mutant.place, mutant.becomes, Outcome.DEAD)
        verdicts = found.verdicts
        failed = tuple(sorted(name for name, verdict in verdicts.items() if verdict == "fail"))
        unjudged = sum(verdict not in {"pass", "fail"} for verdict in verdicts.values())
        outcome = _outcome(set(verdicts.values()), is_open=found.overall == "inconclusive")
        return Tried(mutant.place, mutant.becomes, outcome, failed, unjudged)

    def _trial(self, mutant: MechanicalMutant, folder: Path) -> Trial:
        file = folder / _FILE
        file.write_text(mutant.source, "utf-8")
        replacement = Replacement(module=mutant.place.module, file=str(file), application=self.embedded.app)
        control = self.embedded.control_path
        return Trial(
            application=FACTORY,
            base_path=self.embedded.base_path,
            folder=folder,
            arguments=(*_WHOLE_SUITE, "--control-url", control),
            environment={**self.environment, VARIABLE: replacement.as_text()},
        )


def _outcome(verdicts: set[str], *, is_open: bool) -> Outcome:
    if "fail" in verdicts:
        return Outcome.KILLED
    if "error" in verdicts:
        return Outcome.ERRED
    return Outcome.DEAD if is_open else Outcome.SURVIVED
