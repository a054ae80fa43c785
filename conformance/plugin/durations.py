"""Durations as people write them: 90, 30s, 2m, 1h."""

from __future__ import annotations

import re
from typing import Final

from conformance.plugin.errors import UnusableDurationError

_DURATION: Final = re.compile(r"(?P<number>[0-9]+(?:[.][0-9]+)?)(?P<unit>s|m|h)?")
_SECONDS: Final = {None: 1, "s": 1, "m": 60, "h": 3600}


def seconds_of(option: str, given: str | None) -> float | None:
    """
    The seconds of the duration that an option was given; None where none is given.

    Raises:
        UnusableDurationError: it is no duration.
    """
    if given is None:
        return None
    found = _DURATION.fullmatch(given.strip())
    if found is None or not float(found["number"]):
        raise UnusableDurationError(f"{option} must be a duration such as 45, 30s, 2m or 1h, not {given!r:.40}.")
    return float(found["number"]) * _SECONDS[found["unit"]]
