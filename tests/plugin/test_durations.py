"""Durations are read as people write them."""

from __future__ import annotations

import pytest

from conformance.plugin.durations import seconds_of
from conformance.plugin.errors import UnusableDurationError


@pytest.mark.parametrize(
    "given, seconds", [("45", 45), ("30s", 30), ("0.5m", 30), ("2m", 120), ("1h", 3600), (" 7s ", 7), (None, None)]
)
def test_a_duration_is_a_number_with_a_unit(given: str | None, seconds: float | None) -> None:
    assert seconds_of("--max-time", given) == seconds


@pytest.mark.parametrize("given", ["", "0", "0s", "-3s", "2 m", "1d", "soon", "1e3", "٣s"])
def test_anything_else_is_refused_in_one_sentence(given: str) -> None:
    with pytest.raises(UnusableDurationError, match="--max-time must be a duration such as 45, 30s, 2m or 1h"):
        seconds_of("--max-time", given)
