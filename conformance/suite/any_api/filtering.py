"""Filters of lists: which queries tell something, which items must be there, and which must not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.resources import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.contract.list_queries import Condition

# By custom these bounds are meant with the value itself; of others, and of times, no name says that.
_INCLUSIVE: Final = frozenset({"min", "max", "from", "gte", "ge", "lte", "le", "least", "most"})
# A shorter text may be found anywhere.
_SHORTEST_SEARCH: Final = 5


@dataclass(frozen=True, slots=True)
class Filter:
    """A query with what it asks of members; where it leaves room, an item is neither demanded nor forbidden by it."""

    query: Mapping[str, Any]
    conditions: tuple[Condition, ...]

    def excludes(self, item: object) -> bool:
        """Whether an item must not be in the list."""
        return isinstance(item, dict) and any(_differs(item, each, self.query) for each in self.conditions)

    def includes(self, item: object) -> bool:
        """Whether an item must be in the list."""
        return isinstance(item, dict) and all(_agrees(item, each, self.query) for each in self.conditions)


def filter_of(condition: Condition, shown: Sequence[Mapping[str, Any]]) -> Filter | None:
    """A query with one filter, by what the items have that were made; None where they have nothing that tells."""
    values = [item.get(condition.member) for item in shown]
    value: Any = None
    if condition.kind == "equal":
        texts = [each for each in values if isinstance(each, str)]
        within = [text for text in texts if any(text in other and text != other for other in texts)]
        known = within if condition.exact else values
        value = next((each for each in (*known, *values) if each is not None), None)
    elif condition.kind == "has":
        value = next((each[0] for each in values if isinstance(each, list) and each), None)
    elif condition.kind == "search":
        value = _sought(shown, condition.member)
    else:
        value = _middle(values)
    return (
        None if value is None or isinstance(value, dict | list) else Filter({condition.parameter: value}, (condition,))
    )


def unmatched(
    condition: Condition, schemas: Sequence[Mapping[str, Any]], shown: Sequence[Mapping[str, Any]]
) -> Filter | None:
    """A query with one filter by a text that no item has; `schemas` are of the parameter and of the member."""
    has = {str(item.get(condition.member)).casefold() for item in shown}
    formed = any(name in schema for schema in schemas for name in ("format", "pattern", "maxLength"))
    if condition.kind != "equal" or formed:
        return None
    listed = [value for schema in schemas for value in schema.get("enum", ()) if isinstance(value, str)]
    others = listed or [f"{text}zz" for item in shown[:1] if isinstance(text := item.get(condition.member), str)]
    value = next((other for other in others if not any(other.casefold() in text for text in has)), None)
    return None if value is None else Filter({condition.parameter: value}, (condition,))


def _middle(values: Sequence[Any]) -> Any:  # noqa: ANN401 - whatever can be compared with its kind
    """The value in the middle of those that are of the kind of the first; None where there is none."""
    moments = {moment: value for value in values if (moment := _moment(value)) is not None}
    alike = [moment for moment in moments if type(moment) is type(next(iter(moments)))]
    return moments[sorted(alike)[len(alike) // 2]] if alike else None


def _sought(shown: Sequence[Mapping[str, Any]], member: str) -> str | None:
    """A text that the first item has, in the member that is looked into, and the others have not."""
    first = shown[0] if shown else {}
    for value in (first[member],) if member in first else first.values():
        long_enough = isinstance(value, str) and len(value) >= _SHORTEST_SEARCH and value.isascii() and value.isalnum()
        if long_enough and not any(_mentions(item, value) for item in shown[1:]):
            return str(value)
    return None


def _mentions(item: Mapping[str, Any], text: str) -> bool:
    return text.casefold() in repr(item).casefold()


def _differs(item: Mapping[str, Any], condition: Condition, query: Mapping[str, Any]) -> bool:
    wanted = query[condition.parameter]
    if condition.kind == "search":
        return not _mentions(item, wanted)
    if condition.member not in item:
        return False
    value = item[condition.member]
    if condition.kind == "has":
        return isinstance(value, list) and wanted not in value
    if condition.kind == "equal":
        return _is_apart(value, wanted, exact=condition.exact)
    one, other = _moment(value), _moment(wanted)
    if one is None or other is None or type(one) is not type(other):
        return False
    return bool(one < other) if condition.kind == "least" else bool(one > other)


def _is_apart(value: object, wanted: object, *, exact: bool) -> bool:
    """Whether a value is not the wanted one; a text may have the wanted one in it, unless that is to be `exact`."""
    if not isinstance(value, str) or not isinstance(wanted, str):
        return bool(value != wanted)
    one, other = wanted.casefold(), value.casefold()
    return one != other if exact else one not in other


def _agrees(item: Mapping[str, Any], condition: Condition, query: Mapping[str, Any]) -> bool:
    wanted, value = query[condition.parameter], item.get(condition.member)
    if condition.kind == "search":
        return bool(condition.member) and value == wanted
    if condition.kind == "has":
        return isinstance(value, list) and wanted in value
    if condition.kind == "equal":
        return bool(value == wanted)
    one, other = _moment(value), _moment(wanted)
    if one is None or other is None or type(one) is not type(other):
        return False
    if one == other:
        named = isinstance(one, float) and bool(_INCLUSIVE & set(words_of(condition.parameter)))
        return named or condition.inclusive
    return bool(one > other) if condition.kind == "least" else bool(one < other)


def _moment(value: object) -> Any:  # noqa: ANN401 - whatever can be compared with its kind
    """A number, or the instant that a text says; None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        try:
            read = datetime.fromisoformat(value)
            return read.date() if len(value) == len(date.max.isoformat()) else read.timestamp()
        except (ValueError, OverflowError, OSError):
            return None
    return None
