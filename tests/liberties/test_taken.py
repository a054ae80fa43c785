"""Each liberty is really taken: some answer on a tour of the reference is another one."""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING

import pytest

from conformance.contract.liberties import load_liberties
from tests.liberties.touring import tour, tourist_at_a_server

if TYPE_CHECKING:
    from tests.liberties.touring import Seen

KEY = f"sk-{secrets.token_hex(16)}"
# What only a run against the server is told, and no answer shows.
WITHHELD = frozenset({"key:second", "key:forbidden", "reference-audio"})
SHOWN = [
    liberty.id for liberty in load_liberties("beatra") if not liberty.withholds <= WITHHELD or not liberty.withholds
]


@cache
def seen_of_the_reference() -> tuple[Seen, ...]:
    with tourist_at_a_server(main_key=KEY) as tourist:
        return tuple(tour(tourist, KEY))


def test_the_tour_of_a_reference_without_liberties_always_shows_the_same() -> None:
    with tourist_at_a_server(main_key=KEY) as tourist:
        assert tuple(tour(tourist, KEY)) == seen_of_the_reference()


@pytest.mark.parametrize("liberty", SHOWN)
def test_a_liberty_changes_an_answer(liberty: str) -> None:
    expected = iter(seen_of_the_reference())

    with tourist_at_a_server(liberty, main_key=KEY) as tourist:
        assert any(step != next(expected, None) for step in tour(tourist, KEY))
