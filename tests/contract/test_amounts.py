"""Amounts as the documents want them written, and as they can be read."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.contract.pricing import amount, readable_amount


@pytest.mark.parametrize("text", ["80.0000", "0", "-1.5", "999999999999.999999999999"])
def test_a_decimal_number_in_a_string_is_an_amount(text: str) -> None:
    assert amount(text) == Decimal(text)
    assert readable_amount(text) == Decimal(text)


@pytest.mark.parametrize("number, read", [(80, "80"), (0.08, "0.08"), (1e3, "1000"), ("8e1", "80")])
def test_another_way_to_write_a_number_is_readable_only(number: object, read: str) -> None:
    assert amount(number) is None
    assert readable_amount(number) == Decimal(read)


@pytest.mark.parametrize(
    "value", [None, True, "", "80 credits", "NaN", "Infinity", "1e99", [], {}, float("nan"), 10**30]
)
def test_anything_else_is_no_amount(value: object) -> None:
    assert amount(value) is None
    assert readable_amount(value) is None


def test_an_exponent_that_would_fill_the_memory_is_no_amount() -> None:
    assert readable_amount("1e999999999") is None
