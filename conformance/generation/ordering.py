"""Members that belong together: a beginning is not after its end, and the least is not above the most."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.resources import words_of
from conformance.generation.freshening import rewritten_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# A schema can't say that one comes before the other; these names do.
_PAIRS: Final = (
    ("start", "end"),
    ("starts", "ends"),
    ("starting", "ending"),
    ("start", "stop"),
    ("begin", "end"),
    ("begins", "ends"),
    ("from", "to"),
    ("from", "until"),
    ("from", "till"),
    ("since", "until"),
    ("min", "max"),
    ("minimum", "maximum"),
    ("least", "most"),
    ("lower", "upper"),
    ("low", "high"),
    ("first", "last"),
    ("opens", "closes"),
    ("open", "close"),
    ("in", "out"),
    ("earliest", "latest"),
    ("departs", "arrives"),
    ("departure", "arrival"),
)
_LATER: Final = (timedelta(hours=1), timedelta(days=1))


def in_order(body: Mapping[str, Any], accepts: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
    """The body with members in their order where their names say one, as far as the document allows that."""
    for first, second in _paired(tuple(body)):
        if _is_after(body[first], body[second]):
            swapped = {**body, first: body[second], second: body[first]}
            later = ({**body, second: moved} for moved in _later(body[first]))
            same = isinstance(body[first], str) and not _is_before(body[second], body[first])
            found = (made for made in ((*later,) if same else (swapped, *later)) if accepts(made))
            body = next(found, body)
    return body


def _paired(names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    by_words = {words_of(name): name for name in names}
    for words, name in by_words.items():
        for one, other in _PAIRS:
            if one in words:
                partner = by_words.get(tuple(other if word == one else word for word in words))
                if partner is not None and partner != name:
                    yield name, partner


def _is_after(one: object, other: object) -> bool:
    """Whether two members are out of order; a time is also where it is the same, as nothing lasts no time."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one > other
    return isinstance(one, str) and isinstance(other, str) and not _is_before(one, other)


def _is_before(one: object, other: object) -> bool:
    with suppress(ValueError, TypeError):
        return datetime.fromisoformat(str(one)) < datetime.fromisoformat(str(other))
    return not _is_time(one)


def _is_time(value: object) -> bool:
    with suppress(ValueError):
        datetime.fromisoformat(str(value))
        return True
    return False


def _later(value: object) -> Iterator[str]:
    if not isinstance(value, str) or not _is_time(value):
        return
    moment = datetime.fromisoformat(value)
    for pause in _LATER:
        with suppress(OverflowError):
            later = moment + pause
            yield rewritten_time(value, later)
