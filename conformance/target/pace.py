"""How gently a target is treated where nothing is said about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conformance.target.urls import is_loopback

if TYPE_CHECKING:
    from conformance.target.options import Options

# A target elsewhere may have other users. So much is less than one browser asks of it.
ELSEWHERE_PER_SECOND: Final = 10.0
ELSEWHERE_AT_ONCE: Final = 4


def polite(options: Options, base_url: str) -> Options:
    """What is stated, with gentle limits where none are, for a target that is not on this machine."""
    if not base_url or is_loopback(base_url):
        return options
    return replace(
        options,
        rate_per_second=options.rate_per_second or ELSEWHERE_PER_SECOND,
        concurrency=options.concurrency or ELSEWHERE_AT_ONCE,
    )
