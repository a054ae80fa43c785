"""What task envelopes say, read so that a target that lies breaks the rule in question and not the suite."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from conformance.journal.records import Exchange

ENDS: Final = frozenset({"succeeded", "failed", "canceled"})
STATES: Final = ENDS | {"queued", "running"}


def state_of(exchange: Exchange) -> str:
    """The state that an answer shows, as text whatever it is."""
    return str(exchange.get("/status"))


def has_ended(exchange: Exchange) -> bool:
    """Whether an answer shows a task that has ended."""
    return exchange.ok and state_of(exchange) in ENDS


def envelope_of(exchange: Exchange) -> dict[str, Any]:
    """The task that an answer shows, empty when it shows none."""
    shown = exchange.get("") if exchange.ok else None
    return shown if isinstance(shown, dict) else {}


def moment(value: object) -> datetime | None:
    """The instant that a value names, None when it is no date-time with an offset, or at an end of the calendar."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if found is None or found.tzinfo is None:
        return None
    # In another zone, or a second earlier, these would be in no year that there is.
    return None if found.year in (MINYEAR, MAXYEAR) else found


def in_utc(value: datetime) -> str:
    """An instant as the documents' examples write it."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def comparable(value: object) -> object:
    """
    A value of an envelope as it must come again: without members that are null, and URLs without their query.

    A URL may be signed anew for each answer.
    """
    if isinstance(value, dict):
        return {name: comparable(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [comparable(member) for member in value]
    if isinstance(value, str) and value.startswith(("https://", "http://")):
        return _without_query(value)
    return value


def _without_query(url: str) -> str:
    try:
        return urlunsplit((*urlsplit(url)[:3], "", ""))
    except ValueError:
        return url
