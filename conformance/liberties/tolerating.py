"""What the suite says of a reference that takes liberties: the rows of the tolerance matrix."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from conformance.contract.contract import load_contract
from conformance.contract.liberties import load_liberties
from conformance.contract.matrices import ToleratedRun
from conformance.liberties.trials import liberty_trials
from conformance.mutants.base import TRIAL_SEED
from conformance.mutants.laboratory import NoVerdictError, carry_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from conformance.contract.matrices import Way
    from conformance.liberties.trials import LibertyTrials

# Servers that answer late, or limit requests, keep a run waiting.
LONGEST_RUN_SECONDS: Final = 480.0
_JUDGED: Final = frozenset({"pass", "fail"})
# Of all requirements; under a cap, on a server that cancels late, it is still a third.
_LEAST_SHARE: Final = 0.2


@dataclass(frozen=True, slots=True)
class OwedRun:
    """A run that a matrix is to have: the liberties that the server takes, and how the run goes about it."""

    liberties: tuple[str, ...]
    way: Way

    def __str__(self) -> str:
        """Its liberties, and how."""
        return f"{' + '.join(self.liberties)} ({self.way})"


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A run that came to no verdict, and why."""

    owed: OwedRun
    reason: str


def carry_out_all(
    system: str, owed: Sequence[OwedRun], *, processes: int, seed: int = TRIAL_SEED
) -> Iterator[ToleratedRun | Unjudged]:
    """
    What the runs that are owed find, in the order in which they end; so many go on at a time as there are `processes`.

    A caller that stops asking ends it: no other run begins.
    """
    executor = ThreadPoolExecutor(processes)
    try:
        with liberty_trials(system, seed) as trials:
            tasks: list[Future[ToleratedRun | Unjudged]] = [executor.submit(_one, system, trials, run) for run in owed]
            for task in as_completed(tasks):
                yield task.result()
    finally:
        executor.shutdown(cancel_futures=True)


def _one(system: str, trials: LibertyTrials, owed: OwedRun) -> ToleratedRun | Unjudged:
    with TemporaryDirectory(prefix="conformance-") as folder:
        try:
            found = carry_out(trials.of(owed.liberties, owed.way, Path(folder)), LONGEST_RUN_SECONDS)
        except NoVerdictError as problem:
            return Unjudged(owed, str(problem))
    run = tolerated(system, owed, found.verdicts)
    if run.judged < len(load_contract(system).registry) * _LEAST_SHARE:
        return Unjudged(owed, f"only {run.judged} requirements were judged, so silence says nothing")
    return run


def tolerated(system: str, owed: OwedRun, verdicts: Mapping[str, str]) -> ToleratedRun:
    """What the verdicts of a run come to."""
    known = load_liberties(system)
    alone = known[owed.liberties[0]].touches if len(owed.liberties) == 1 else frozenset()
    return ToleratedRun(
        liberties=owed.liberties,
        way=owed.way,
        failed=frozenset(name for name, verdict in verdicts.items() if verdict == "fail"),
        erred=frozenset(name for name, verdict in verdicts.items() if verdict == "error"),
        judged=sum(verdict in _JUDGED for verdict in verdicts.values()),
        passed=frozenset(name for name in alone if verdicts.get(name) == "pass"),
    )
