"""What people found out about survivors: the hand-written file beside the results, and what it leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import yaml

from conformance.contract.files import parse_yaml
from mechanical_mutants.making import Place

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mechanical_mutants.results import Results
    from mechanical_mutants.trying import Tried


class SurvivorClass(StrEnum):
    """
    Why the suite does not find a mutant.

    An equivalent one behaves as the original. One that is not observable differs where no document says anything,
    where the API does not show it, or where only the suite's own tools are concerned. A hole is for us to close.
    """

    EQUIVALENT = "equivalent"
    NOT_OBSERVABLE = "not observable"
    HOLE = "hole"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person says of a survivor, with the reason in a sentence; `becomes` is the change that was judged."""

    becomes: str
    survivor_class: SurvivorClass
    because: str


class BadClassError(ValueError):
    """An entry of the hand-written file can't be understood; the message names it."""


def read_judgements(file: Path) -> Mapping[Place, Judgement]:
    """
    What the file says, by the places.

    Raises:
        BadClassError: an entry has not the members that it should have, or a place occurs twice.
    """
    judgements: dict[Place, Judgement] = {}
    for entry in parse_yaml(file.read_text("utf-8")) or ():
        place, judgement = _understood(entry)
        if place in judgements:
            raise BadClassError(f"{place} has two classes.")
        judgements[place] = judgement
    return judgements


def _understood(entry: Mapping[str, Any]) -> tuple[Place, Judgement]:
    try:
        place = Place(entry["module"], entry["line"], entry["operator"], entry["occurrence"])
        return place, Judgement(entry["becomes"], SurvivorClass(entry["class"]), entry["because"])
    except (KeyError, ValueError) as problem:
        raise BadClassError(f"{entry} is no class of a survivor: {problem}") from problem


def judgement_of(tried: Tried, judgements: Mapping[Place, Judgement]) -> Judgement | None:
    """What was said of a mutant, None when nothing was or when it has become another change since."""
    judgement = judgements.get(tried.place)
    return judgement if judgement is not None and judgement.becomes == tried.becomes else None


def without_class(results: Results, judgements: Mapping[Place, Judgement]) -> tuple[Tried, ...]:
    """The survivors that no person has judged yet."""
    return tuple(row for row in results.survivors if judgement_of(row, judgements) is None)


def without_survivor(results: Results, judgements: Mapping[Place, Judgement]) -> tuple[Place, ...]:
    """The places of which something is said although no mutant survives there."""
    survivors = {row.place for row in results.survivors if judgement_of(row, judgements) is not None}
    return tuple(sorted(place for place in judgements if place not in survivors))


def as_entries(rows: tuple[Tried, ...]) -> str:
    """Survivors as entries for the hand-written file, with their classes left to be filled in."""
    entries = [
        {
            "module": row.place.module,
            "line": row.place.line,
            "operator": row.place.operator,
            "occurrence": row.place.occurrence,
            "becomes": row.becomes,
            "class": "",
            "because": "",
        }
        for row in rows
    ]
    return yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=150) if entries else ""
