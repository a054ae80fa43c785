"""Actions of an OpenAPI Overlay 1.0, and how they say what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.report.overlay.places import json_path
from conformance.report.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.report.overlay.places import Place

_EXCHANGES_SHOWN: Final = 3
_LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class Action:
    """A change of a document: members that are merged into what stands at a place, or, without any, its removal."""

    place: Place
    why: str
    update: Mapping[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        """The action as an overlay has it."""
        change = {"remove": True} if self.update is None else {"update": self.update}
        return {"target": json_path(self.place), "description": one_line(self.why, _LONGEST), **change}


@dataclass(frozen=True, slots=True)
class Proposals:
    """Changes that belong together, each a group of actions; and sentences on what was seen but is left to the user."""

    changes: tuple[tuple[Action, ...], ...]
    left: tuple[str, ...]


def seen(exchanges: Sequence[str]) -> str:
    """How often something was seen, and in which exchanges of the recording."""
    shown = ", ".join(exchanges[:_EXCHANGES_SHOWN])
    more = "" if len(exchanges) <= _EXCHANGES_SHOWN else ", …"
    return f"seen {'once' if len(exchanges) == 1 else f'{len(exchanges)} times'}: {shown}{more}"
