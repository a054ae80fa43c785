"""Whether what was sent is what is there: as a client means it, not byte for byte where custom writes it otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.journal.records import Exchange

# Custom brings these into a form of its own.
_REWRITTEN: Final = frozenset({"email", "idn-email", "uri", "url", "uri-reference", "hostname", "uuid", "phone"})
_SECRET: Final = re.compile(r"pass(word|phrase|code)|secret|token|pin$", re.IGNORECASE)
# What a document says in prose of a member may explain any difference.
_EXCUSED: Final = re.compile(
    r"normali[sz]|lower|upper|trim|strip|round|truncat|sanitis|sanitiz|slug|hash|write[- ]only|not returned|ignored"
    r"|convert|default|generated|computed|masked|canonical|precision",
    re.IGNORECASE,
)
# These move by themselves when a thing is changed.
_MOVING: Final = re.compile(r"updat|modif|version|revision|etag|changed|last|_at$|At$|count", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Difference:
    """A member that is not what it should be, as a sentence."""

    member: str
    sentence: str

    def __str__(self) -> str:
        return self.sentence

    def look_at(self, exchange: Exchange, thing: object) -> None:
        """Read the member in an answer that shows the thing, so that its place is known."""
        place = next(_places_of(exchange.get(""), thing), None)
        if place is not None:
            exchange.get(f"{place}/{self.member.replace('~', '~0').replace('/', '~1')}")


def _places_of(content: object, thing: object, place: str = "") -> Iterator[str]:
    """The pointers at which a thing stands in the body of an answer, or among the things that it lists."""
    if content == thing:
        yield place
    elif isinstance(content, dict):
        for name, value in content.items():
            if isinstance(value, dict | list):
                yield from _places_of(value, thing, f"{place}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(content, list):
        yield from (f"{place}/{number}" for number, value in enumerate(content) if value == thing)


def differing(sent: Mapping[str, Any], seen: object, members: Mapping[str, Mapping[str, Any]]) -> Iterator[Difference]:
    """
    The members that were sent and are not what is seen.

    Only `members` are compared, the ones that an answer has by its schema, and none that the document excuses.
    """
    for name, value in sent.items():
        if name in members and not is_excused(name, members[name]):
            shown = seen.get(name) if isinstance(seen, dict) else None
            if not alike(value, shown, str(members[name].get("format", ""))):
                yield Difference(name, f"{name} was sent as {_short(value)} and is {_short(shown)}")


def demanded(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The members of a request that say what a new thing has: null leaves that to the target, as absence does."""
    return {name: value for name, value in body.items() if value is not None}


def is_excused(name: str, schema: Mapping[str, Any]) -> bool:
    """Whether the name or the prose of a member lets it be read otherwise than it was sent."""
    prose = f"{schema.get('description', '')} {schema.get('title', '')}"
    return bool(schema.get("writeOnly") or _SECRET.search(name) or _EXCUSED.search(prose))


def alike(sent: object, seen: object, form: str = "") -> bool:
    """Whether two JSON values mean the same: numbers by value, times by instant, absent members as null."""
    if isinstance(sent, bool) or isinstance(seen, bool):
        return sent is seen
    if isinstance(sent, int | float) and isinstance(seen, int | float):
        return sent == seen
    if isinstance(sent, str) and isinstance(seen, str):
        return sent == seen or (form in _REWRITTEN and sent.casefold() == seen.casefold()) or _same_time(sent, seen)
    if isinstance(sent, list) and isinstance(seen, list):
        return len(sent) == len(seen) and all(alike(one, other, form) for one, other in zip(sent, seen, strict=True))
    if isinstance(sent, dict) and isinstance(seen, dict):
        return all(alike(value, seen.get(name)) for name, value in sent.items())
    return sent == seen


def _same_time(sent: str, seen: str) -> bool:
    try:
        one, other = datetime.fromisoformat(sent), datetime.fromisoformat(seen)
    except ValueError:
        return False
    if (one.tzinfo is None) is not (other.tzinfo is None):
        return False
    return one == other


def unchanged(before: object, after: object) -> Iterator[Difference]:
    """The members of a thing that are others than before, but for those that move by themselves."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return
    for name, value in before.items():
        if not _MOVING.search(name) and not alike(value, after.get(name)):
            yield Difference(name, f"{name} was {_short(value)} and is {_short(after.get(name))}")


def listed_otherwise(item: Mapping[str, Any], read: Mapping[str, Any], sent: Mapping[str, Any]) -> Iterator[Difference]:
    """
    The members of a thing that a list shows otherwise than a read does.

    Where the list has what was sent, it is the read that differs.
    """
    as_sent = {name for name, value in sent.items() if name in item and alike(value, item[name])}
    yield from unchanged({name: value for name, value in read.items() if name in item.keys() - as_sent}, item)


def is_ordered(values: Sequence[Any], *, descending: bool) -> bool:
    """Whether values are in order: numbers by size, texts by code points or without regard to case and marks."""
    if len({type(value) for value in values}) > 1:
        return True
    times = moments(values)
    if len(times) == len(values):
        return _rises(list(reversed(times)) if descending else times)
    forward = list(reversed(values)) if descending else list(values)
    if values and isinstance(values[0], str):
        # How an API orders letters beyond ASCII is its own affair, so that only the others are compared.
        texts = [value for value in forward if value.isascii() and value.isalnum()]
        return _rises(texts) or _rises([text.casefold() for text in texts])
    return _rises(forward)


def may_be_by(values: Sequence[Any], *, descending: bool) -> bool:
    """Whether a list may be in order by these values: they are not the same everywhere, and in this order."""
    try:
        return values[0] != values[-1] and values == sorted(values, reverse=descending)
    except (TypeError, IndexError):
        return False


def moments(values: Sequence[Any]) -> list[datetime]:
    """The instants that values say which are times with an offset; the others are left out."""
    return [moment for value in values if (moment := _instant(value)) is not None]


def _instant(value: object) -> datetime | None:
    if not isinstance(value, str) or len(value) < _SHORTEST_INSTANT:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _rises(values: Sequence[Any]) -> bool:
    return all(one <= other for one, other in pairwise(values))


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


_LONGEST: Final = 60
# Of "2026-03-01T10:30Z".
_SHORTEST_INSTANT: Final = 17
