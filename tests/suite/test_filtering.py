"""Filters of lists: what a query says of an item, and where it leaves room."""

from __future__ import annotations

import pytest

from conformance.contract.list_queries import Condition
from conformance.suite.any_api.filtering import filter_of

SHOWN = (
    {"id": 1, "name": "alder", "size": 2, "tags": ["wet"], "made": "2026-03-01T10:00:00Z"},
    {"id": 2, "name": "birch", "size": 3, "tags": [], "made": "2026-03-02T10:00:00Z"},
    {"id": 3, "name": "cedar", "size": 1, "tags": ["dry"], "made": "2026-03-03T10:00:00Z"},
)


@pytest.mark.parametrize(
    "condition, included, excluded",
    [
        (Condition("name", "name", "equal"), [1], [2, 3]),
        (Condition("tag", "tags", "has"), [1], [2, 3]),
        (Condition("min_size", "size", "least"), [1, 2], [3]),
        (Condition("max_size", "size", "most"), [1, 3], [2]),
        (Condition("made_after", "made", "least"), [3], [1]),
        (Condition("q", "", "search"), [1], [2, 3]),
    ],
)
def test_a_filter_demands_some_items_and_forbids_others(
    condition: Condition, included: list[int], excluded: list[int]
) -> None:
    made = filter_of(condition, SHOWN)

    assert made is not None
    assert [item["id"] for item in SHOWN if made.includes(item)] == included
    assert [item["id"] for item in SHOWN if made.excludes(item)] == excluded


def test_a_text_may_be_a_part_of_what_is_there() -> None:
    made = filter_of(Condition("name", "name", "equal"), SHOWN)

    assert made is not None
    assert not made.excludes({"name": "Black Alder"})


def test_nothing_is_asked_by_what_no_item_has() -> None:
    assert filter_of(Condition("colour", "colour", "equal"), SHOWN) is None
    assert filter_of(Condition("min_size", "size", "least"), [{"size": "large"}]) is None
