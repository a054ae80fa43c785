"""How a reference that takes liberties is tried: the arguments and the environment of the suite's run against it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from conformance.contract.contract import load_contract
from conformance.contract.liberties import load_liberties
from conformance.mutants.base import DRAWN_EXAMPLES, PLAYED_HISTORIES, TRIAL_SEED
from conformance.mutants.laboratory import Trial
from conformance.target.embedded import LIBERTY_VARIABLE, application_taking_liberties
from conformance.target.launch import EMBEDDED_KEYS, embedded_environment, embedded_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from conformance.contract.matrices import Way

# Enough for all that a run buys, and no more than a careful user would risk.
_CAP: Final = "310"
_AUDIO: Final = "CONFORMANCE_REFERENCE_AUDIO_URL"
# Without a control interface nothing puts the clock ahead. Tasks that can be cancelled must not end before they are;
# others are only waited for.
_WORK: Final = "CONFORMANCE_REFERENCE_RUNNING_SECONDS"
_LONG_SECONDS, _SHORT_SECONDS = 12, 1
_CONTROL: Final = "control"
_OF_THE_KEYS: Final = {"main": "key:main", "second": "key:second", "forbidden": "key:forbidden"}


class LibertyTrials:
    """The runs of the suite against one system's reference with liberties, made in an environment of theirs."""

    def __init__(self, system: str, seed: int, environment: Mapping[str, str]) -> None:
        contract = load_contract(system)
        conventions = contract.conventions
        self._system = system
        # Purchases are counted where no price is known.
        self._cap = "--max-credits" if contract.states_prices else "--max-purchases"
        self._seed = seed
        cancels = conventions.tasks is not None and conventions.tasks.cancel is not None
        self._work = {_WORK: str(_LONG_SECONDS if cancels else _SHORT_SECONDS)}
        self._reference = embedded_of(conventions)
        self._application = application_taking_liberties(conventions)
        self._liberties = load_liberties(system)
        self._environment = environment

    def of(self, names: Sequence[str], way: Way, folder: Path, selected: str = "", *, reported: bool = True) -> Trial:
        """A run in some way against the reference with liberties; `selected` names tests as pytest's `-k` does."""
        withheld = frozenset(name for each in names for name in self._liberties[each].withholds)
        keys = {variable: f"sk-{role:0<32}" for role, variable in EMBEDDED_KEYS.items()}
        named = {variable for role, variable in EMBEDDED_KEYS.items() if _OF_THE_KEYS[role] not in withheld}
        given = {name: value for name, value in self._environment.items() if name != _AUDIO}
        audio = self._environment.get(_AUDIO) if "reference-audio" not in withheld else None
        # A control interface opens accounts that come with all keys.
        controlled = way.money == "play" and not any(name == _CONTROL or "key:" in name for name in withheld)
        statement = folder / "target.toml"
        statement.write_text(_statement(way, withheld, named, audio), "utf-8")
        return Trial(
            application=self._application,
            base_path=self._reference.base_path,
            folder=folder,
            arguments=(*self._arguments(statement, way, controlled=controlled), "-n", str(way.workers)),
            selected=selected,
            reported=reported,
            environment={
                **given,
                **keys,
                **({_AUDIO: audio} if audio else {}),
                **({} if controlled else self._work),
                LIBERTY_VARIABLE: ",".join(names),
            },
        )

    def _arguments(self, statement: Path, way: Way, *, controlled: bool) -> tuple[str, ...]:
        drawn = ("--examples", str(DRAWN_EXAMPLES), "--histories", str(PLAYED_HISTORIES), "--no-heavy")
        judged = ("--system", self._system, "--seed", str(self._seed), "--target", str(statement), *drawn)
        paid = (self._cap, _CAP) if way.money == "cap" else ()
        control = ("--control-url", self._reference.control_path) if controlled else ()
        return (*judged, *paid, *control)


def _statement(way: Way, withheld: frozenset[str], variables: set[str], audio: str | None) -> str:
    """What the run is told of its target, as target.toml."""
    money = "play" if way.money == "play" else "real"
    alone = "false" if "exclusive-account" in withheld else "true"
    lines = ["[target]", f'money = "{money}"', f"exclusive_account = {alone}"]
    lines += [f'reference_audio_url = "{audio}"'] if audio else []
    lines += ["[keys]"]
    lines += [f'{role}_env = "{name}"' for role, name in EMBEDDED_KEYS.items() if name in variables]
    return "\n".join([*lines, ""])


@contextmanager
def liberty_trials(system: str, seed: int = TRIAL_SEED) -> Iterator[LibertyTrials]:
    """The trials of one system, for as long as the file that its reference can fetch over HTTPS is served."""
    with embedded_environment(load_contract(system).conventions) as environment:
        yield LibertyTrials(system, seed, environment)
