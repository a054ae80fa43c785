"""Durations are read as people write them."""

from __future__ import annotations

import pytest

from conformance.target.kinds import seconds_of


@pytest.mark.parametrize(
    "given, seconds",
    [
        ("45", 45),
        ("30s", 30),
        ("500ms", 0.5),
        ("0.5m", 30),
        ("2m", 120),
        ("1h", 3600),
        (" 7s ", 7),
        ("720h", 2_592_000),
    ],
)
def test_a_duration_is_a_number_with_a_unit(given: str, seconds: float) -> None:
    assert seconds_of(given) == seconds


@pytest.mark.parametrize("given", ["", "0", "0s", "-3s", "2 m", "1d", "soon", "1e3", "٣s", "721h", "9" * 400])
def test_anything_else_is_none(given: str) -> None:
    assert seconds_of(given) is None
