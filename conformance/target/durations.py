"""Durations as people write them: 90, 500ms, 30s, 2m, 1h."""

from __future__ import annotations

import re
from typing import Final

LONGEST_SECONDS: Final = 30 * 24 * 3600
EXPECTED: Final = "a duration such as 45, 30s, 2m or 1h, at most 30 days"

_DURATION: Final = re.compile(r"(?P<number>[0-9]{1,9}(?:[.][0-9]{1,9})?)(?P<unit>ms|s|m|h)?")
_SECONDS: Final = {None: 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds_of(text: str) -> float | None:
    """The seconds of a duration; None where the text is none, or one of no time or of more than 30 days."""
    found = _DURATION.fullmatch(text.strip())
    seconds = float(found["number"]) * _SECONDS[found["unit"]] if found else 0.0
    return seconds if 0 < seconds <= LONGEST_SECONDS else None
