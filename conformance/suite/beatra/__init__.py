"""Scenarios and tests of one system; collected only when that system is under test."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# What plain fixtures ask for by name. Pages are read of whatever is there, where no list can be filled; rules of
# histories are judged without one, where none can be played.
FETCHED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "any_race": ("race", "reference_race"),
        "song": ("documented_example", "minimax_song"),
        "under_way": ("life",),
        "pages": (),
        "sibling": (),
        "histories": (),
    }
)
