"""A failed assertion in words: what was expected and what came, without pytest's account of objects."""

from __future__ import annotations

import pytest

from conformance.plugin.outcomes import claim_in

WHERE = "\n +  where 202 = Exchange(id='main-1').status"
NAMED = "expected that a retry is free, got otherwise"


@pytest.mark.parametrize(
    "text, claim",
    [
        (f"assert 202 == 409{WHERE}", "expected 409, got 202"),
        ("assert 'a == b' == 'c'\n  \n  - c\n  + a == b", "expected 'c', got 'a == b'"),
        ("assert Decimal('2.50') <= Decimal('1')", "expected at most 1, got 2.50"),
        ("assert 3 in (1, 2)", "expected one of (1, 2), got 3"),
        ("assert 'x' not in ['x']", "expected none of ['x'], got 'x'"),
        ("assert 'song(s)' is None", "expected None, got 'song(s)'"),
        (
            "assert datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.timezone.utc) > 5",
            "expected more than 5, got 2026-01-02T03:04:00",
        ),
        ("the list is empty\nassert []", "the list is empty"),
        ("two lines\nof words", "two lines\nof words"),
    ],
)
def test_values_are_shown_as_expected_and_got(text: str, claim: str) -> None:
    assert claim_in(text, "test_a_retry_is_free") == claim


@pytest.mark.parametrize(
    "text",
    [
        "assert False\n +  where False = all(<generator object at 0x7f>)",
        "assert not ['a']",
        "assert Exchange(id='main-1') == Exchange(id='main-2')",
        "assert <Song object at 0x7f3a> == 3",
        "assert 1 == 2 == 3",
        "AssertionError",
    ],
)
def test_where_only_objects_could_be_shown_the_name_of_the_test_says_what_should_have_been(text: str) -> None:
    assert claim_in(text, "test_a_retry_is_free[suno-5.5]") == NAMED
