"""Which of all possible mutants are tried: as many of each kind and module as there are, the same for the same seed."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.target.launch import embedded_of
from mechanical_mutants.making import mutants_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.contract.conventions import Conventions
    from mechanical_mutants.making import MechanicalMutant

CHOSEN: Final = 360
"""How many mutants are chosen for the documentation."""

SEED: Final = 1
"""The seed of that choice."""

_ROOMS: Final = ("handlers", "services")


def all_mutants(conventions: Conventions) -> Iterator[MechanicalMutant]:
    """
    Every mutant of the embedded implementation's handlers and services.

    Raises:
        NoEmbeddedTargetError: the system comes without an embedded implementation.
    """
    package = package_of(embedded_of(conventions).app)
    for room in _ROOMS:
        folder = Path(str(import_module(f"{package}.{room}").__file__)).parent
        for file in sorted(folder.glob("*.py")):
            yield from mutants_of(f"{package}.{room}.{file.stem}", file.read_text("utf-8"))


def package_of(application: str) -> str:
    """The package in which an application (`package.module:function`) is."""
    return application.partition(":")[0].rpartition(".")[0]


def chosen(mutants: Iterable[MechanicalMutant], number: int, seed: int) -> list[MechanicalMutant]:
    """
    So many of the mutants, by their places.

    The kinds of change in each module take turns, so that no kind takes the place of others; within a kind chance
    decides, for each mutant alone, so that a change of the source leaves most of the choice as it was.
    """
    kinds: dict[tuple[str, str], list[MechanicalMutant]] = defaultdict(list)
    for mutant in mutants:
        kinds[mutant.place.module, mutant.place.operator].append(mutant)
    turns = (
        (turn, _lot(seed, mutant), mutant)
        for kind in kinds.values()
        for turn, mutant in enumerate(sorted(kind, key=lambda each: _lot(seed, each)))
    )
    drawn = [mutant for _, _, mutant in sorted(turns, key=lambda each: each[:2])[:number]]
    return sorted(drawn, key=lambda mutant: mutant.place)


def _lot(seed: int, mutant: MechanicalMutant) -> str:
    return hashlib.sha256(f"{seed} {mutant.place.id}".encode()).hexdigest()
