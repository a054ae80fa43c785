"""`python -m conformance.liberties.seeds`: other seeds, each with liberties that it draws; nothing fails or changes."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import click

from conformance.contract.files import known_systems
from conformance.contract.liberties import load_liberties
from conformance.contract.matrices import WAYS
from conformance.liberties.combining import draw_combinations
from conformance.liberties.tolerating import LONGEST_RUN_SECONDS
from conformance.liberties.trials import liberty_trials
from conformance.mutants.laboratory import NoVerdictError, carry_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LIBERTIES: Final = 3
_JUDGED: Final = frozenset({"pass", "fail"})
_ALARMS: Final = frozenset({"fail", "error"})
# Far from those that are tried, so that no two runs have the same.
_OTHER_SEED: Final = 100_000


@dataclass(frozen=True, slots=True)
class Pair:
    """The verdicts of two runs with the same liberties, and with different seeds."""

    seed: int
    liberties: tuple[str, ...]
    first: Mapping[str, str]
    again: Mapping[str, str]

    @property
    def alarms(self) -> list[str]:
        """What failed or erred in one of them."""
        runs = (self.first, self.again)
        return sorted({f"{name} {verdict}" for run in runs for name, verdict in run.items() if verdict in _ALARMS})

    @property
    def unsteady(self) -> list[str]:
        """What was judged in one of them only."""
        return sorted(judged(self.first) ^ judged(self.again))


def judged(verdicts: Mapping[str, str]) -> set[str]:
    """The requirements that were judged."""
    return {name for name, verdict in verdicts.items() if verdict in _JUDGED}


def try_seed(system: str, seed: int) -> Pair:
    """
    Two runs with the liberties that a seed draws: with this seed, and with another one.

    Raises:
        NoVerdictError: one of them came to no verdict.
    """
    (names,) = draw_combinations(load_liberties(system), count=1, each=LIBERTIES, seed=seed)
    first, again = (_verdicts(system, names, number) for number in (seed, seed + _OTHER_SEED))
    return Pair(seed, names, first, again)


def _verdicts(system: str, names: tuple[str, ...], seed: int) -> Mapping[str, str]:
    with liberty_trials(system, seed) as trials, TemporaryDirectory(prefix="conformance-") as folder:
        return carry_out(trials.of(names, WAYS[0], Path(folder)), LONGEST_RUN_SECONDS).verdicts


def complaints_about(pair: Pair) -> Iterator[str]:
    """What is wrong with a pair, a sentence each."""
    what = f"with seed {pair.seed} ({' + '.join(pair.liberties)})"
    if pair.alarms:
        yield f"A false alarm {what}: {', '.join(pair.alarms)}."
    if pair.unsteady:
        yield f"Judged with one of two seeds only {what}: {', '.join(pair.unsteady)}."


@click.command()
@click.option("--system", metavar="NAME", help="Only this system.  [default: all]")
@click.option("--first", metavar="SEED", default=1, show_default=True, help="The first seed.")
@click.option("--count", metavar="N", default=50, show_default=True, help="How many seeds.")
def main(system: str | None, first: int, count: int) -> None:
    """
    Run the suite twice for each seed, against references that take three liberties which the seed draws.

    The exit status is 1 when a requirement fails, the suite errs, or what is judged depends on the seed.
    """
    complaints = []
    for name in known_systems() if system is None else (system,):
        for seed in range(first, first + count):
            try:
                pair = try_seed(name, seed)
            except NoVerdictError as problem:
                found = [f"No verdict with seed {seed}: {problem}"]
            else:
                found = list(complaints_about(pair))
                said = f"{len(judged(pair.first))} judged, {'; '.join(found) or 'silent and steady'}"
                click.echo(f"{name}, seed {seed}, {' + '.join(pair.liberties)}: {said}", err=True)
            complaints += [f"{name}: {sentence}" for sentence in found]
    for complaint in complaints:
        click.echo(complaint)
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
