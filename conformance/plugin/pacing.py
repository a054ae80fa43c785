"""How fast and how much at once one process of a run may send, so that the run as a whole keeps its limits."""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from conformance.client.backoff import Backoff
from conformance.client.client import Limits
from conformance.client.pacer import Pacer
from conformance.client.sharing import OwnTurns, Places, SharedTurns, places_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.plugin.settings import RunSettings

# Where a target may have other users: two are the fewest that can race each other.
_SMALLEST_CROWD: Final = 2
_FOLDER: Final = "pace"
_NUMBER: Final = re.compile(r"[0-9]+$")


@dataclass(frozen=True, slots=True)
class Pacing:
    """The pacer of a process, and the bounds of its traffic."""

    pacer: Pacer
    limits: Limits


def pacing_of(settings: RunSettings, worker: str, sleep: Callable[[float], None] = time.sleep) -> Pacing:
    """The pacing of a worker; what the processes have to share lies in the run's folder."""
    usual = Limits() if settings.crowds else Limits(crowd=_SMALLEST_CROWD)
    places = None if settings.concurrency is None else _places(settings.concurrency, settings.processes, worker)
    limited = settings.rate_per_second is not None or places is not None
    folder = _made(settings.path) if limited else settings.path
    pacer = Pacer(
        settings.rate_per_second,
        Backoff(random=random.Random(settings.seed)),  # noqa: S311 - jitter
        turns=OwnTurns() if settings.rate_per_second is None else SharedTurns(folder / "turns"),
        places=None if places is None else Places([folder / f"place-{place}" for place in places]),
        sleep=sleep,
    )
    return Pacing(pacer, usual if places is None else replace(usual, concurrency=len(places)))


def _places(concurrency: int, processes: int, worker: str) -> tuple[int, ...]:
    # Without workers there is one process, and a first look at the target before it.
    number = _NUMBER.search(worker)
    return places_of(int(number[0]) if number else 0, processes, concurrency)


def _made(run_folder: Path) -> Path:
    folder = run_folder / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder
