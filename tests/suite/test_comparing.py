"""What was sent is what is there when it means the same; what a document excuses is not compared."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.suite.any_api.comparing import alike, demanded, differing, is_ordered, listed_otherwise, unchanged

PLAIN: dict[str, Any] = {"name": {"type": "string"}}


@pytest.mark.parametrize(
    "sent, seen, form",
    [
        (1, 1.0, ""),
        (None, None, ""),
        ("2026-03-01T10:30:00+02:00", "2026-03-01T08:30:00Z", "date-time"),
        ("Somebody@Example.com", "somebody@example.com", "email"),
        ({"a": 1}, {"a": 1, "b": 2}, ""),
        ([1, 2], [1.0, 2], ""),
    ],
)
def test_what_means_the_same_is_alike(sent: object, seen: object, form: str) -> None:
    assert alike(sent, seen, form)


@pytest.mark.parametrize(
    "sent, seen, form",
    [
        (1, True, ""),
        (1, "1", ""),
        ("tea ", "tea", ""),
        ("Tea", "tea", ""),
        ("2026-03-01T10:30:00Z", "2026-03-01T10:30:00", "date-time"),
        ([1, 2], [2, 1], ""),
        ([1], [1, 1], ""),
        ({"a": 1}, {}, ""),
        ("tea", None, ""),
    ],
)
def test_what_means_something_else_is_not(sent: object, seen: object, form: str) -> None:
    assert not alike(sent, seen, form)


def test_a_member_that_is_lost_or_spoilt_is_named() -> None:
    assert list(map(str, differing({"name": "tea"}, {"name": "te"}, PLAIN))) == ["name was sent as 'tea' and is 'te'"]
    assert list(map(str, differing({"name": "tea"}, {}, PLAIN))) == ["name was sent as 'tea' and is None"]


def test_a_new_thing_may_have_something_where_null_was_sent() -> None:
    sent = {"name": "tea", "colour": None}

    assert list(differing(demanded(sent), {"name": "tea", "colour": "green"}, {**PLAIN, "colour": {}})) == []


@pytest.mark.parametrize(
    "name, schema",
    [
        ("password", {}),
        ("name", {"writeOnly": True}),
        ("name", {"description": "Normalised before it is stored."}),
        ("other", {}),
    ],
)
def test_what_the_document_excuses_or_does_not_show_is_not_compared(name: str, schema: dict[str, Any]) -> None:
    members = {} if name == "other" else {name: schema}

    assert list(map(str, differing({name: "tea"}, {name: "te"}, members))) == []


def test_what_moves_by_itself_is_no_change() -> None:
    before = {"name": "tea", "updated_at": "monday", "version": 1}

    assert list(map(str, unchanged(before, {"name": "tea", "updated_at": "tuesday", "version": 2}))) == []
    assert list(map(str, unchanged(before, {**before, "name": "te"}))) == ["name was 'tea' and is 'te'"]


FALLING, RISING = True, False


@pytest.mark.parametrize(
    "values, way",
    [([1, 2, 2], RISING), ([3, 1], FALLING), (["B", "a"], RISING), (["a", "B"], RISING), (["é", "a"], RISING)],
)
def test_an_order_may_be_any_of_the_customary_ones(values: list[Any], way: bool) -> None:  # noqa: FBT001 - the case
    assert is_ordered(values, descending=way)


@pytest.mark.parametrize("values, way", [([2, 1], RISING), ([1, 2], FALLING), (["b", "a"], RISING)])
def test_what_is_out_of_order_by_each_of_them_is_not(values: list[Any], way: bool) -> None:  # noqa: FBT001 - the case
    assert not is_ordered(values, descending=way)


@pytest.mark.parametrize(
    "item, read, differing_members",
    [
        ({"title": "DAWN", "plays": 1}, {"title": "DAWN", "plays": 1}, []),
        ({"title": "Dawn"}, {"title": "DAWN"}, []),
        ({"title": "Noon"}, {"title": "Dawn"}, ["title"]),
        ({"title": "Dawn", "plays": 2}, {"title": "Dawn", "plays": 1}, ["plays"]),
        ({"title": "Dawn"}, {"title": "Dawn", "plays": 1}, []),
    ],
)
def test_a_list_is_wrong_where_it_shows_neither_what_is_read_nor_what_was_sent(
    item: dict[str, object], read: dict[str, object], differing_members: list[str]
) -> None:
    found = listed_otherwise(item, read, {"title": "Dawn"})

    assert [difference.member for difference in found] == differing_members
