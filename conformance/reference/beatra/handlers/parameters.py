"""The query of the task list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conformance.reference.beatra.errors import InvalidRequestError
from conformance.reference.beatra.handlers.music import FROM_REFERENCE_AUDIO, FROM_TEXT
from conformance.reference.beatra.services.presenter import SECTIONS
from conformance.reference.beatra.services.tasks import STATES, Selection
from conformance.reference.parts.clock import NotATimestampError, from_text

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams

    from conformance.reference.beatra.services.cursors import Cursors

DEFAULT_LIMIT = 20
LARGEST_LIMIT = 100

_ALL = "all"
_CAPABILITIES = (FROM_TEXT.name, FROM_REFERENCE_AUDIO.name)
_ORDERS = ("desc", "asc")
_NUMBER = re.compile(r"[0-9]{1,9}")


class ListParameters:
    """Reads the parameters of the list; every method raises InvalidRequestError for values without sense."""

    def __init__(self, cursors: Cursors) -> None:
        self._cursors = cursors

    def selection(self, query: QueryParams, tenant_id: str) -> Selection:
        """Which tasks the query asks for."""
        cursor = one(query, "cursor")
        return Selection(
            status=choice(query, "status", STATES),
            capability=choice(query, "capability", _CAPABILITIES),
            created_after=moment(query, "created_after"),
            created_before=moment(query, "created_before"),
            after=None if cursor is None else self._cursors.read(tenant_id, cursor),
            ascending=self.ascending(query),
            limit=self.limit(query),
        )

    def ascending(self, query: QueryParams) -> bool:
        """Whether the oldest tasks come first."""
        return choice(query, "order", _ORDERS) == "asc"

    def limit(self, query: QueryParams) -> int:
        """How many tasks a page has at most."""
        text = one(query, "limit")
        if text is None:
            return DEFAULT_LIMIT
        if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= LARGEST_LIMIT:
            raise refused("limit", f"is not a number from 1 to {LARGEST_LIMIT}")
        return int(text)

    def sections(self, query: QueryParams) -> tuple[str, ...]:
        """Which parts of the envelope the items show in addition to the summary."""
        text = one(query, "expand")
        names = [name.strip() for name in text.split(",")] if text else []
        if any(name not in (*SECTIONS, _ALL) for name in names):
            raise refused("expand", "names something that a task does not have")
        return SECTIONS if _ALL in names else tuple(dict.fromkeys(names))


def one(query: QueryParams, name: str) -> str | None:
    """The value of a parameter that may be given once."""
    values = query.getlist(name)
    if len(values) > 1:
        raise refused(name, "is given more than once")
    return values[0] if values else None


def choice(query: QueryParams, name: str, allowed: tuple[str, ...]) -> str | None:
    """The value of a parameter with a fixed set of values."""
    text = one(query, name)
    if text is not None and text not in allowed:
        raise refused(name, f"is not one of {', '.join(allowed)}")
    return text


def moment(query: QueryParams, name: str) -> int | None:
    """The value of a parameter that is a date-time."""
    text = one(query, name)
    try:
        return None if text is None else from_text(text)
    except NotATimestampError as problem:
        raise refused(name, "is not an RFC 3339 date-time") from problem


def refused(name: str, complaint: str) -> InvalidRequestError:
    """The refusal of a parameter."""
    return InvalidRequestError(
        f"The parameter {name} {complaint}.", details={"errors": [{"path": name, "message": complaint}]}
    )
