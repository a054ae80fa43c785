"""How mutants are tried: the arguments and the environment of the suite's run against each."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from conformance.contract.contract import load_contract
from conformance.mutants.base import DRAWN_EXAMPLES, TRIAL_SEED
from conformance.mutants.laboratory import Trial
from conformance.target.faults import FAULT_VARIABLE, faults_of
from conformance.target.launch import embedded_environment, embedded_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conformance.mutants.base import Mutant

_HAND_WRITTEN: Final = ("--", "-k", "not test_generated")
_DOCUMENT_ONLY: Final = ("--", "-k", "test_generated")


class Trials:
    """The runs of the suite against one system's reference and its mutants, made in an environment of theirs."""

    def __init__(self, system: str, environment: Mapping[str, str]) -> None:
        conventions = load_contract(system).conventions
        self._reference = embedded_of(conventions)
        self._mutants = faults_of(conventions)
        self._environment = environment

    def of_mutant(self, mutant: Mutant, folder: Path) -> Trial:
        """Hand-written tests and monitors, and drawn requests where the mutant needs them."""
        return self._of_mutant(mutant, folder, mutant.examples, () if mutant.generated else _HAND_WRITTEN)

    def of_mutant_by_document(self, mutant: Mutant, folder: Path) -> Trial:
        """Drawn requests and monitors only."""
        return self._of_mutant(mutant, folder, max(mutant.examples, DRAWN_EXAMPLES), _DOCUMENT_ONLY)

    def of_reference(self, folder: Path) -> Trial:
        """The whole suite, with files of 100 MB."""
        return self._of_reference(folder, heavy=True, selected=())

    def of_reference_by_document(self, folder: Path) -> Trial:
        """Drawn requests and monitors only."""
        return self._of_reference(folder, heavy=False, selected=_DOCUMENT_ONLY)

    def _of_mutant(self, mutant: Mutant, folder: Path, examples: int, selected: tuple[str, ...]) -> Trial:
        return Trial(
            application=self._mutants.app,
            base_path=mutant.base_path,
            folder=folder,
            arguments=(*self._arguments(examples, heavy=mutant.heavy), *selected),
            environment={**self._environment, FAULT_VARIABLE: mutant.id},
        )

    def _of_reference(self, folder: Path, *, heavy: bool, selected: tuple[str, ...]) -> Trial:
        return Trial(
            application=self._reference.app,
            base_path=self._reference.base_path,
            folder=folder,
            arguments=(*self._arguments(DRAWN_EXAMPLES, heavy=heavy), *selected),
            environment=self._environment,
        )

    def _arguments(self, examples: int, *, heavy: bool) -> tuple[str, ...]:
        size = "--heavy" if heavy else "--no-heavy"
        control = self._reference.control_path
        return ("--control-url", control, "--seed", str(TRIAL_SEED), size, "--examples", str(examples))


@contextmanager
def trials_of(system: str) -> Iterator[Trials]:
    """The trials of one system, for as long as the file that its mutants can fetch over HTTPS is served."""
    with embedded_environment(load_contract(system).conventions) as environment:
        yield Trials(system, environment)
