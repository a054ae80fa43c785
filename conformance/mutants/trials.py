"""How mutants are tried: the arguments and the environment of the suite's run against each."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from conformance.contract.contract import load_contract
from conformance.contract.versions import NEXT
from conformance.mutants.base import DRAWN_EXAMPLES, PLAYED_HISTORIES, TRIAL_SEED
from conformance.mutants.laboratory import Trial
from conformance.target.faults import FAULT_VARIABLE, faults_of
from conformance.target.launch import embedded_environment, embedded_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conformance.mutants.base import Mutant


class Trials:
    """The runs of the suite against one system's reference and its mutants, made in an environment of theirs."""

    def __init__(self, system: str, seed: int, environment: Mapping[str, str], *, reported: bool = False) -> None:
        contract = load_contract(system, NEXT)
        conventions = contract.conventions
        self._system = system
        # By its number the version that is yet to come is judged whole.
        self._version = contract.versions.written if contract.versions else conventions.contract_version
        self._seed = seed
        self._reference = embedded_of(conventions)
        self._mutants = faults_of(conventions)
        self._environment = environment
        self._reported = reported

    def of_mutant(self, mutant: Mutant, folder: Path) -> Trial:
        """The whole suite, without files of 100 MB unless the mutant needs them."""
        return Trial(
            application=self._mutants.app,
            base_path=self._mutants.base_path_of(mutant),
            folder=folder,
            arguments=self._arguments(mutant.examples, mutant.histories, heavy=mutant.heavy),
            reported=self._reported,
            environment={**self._environment, FAULT_VARIABLE: mutant.id},
        )

    def of_reference(self, folder: Path) -> Trial:
        """The whole suite, with files of 100 MB."""
        return Trial(
            application=self._reference.app,
            base_path=self._reference.base_path,
            folder=folder,
            arguments=self._arguments(DRAWN_EXAMPLES, PLAYED_HISTORIES, heavy=True),
            reported=self._reported,
            environment=self._environment,
        )

    def _arguments(self, examples: int, histories: int, *, heavy: bool) -> tuple[str, ...]:
        size = "--heavy" if heavy else "--no-heavy"
        control = self._reference.control_path
        drawn = ("--examples", str(examples), "--histories", str(histories))
        # Not every system has a wallet that could show it.
        version = ("--contract-version", self._version)
        place = ("--system", self._system, *version, "--control-url", control, "--play-money")
        return (*place, "--seed", str(self._seed), "--provisional", size, *drawn)


@contextmanager
def trials_of(system: str, seed: int = TRIAL_SEED, *, reported: bool = False) -> Iterator[Trials]:
    """The trials of one system, for as long as the file that its mutants can fetch over HTTPS is served."""
    with embedded_environment(load_contract(system).conventions) as environment:
        yield Trials(system, seed, environment, reported=reported)
