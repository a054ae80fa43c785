"""Scenarios and tests of one system; collected only when that system is under test."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# What plain fixtures ask for by name. What only play money pays for adds to what is judged without it.
FETCHED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "composition": ("documented_example", "prompt_alone", "in_mp3", "in_aac"),
        "with_stems": ("documented_example", "in_mp3"),
        "same_request": (),
        "a_day_later": (),
    }
)
