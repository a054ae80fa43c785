"""Values that are meant to break one keyword by the least, and values that are meant to meet it at its boundary."""

from __future__ import annotations

import copy
import json
import math
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from conformance.generation.constraints import UNKNOWN_KEY, Constraint
from conformance.generation.instances import NoValueError, Schemas, distinct, main_type, resized, step_of, values_of
from conformance.generation.schema_values import breaking, meeting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST_ITEMS: Final = 10_000
_MEMBERS: Final = 12
_OF_OTHER_TYPES: Final = (12345, "text", True, {"a": 1}, ["text"], None, 0.5)
_WORDS_FOR_NUMBERS: Final = ("text", True, {"a": 1}, None)
# What takes more than counting is asked of schemathesis.
_SAMPLED: Final = frozenset(
    {
        *("pattern", "format", "minLength", "maxLength", "multipleOf", "anyOf", "oneOf", "const", "enum"),
        *("minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minProperties", "maxProperties"),
    }
)
_ODD_TEXTS: Final = ("!", " ", "", "0", "a", "A", "é", "a b", "-1")


def breaking_values(constraint: Constraint, now: Any, schemas: Schemas) -> Iterator[Any]:  # noqa: ANN401 - any value
    """Candidates that break a constraint, where `now` stands; the plainest come first."""
    own = _BREAKING.get(constraint.keyword)
    if own is not None:
        yield from own(constraint, now)
    if constraint.keyword == "not":
        yield from values_of(constraint.demand, schemas)
    elif constraint.keyword == "propertyNames" and isinstance(now, dict):
        named = {"type": "string", **_mapping(constraint.demand)}
        names = chain(breaking(named, schemas.needed_by(named)), _ODD_TEXTS)
        yield from ({**now, name: "text"} for name in names if isinstance(name, str))
    elif constraint.keyword in _SAMPLED:
        yield from breaking(constraint.schema, schemas.needed_by(constraint.schema))


def meeting_values(constraint: Constraint, now: Any, schemas: Schemas) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401
    """For each boundary of a constraint the candidates that meet it, where `now` stands."""
    if constraint.keyword == "type":
        yield from _each_type(constraint, now, schemas)
    elif constraint.keyword == "enum":
        yield from ((member,) for member in constraint.demand[:_MEMBERS])
    elif constraint.keyword in ("anyOf", "oneOf"):
        for branch in constraint.demand:
            others = values_of({**constraint.schema, "allOf": [branch]}, schemas)
            yield tuple(value for value in (now, *others) if schemas.accepts(branch, value))
    elif constraint.keyword in _EXACT:
        yield tuple(_exact(constraint, now))
    else:
        yield (now,)


def sampled_boundary(constraint: Constraint, schemas: Schemas) -> tuple[Any, ...]:
    """More candidates that meet a constraint at its boundary, which take longer to make."""
    if constraint.keyword not in _SAMPLED:
        return ()
    return meeting(constraint.schema, schemas.needed_by(constraint.schema))


def is_boundary(constraint: Constraint, value: Any) -> bool:  # noqa: ANN401 - any value
    """Whether a value that fits meets a constraint as exactly as can be."""
    measure = _EXACT.get(constraint.keyword)
    size = measure(value) if measure else None
    if measure is None or size is None:
        return measure is None
    distance: float = abs(size - constraint.demand)
    step: float = abs(step_of(constraint.schema))
    if measure is _length:
        return distance == 0
    # Limits need not be numbers that are allowed: 1.5 for an integer.
    return distance <= step if constraint.keyword.startswith("exclusive") else distance < step


def _each_type(constraint: Constraint, now: Any, schemas: Schemas) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401
    types = constraint.demand if isinstance(constraint.demand, list) else [constraint.demand]
    for name in types:
        other = {**constraint.schema, "type": name}
        yield (now, *values_of(other, schemas)) if schemas.accepts({"type": name}, now) else values_of(other, schemas)


def _other_types(constraint: Constraint, _now: Any) -> Iterator[Any]:  # noqa: ANN401 - any value
    numbers = main_type(constraint.schema) in ("integer", "number")
    yield from _WORDS_FOR_NUMBERS if numbers else ()
    yield from _OF_OTHER_TYPES


def _other_members(constraint: Constraint, _now: Any) -> Iterator[Any]:  # noqa: ANN401 - any value
    members = constraint.demand if constraint.keyword == "enum" else [constraint.demand]
    for member in members:
        if isinstance(member, bool):
            yield not member
        elif isinstance(member, str):
            yield f"{member}-not" if member else "not"
        elif isinstance(member, int | float):
            yield max((m for m in members if isinstance(m, int | float)), default=0) + 1
    yield from _OF_OTHER_TYPES


def _texts(constraint: Constraint, now: Any) -> Iterator[Any]:  # noqa: ANN401 - any value
    text = now if isinstance(now, str) else "text"
    yield f"not a {constraint.demand}" if constraint.keyword == "format" else f"{text}!"
    yield from (f"!{text}", f"{text} ", f"!{text[1:]}", f" {text[1:]}", f"{text[:-1]}!", "!" * max(len(text), 1))
    yield from _ODD_TEXTS


def _beyond(constraint: Constraint, now: Any) -> Iterator[Any]:  # noqa: ANN401 - any value
    limit, step = constraint.demand, step_of(constraint.schema)
    match constraint.keyword:
        case "minimum":
            yield from (math.ceil(limit) - 1 if step == 1 else limit - step, limit - 1, limit - step)
        case "maximum":
            yield from (math.floor(limit) + 1 if step == 1 else limit + step, limit + 1, limit + step)
        case "exclusiveMinimum" | "exclusiveMaximum":
            yield from (limit, limit - step, limit + step)
        case _:
            number = now if isinstance(now, int | float) else 0
            yield from (number + 1, number + limit / 2, number - 1, number - limit / 2)


def _of_wrong_size(constraint: Constraint, now: Any) -> Iterator[Any]:  # noqa: ANN401 - any value
    size = constraint.demand + (1 if constraint.keyword.startswith("max") else -1)
    yield from _of_size(constraint, now, size)


def _of_size(constraint: Constraint, now: Any, size: int) -> Iterator[Any]:  # noqa: ANN401 - any value
    """Values that go on like `now` or stop early, with so many characters, items or keys."""
    if size < 0:
        return
    if isinstance(now, str):
        try:
            yield from (resized(now, size), resized("a", size))
        except NoValueError:
            return
    elif isinstance(now, list) and size <= _MOST_ITEMS:
        item = now[-1] if now else "text"
        yield [*now, *([item] * (size - len(now)))][:size]
        yield [*now, *list(distinct(item, size + 1))[1:]][:size]
    elif isinstance(now, dict) and size <= _MOST_ITEMS:
        yield from _with_keys(constraint, now, size)


def _with_keys(constraint: Constraint, now: dict[str, Any], size: int) -> Iterator[Any]:
    required = constraint.schema.get("required", ())
    optional = [name for name in now if name not in required]
    if size <= len(now):
        left_out = optional[: len(now) - size]
        yield {name: value for name, value in now.items() if name not in left_out}
        return
    filling = next(reversed(now.values()), "text")
    more = {f"{UNKNOWN_KEY}{number or ''}": copy.deepcopy(filling) for number in range(size - len(now))}
    yield {**now, **more}


def _twice(_constraint: Constraint, now: Any) -> Iterator[Any]:  # noqa: ANN401 - any value
    if isinstance(now, list):
        item = now[0] if now else "text"
        yield [item, item, *now[2:]] if len(now) > 1 else [item, item]


def _nothing_contained(_constraint: Constraint, now: Any) -> Iterator[Any]:  # noqa: ANN401 - any value
    yield from ([], [{} for _ in now] if isinstance(now, list) else [], ["text"])


def _without(constraint: Constraint, now: Any) -> Iterator[Any]:  # noqa: ANN401 - any value
    name = constraint.detail if constraint.keyword == "required" else constraint.demand[1]
    if isinstance(now, dict):
        yield {key: value for key, value in now.items() if key != name}


def _with_cause(constraint: Constraint, now: Any) -> Iterator[Any]:  # noqa: ANN401 - any value
    cause, name = constraint.demand
    if isinstance(now, dict):
        kept = {key: value for key, value in now.items() if key != name}
        yield from (kept, {**kept, cause: "text"}) if cause not in kept else (kept,)


def _with_unknown(constraint: Constraint, now: Any) -> Iterator[Any]:  # noqa: ANN401 - any value
    if isinstance(now, dict):
        key = next(name for name in _keys() if name not in now and name not in constraint.schema.get("properties", {}))
        yield from ({**now, key: value} for value in ("text", 1, True, None))
    elif isinstance(now, list):
        yield from ([*now, value] for value in ("text", 1, True, None))


def _keys() -> Iterator[str]:
    yield UNKNOWN_KEY
    number = 1
    while True:
        yield f"{UNKNOWN_KEY}{number}"
        number += 1


def _anything(_constraint: Constraint, _now: Any) -> Iterator[Any]:  # noqa: ANN401 - any value
    yield from _OF_OTHER_TYPES


def _exact(constraint: Constraint, now: Any) -> Iterator[Any]:  # noqa: ANN401 - any value
    limit, step = constraint.demand, step_of(constraint.schema)
    match constraint.keyword:
        case "minimum":
            yield math.ceil(limit) if step == 1 else limit
        case "maximum":
            yield math.floor(limit) if step == 1 else limit
        case "exclusiveMinimum":
            yield limit + step
        case "exclusiveMaximum":
            yield limit - step
        case _:
            yield from _of_size(constraint, now, limit)


def _number(value: Any) -> float | None:  # noqa: ANN401 - any value
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _length(value: Any) -> int | None:  # noqa: ANN401 - any value
    return len(value) if isinstance(value, str | list | dict) else None


def _mapping(schema: Any) -> dict[str, Any]:  # noqa: ANN401 - any schema
    return schema if isinstance(schema, dict) else {"not": {}}


def shown(value: Any) -> str:  # noqa: ANN401 - any value
    """A value as a reader sees it, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004 - as much as stays readable in a sentence


_EXACT: Final[dict[str, Callable[[Any], float | None]]] = {
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _number),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _length),
}
_BREAKING: Final[dict[str, Callable[[Constraint, Any], Iterator[Any]]]] = {
    "type": _other_types,
    **dict.fromkeys(("enum", "const"), _other_members),
    **dict.fromkeys(("pattern", "format"), _texts),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), _beyond),
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _of_wrong_size
    ),
    "uniqueItems": _twice,
    "contains": _nothing_contained,
    "required": _without,
    "dependentRequired": _with_cause,
    **dict.fromkeys(("additionalProperties", "unevaluatedProperties", "items", "unevaluatedItems"), _with_unknown),
    **dict.fromkeys(("anyOf", "oneOf", "false"), _anything),
}
