"""How gently a target is treated: what people say about it, and what holds when they say nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conformance.target.errors import InvalidLimitError
from conformance.target.urls import is_loopback

if TYPE_CHECKING:
    from conformance.target.statement import Limits

# A target elsewhere may have other users. So much is less than one browser asks of it.
ELSEWHERE_PER_SECOND: Final = 10.0
ELSEWHERE_AT_ONCE: Final = 4
MOST_AT_ONCE: Final = 1000

_RATE: Final = re.compile(r"(?P<number>[0-9]{1,9}(?:\.[0-9]{1,9})?)(?:/(?P<unit>s|min))?")
_SECONDS: Final = {None: 1, "s": 1, "min": 60}


def parse_rate(text: str) -> float:
    """
    Requests per second, from "5/s", "30/min" or a plain number of them per second.

    Raises:
        InvalidLimitError: it is none of these, or not more than 0.
    """
    written = _RATE.fullmatch(text.strip())
    rate = float(written["number"]) / _SECONDS[written["unit"]] if written else 0.0
    if rate <= 0:
        raise InvalidLimitError(f'The rate must be more than 0 and written like 5/s or 30/min, not "{text[:40]}".')
    return rate


def check_concurrency(number: int) -> int:
    """
    The number of requests at the same time.

    Raises:
        InvalidLimitError: it is less than 1 or more than 1000.
    """
    if not 1 <= number <= MOST_AT_ONCE:
        raise InvalidLimitError(f"The concurrency must be a whole number from 1 to {MOST_AT_ONCE}, not {number}.")
    return number


def polite(limits: Limits, base_url: str) -> Limits:
    """The limits of a run: where nothing is said about them, a target that is not on this machine is treated gently."""
    if not base_url or is_loopback(base_url):
        return limits
    return replace(
        limits,
        rate_per_second=limits.rate_per_second or ELSEWHERE_PER_SECOND,
        concurrency=limits.concurrency or ELSEWHERE_AT_ONCE,
    )
