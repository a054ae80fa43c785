"""How gently a target is treated: as somebody said, and gently enough where nobody did."""

from __future__ import annotations

import pytest

from conformance.target.errors import UnusableOptionError
from conformance.target.kinds import AT_ONCE, RATE
from conformance.target.options import Options
from conformance.target.settings import polite

ELSEWHERE = "https://api.example.com/v1"


@pytest.mark.parametrize(
    "text, per_second",
    [("5/s", 5.0), ("0.5/s", 0.5), ("30/min", 0.5), ("90/min", 1.5), ("4", 4.0), (" 2.5 ", 2.5)],
)
def test_a_rate_is_said_per_second_or_per_minute(text: str, per_second: float) -> None:
    assert RATE.read("--rate", text) == per_second


@pytest.mark.parametrize(
    "text",
    ["", "fast", "0", "0/min", "0.0001", "-1", "1e3", "inf", "nan", "5/h", "5/", "/s", "5 /s", "1,5", "٣", "9" * 400],
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(UnusableOptionError, match="--rate must be more than 0 and written like 5/s or 30/min"):
        RATE.read("--rate", text)


@pytest.mark.parametrize("number", ["-1", "0", "1001", "9" * 400, "many"])
def test_a_concurrency_without_meaning_is_refused(number: str) -> None:
    with pytest.raises(UnusableOptionError, match=f"from 1 to 1000, not '{number[:40]}'"):
        AT_ONCE.read("--concurrency", number)


def gently(rate: float, concurrency: int, poll_timeout_seconds: float | None = None) -> Options:
    return Options(rate_per_second=rate, concurrency=concurrency, poll_timeout_seconds=poll_timeout_seconds)


def test_a_target_elsewhere_is_treated_gently_where_nothing_is_said() -> None:
    assert polite(Options(poll_timeout_seconds=7), ELSEWHERE) == gently(10.0, 4, 7)


def test_what_is_said_goes_before() -> None:
    assert polite(Options(rate_per_second=50), ELSEWHERE) == gently(50, 4)
    assert polite(Options(concurrency=32), ELSEWHERE) == gently(10.0, 32)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/v1", "http://localhost/", "http://[::1]:1", ""])
def test_this_machine_can_bear_what_it_can(address: str) -> None:
    assert polite(Options(), address) == Options()
