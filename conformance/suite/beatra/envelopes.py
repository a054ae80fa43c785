"""What task envelopes say, read so that lies break the rule in question only, and whether tasks end in time."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.journal.records import Mismatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.accounts.account import Followed
    from conformance.contract.contract import Contract
    from conformance.contract.document import Document
    from conformance.journal.records import Exchange


ENDS: Final = frozenset({"succeeded", "failed", "canceled"})
STATES: Final = ENDS | {"queued", "running"}
_TASK: Final = {"$ref": "#/components/schemas/TaskFields"}
READS: Final = "BEATRA-MUSIC-01"
STATES_REQUIREMENT: Final = "BEATRA-TASK-01"


def state_of(exchange: Exchange) -> str:
    """The state that an answer shows, as text whatever it is."""
    return str(exchange.get("/status"))


def has_ended(exchange: Exchange) -> bool:
    """Whether an answer shows a task that has ended."""
    return exchange.accepted and state_of(exchange) in ENDS


def envelope_of(exchange: Exchange) -> dict[str, Any]:
    """The task that an answer shows, empty when it shows none."""
    shown = exchange.get("") if exchange.accepted else None
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


def documented(document: Document, task: Mapping[str, Any]) -> dict[str, Any]:
    """
    The members of a task that documents name, at every depth, as they must come again.

    Members that are null count as absent, and URLs are without their query, which may be signed anew for each answer.
    Of clips no document names more than their artifact ids.
    """
    found = _documented(document, task, _TASK)
    kept = found if isinstance(found, dict) else {}
    if kept.get("output") is not None:
        kept["output"] = _clips_of(task["output"])
    return kept


def _documented(document: Document, value: object, schema: Mapping[str, Any]) -> object:
    """The part of a value that its schema names; of an object without named members only that it is there."""
    known = document.resolve(schema)
    for alternative in known.get("anyOf", ()):
        if alternative.get("type") != "null":
            return _documented(document, value, alternative)
    if isinstance(value, list):
        return [_documented(document, item, known.get("items", {})) for item in value]
    if isinstance(value, dict):
        if "additionalProperties" in known:
            return value
        members = known.get("properties", {})
        given = {name: member for name, member in members.items() if value.get(name) is not None}
        return {name: _documented(document, value[name], member) for name, member in given.items()}
    if isinstance(value, str) and value.startswith(("https://", "http://")):
        return _without_query(value)
    return value


def _clips_of(output: object) -> object:
    clips = output.get("clips") if isinstance(output, dict) else None
    if not isinstance(clips, list):
        return {}
    return [clip.get("artifact_id") if isinstance(clip, dict) else None for clip in clips]


def _without_query(url: str) -> str:
    try:
        return urlunsplit((*urlsplit(url)[:3], "", ""))
    except ValueError:
        return url


def ends_in_time(followed: Followed, contract: Contract) -> None:
    """
    The task has ended, in a documented state, by the end of the documented waiting time.

    Raises:
        Mismatch: it goes on.
        NotOfferedError: it was not followed for so long.
        BlockedError: it can't be read, or is in an undocumented state.
    """
    last = followed.last
    if followed.ended:
        assert state_of(last) in ENDS
        return
    if not last.accepted:
        raise BlockedError(READS, f"reading the task was answered {last.failure or last.status}")
    tasks = contract.conventions.tasks
    if tasks is None or followed.waited_seconds < tasks.polling.timeout_seconds:
        raise NotOfferedError(f"the task was followed for {followed.waited_seconds:.0f} s only")
    if tasks.states.get(state_of(last)) is None:
        raise BlockedError(STATES_REQUIREMENT, f"the task is {state_of(last)!r:.40}")
    waited = f"{followed.waited_seconds:.0f} s"
    raise Mismatch(f"expected an end of the task within {waited}, it is {state_of(last)}", last.id)
