"""How mutants are tried: the arguments and the environment of the suite's run against each."""

from __future__ import annotations

import json
import secrets
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from conformance.contract.contract import load_contract
from conformance.contract.files import system_folder
from conformance.contract.versions import NEXT
from conformance.mutants.base import DRAWN_EXAMPLES, PLAYED_HISTORIES, TRIAL_SEED
from conformance.mutants.laboratory import Trial
from conformance.target.embedded import FAULT_VARIABLE, faults_of
from conformance.target.launch import embedded_environment, embedded_of
from conformance.target.settings import FORBIDDEN_KEY, MAIN_KEY, SECOND_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conformance.contract.conventions import Conventions
    from conformance.mutants.base import Mutant


_PREFIX: Final = "CONFORMANCE_REFERENCE_"
_STATEMENT: Final = "target.toml"
# Tasks wait long enough to be cancelled on a machine that others keep busy, and work for longer than a poll is away: a
# scenario that waits to see a task at work misses it otherwise, and has paid for it.
_QUEUED_SECONDS: Final = 20
_RUNNING_SECONDS: Final = 18
# The most that one request may cost where only the account's owner knows it; the embedded references ask for less.
_STATED_PRICE: Final = Decimal(3)
# Under some mutants a task never ends, or its refund never comes.
_LONGEST_WAIT_SECONDS: Final = 75
# What drawn requests show is seen in the run of the whole suite; of them only those with near keys are not in it.
_RELATIONS: Final = "not test_generated or test_requests_without_a_usable_key_are_refused"
# Without the control interface's clock, whose use no document describes, tasks have to come to their end by themselves.
_BRISK: Final = {f"{_PREFIX}QUEUED_SECONDS": "0.05", f"{_PREFIX}RUNNING_SECONDS": "0.1"}


class Trials:
    """The runs of the suite against one system's reference and its mutants, made in an environment of theirs."""

    def __init__(
        self, system: str, seed: int, environment: Mapping[str, str], *, reports_failures: bool = False
    ) -> None:
        contract = load_contract(system, NEXT)
        conventions = contract.conventions
        self._system = system
        self._document = system_folder(system) / conventions.document
        # By its number the version that is yet to come is judged whole.
        self._version = contract.versions.written if contract.versions else conventions.contract_version
        self._prices = _stated_prices(conventions)
        self._seed = seed
        self._reference = embedded_of(conventions)
        self._mutants = faults_of(conventions)
        self._environment = environment
        self._reports_failures = reports_failures

    def of_mutant(self, mutant: Mutant, folder: Path) -> Trial:
        """The whole suite, without files of 100 MB unless the mutant needs them."""
        return Trial(
            application=self._mutants.app,
            base_path=self._mutants.base_path_of(mutant),
            folder=folder,
            arguments=self._arguments(mutant.examples, mutant.histories, heavy=mutant.heavy),
            reports_failures=self._reports_failures,
            hasty=True,
            environment={**self._environment, FAULT_VARIABLE: mutant.id},
        )

    def live(self, mutant: Mutant, folder: Path, cap: str) -> Trial:
        """The suite against a mutant as a deployment: no control interface, real money under a cap, keys of its own."""
        audio = self._environment.get(f"{_PREFIX}AUDIO_URL")
        stated = ["[target]", f"system = {json.dumps(self._system)}", 'money = "real"', "exclusive_account = true"]
        stated += [f"reference_audio_url = {json.dumps(audio)}"] if audio else []
        stated += ["[prices]", *(f'{json.dumps(name)} = "{price}"' for name, price in self._prices.items())]
        stated += ["[limits]", f"poll_timeout_seconds = {_LONGEST_WAIT_SECONDS}"]
        (folder / _STATEMENT).write_text("\n".join([*stated, ""]), "utf-8")
        keys = {name: f"sk-{secrets.token_hex(16)}" for name in ("MAIN", "SECOND", "FORBIDDEN")}
        size = "--heavy" if mutant.heavy else "--no-heavy"
        place = ("--target", str(folder / _STATEMENT), "--contract-version", self._version)
        money = ("--max-credits", cap, "--provisional")
        return Trial(
            application=self._mutants.app,
            base_path=self._mutants.base_path_of(mutant),
            folder=folder,
            arguments=(*place, *money, "--seed", str(self._seed), size, "--examples", str(mutant.examples)),
            reports_failures=self._reports_failures,
            environment={
                **self._environment,
                FAULT_VARIABLE: mutant.id,
                f"{_PREFIX}QUEUED_SECONDS": str(_QUEUED_SECONDS),
                f"{_PREFIX}RUNNING_SECONDS": str(_RUNNING_SECONDS),
                **{f"{_PREFIX}{name}_KEY": key for name, key in keys.items()},
                MAIN_KEY: keys["MAIN"],
                SECOND_KEY: keys["SECOND"],
                FORBIDDEN_KEY: keys["FORBIDDEN"],
            },
        )

    def of_document(self, mutant: Mutant | None, folder: Path) -> Trial:
        """The relations that follow from the document alone, against a mutant (None: the reference as it is)."""
        faults = {} if mutant is None else {FAULT_VARIABLE: mutant.id}
        served = self._reference if mutant is None else self._mutants
        base_path = self._reference.base_path if mutant is None else self._mutants.base_path_of(mutant)
        drawn = ("--examples", str(DRAWN_EXAMPLES), "--no-heavy", "--seed", str(self._seed))
        place = ("--spec", str(self._document), "--control-url", self._reference.control_path, "--play-money")
        return Trial(
            application=served.app,
            base_path=base_path,
            folder=folder,
            arguments=(*place, *drawn),
            selected=_RELATIONS,
            hasty=True,
            environment={**self._environment, **_BRISK, **faults},
        )

    def of_reference(self, folder: Path) -> Trial:
        """The whole suite, with files of 100 MB."""
        return Trial(
            application=self._reference.app,
            base_path=self._reference.base_path,
            folder=folder,
            arguments=self._arguments(DRAWN_EXAMPLES, PLAYED_HISTORIES, heavy=True),
            reports_failures=self._reports_failures,
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


def _stated_prices(conventions: Conventions) -> Mapping[str, Decimal]:
    """What the owner of an account knows to pay: the published prices of models, and the most for the rest."""
    agreed = conventions.money.prices if conventions.money else {}
    unpriced = conventions.pricing.unknown if conventions.pricing else ()
    return {**agreed, **dict.fromkeys(unpriced, _STATED_PRICE)}


@contextmanager
def trials_of(system: str, seed: int = TRIAL_SEED, *, reports_failures: bool = False) -> Iterator[Trials]:
    """The trials of one system, for as long as the file that its mutants can fetch over HTTPS is served."""
    with embedded_environment(load_contract(system).conventions) as environment:
        yield Trials(system, seed, environment, reports_failures=reports_failures)
