"""Time as whole microseconds since 1970-01-01T00:00:00Z, so that the edges of a window are exact."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

SECOND = 1_000_000
"""Microseconds in a second."""

LATEST = 253_370_764_800 * SECOND
"""The first moment of the year 9999, which no clock of a reference may pass."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE_TIME = re.compile(
    r"(?P<minute>\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}):(?P<second>\d{2})(?P<rest>(\.\d+)?([Zz]|[+-]\d{2}:\d{2}))",
    re.ASCII,
)
_LEAP_SECOND = "60"


class NotATimestampError(ValueError):
    """A text that should be an RFC 3339 date-time is none."""


class Clock:
    """The machine's clock; subclasses may tell another time."""

    def now(self) -> int:
        """Microseconds since the epoch."""
        return time.time_ns() // 1000


def seconds(amount: float) -> int:
    """Whole microseconds in an amount of seconds."""
    return round(amount * SECOND)


def to_text(moment: int) -> str:
    """RFC 3339 in UTC with microseconds, such as 2026-01-31T12:00:00.000001Z."""
    return (_EPOCH + timedelta(microseconds=moment)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_text(text: str) -> int:
    """
    Read an RFC 3339 date-time of any offset.

    A leap second counts as the second that follows it. Raises NotATimestampError.
    """
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        raise NotATimestampError("The text is not an RFC 3339 date-time with an offset.")
    leap = found["second"] == _LEAP_SECOND
    second = "59" if leap else found["second"]
    try:
        moment = datetime.fromisoformat(f"{found['minute']}:{second}{found['rest']}".upper())
    except ValueError as problem:
        raise NotATimestampError("The date-time names a day or an hour that does not exist.") from problem
    return (moment - _EPOCH) // timedelta(microseconds=1) + (SECOND if leap else 0)
