"""Whether enough of what a target answers can be read for anything to be said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from conformance.journal.reader import Recording

# A line that drops one answer in a hundred is a bad line; a target of which one in twenty is lost is not certified.
MOST_LOST: Final = 0.05
# Of a handful of requests a single lost one would be more than that.
FEWEST_LOST: Final = 5
# Other transports break requests on purpose.
_ORDINARY: Final = "httpx"


def unreadable(recording: Recording) -> str:
    """
    In a sentence, that too few answers to ordinary requests came whole and as HTTP; empty where enough did.

    What the rest of the answers shows may still break a requirement, but meets none for good.
    """
    asked = [one for one in recording.exchanges if one.origin == "target" and one.transport == _ORDINARY]
    lost = sum(exchange.response is None for exchange in asked)
    if lost < FEWEST_LOST or lost <= MOST_LOST * len(asked):
        return ""
    return (
        f"{lost} of {len(asked)} requests got no answer that could be read (no HTTP, cut off, or none at all); "
        f"a target is judged when at most {MOST_LOST:.0%} are lost."
    )
