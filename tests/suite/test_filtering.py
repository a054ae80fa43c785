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
        (Condition("q", "name", "search"), [1], [2, 3]),
        # Which members it looks into is the target's affair.
        (Condition("q", "", "search"), [], [2, 3]),
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


def test_a_text_that_is_asked_for_exactly_is_no_part_of_another() -> None:
    items = [{"name": "alder x"}, {"name": "birch"}, {"name": "alder"}]
    made = filter_of(Condition("name", "name", "equal", exact=True), items)

    assert made is not None
    assert made.query == {"name": "alder"}
    assert [made.excludes(item) for item in items] == [True, True, False]


def test_what_is_at_a_bound_is_demanded_where_a_document_or_a_name_says_so() -> None:
    told = filter_of(Condition("until", "made", "most", inclusive=True), SHOWN)
    untold = filter_of(Condition("until", "made", "most"), SHOWN)
    named = filter_of(Condition("min_size", "size", "least"), SHOWN)

    assert told is not None
    assert untold is not None
    assert named is not None
    assert told.includes(SHOWN[1])
    assert not untold.includes(SHOWN[1])
    assert not untold.excludes(SHOWN[1])
    assert named.includes(SHOWN[0])
