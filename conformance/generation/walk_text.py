"""Texts of the walk: values that travel as text, and what a case does in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from conformance.generation.walk_values import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.generation.constraints import Constraint, Path
    from conformance.generation.instances import Schemas


_LONGEST: Final = 4000


def written(value: Any) -> str | None:  # noqa: ANN401 - any value
    """A value as text; None for what has no text of its own: objects, lists, nothing at all."""
    if isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return json.dumps(value)
    return None


def texts_of(value: Any) -> tuple[str, ...] | None:  # noqa: ANN401 - any value
    """The texts of a value, several for a list of what has a text; None where they can't be written."""
    items = value if isinstance(value, list) else [value]
    texts = [written(item) for item in items]
    return None if not texts or None in texts else tuple(text for text in texts if text is not None)


def travels(value: Any, location: str) -> bool:  # noqa: ANN401 - any value
    """Whether a value gets through to its reader: what is empty reads as absent, and blanks at the ends are cut off."""
    texts = texts_of(value)
    if texts is None or any(not text or len(text) > _LONGEST for text in texts):
        return False
    if location == "query":
        return True
    plain = all(text == text.strip() and text.isascii() and text.isprintable() for text in texts)
    return plain and not any("," in text or ";" in text for text in texts if location != "path" or len(texts) > 1)


def takes_text(constraint: Constraint) -> bool:
    """Whether a constraint asks for a text, which everything is that travels as one."""
    types = constraint.demand if isinstance(constraint.demand, list) else [constraint.demand]
    return constraint.keyword == "type" and "string" in types


def reads_as_valid(schema: Any, value: Any, schemas: Schemas) -> bool:  # noqa: ANN401 - any schema, any value
    """Whether a reader may take the text of a value for something that fits the schema."""
    return any(schemas.accepts(schema, reading) for reading in _readings(value))


def field_reads_as_valid(schema: Any, value: Any, constraint: Constraint, schemas: Schemas) -> bool:  # noqa: ANN401
    """Whether a reader of a form may take the field that a constraint is about for something that fits the schema."""
    if not isinstance(value, dict):
        return True
    if not constraint.place:
        return bool(schemas.accepts(schema, value))
    name = constraint.place[0]
    return any(schemas.accepts(schema, {**value, name: reading}) for reading in _readings(value.get(str(name))))


def _readings(value: Any) -> Iterator[Any]:  # noqa: ANN401 - any value
    yield value
    if isinstance(value, list):
        yield [_raw(item) for item in value]
        yield [_parsed(_raw(item)) for item in value]
        if len(value) == 1:
            yield from _readings(value[0])
    else:
        yield _raw(value)
        yield _parsed(_raw(value))
        yield [value]


def _raw(value: Any) -> str:  # noqa: ANN401 - any value
    return value if isinstance(value, str) else json.dumps(value)


def _parsed(text: str) -> Any:  # noqa: ANN401 - any value
    try:
        return json.loads(text)
    except ValueError:
        return text


_KINDS: Final[tuple[tuple[type | tuple[type, ...], str], ...]] = (
    (bool, "a boolean"),
    (str, "a text"),
    ((int, float), "a number"),
    (dict, "an object"),
    (list, "a list"),
    (type(None), "null"),
)
_UNITS: Final = {"Length": "character", "Items": "item", "Properties": "key"}


def broken_in_words(constraint: Constraint, subject: str, value: Any) -> str:  # noqa: ANN401 - any value
    """What a value does that breaks a constraint; `subject` is what the schema describes, as a whole."""
    name = place_in_words(constraint.place, subject)
    count = _COUNTED.get(constraint.keyword)
    if count is not None:
        return count(name, constraint, value)
    sentence = _SENTENCES.get(constraint.keyword, _OTHERWISE)
    demand = constraint.demand if isinstance(constraint.demand, str) else shown(constraint.demand)
    return sentence.format(
        name=name,
        key=_key(name, constraint, subject),
        cause=_cause(constraint),
        value=shown(value),
        demand=demand,
        quoted=shown(constraint.demand),
        keyword=constraint.keyword,
    )


def met_in_words(constraint: Constraint, subject: str, value: Any) -> str:  # noqa: ANN401 - any value
    """What a value does that meets a constraint at its boundary."""
    name = place_in_words(constraint.place, subject)
    unit = _unit(constraint.keyword)
    if unit:
        return f"{name} of exactly {_counted(constraint.demand, unit)}"
    if constraint.keyword == "type":
        return f"{name} is {kind_of(value)}"
    if constraint.keyword in ("required", "dependentRequired"):
        return f"{_key(name, constraint, subject)} is there"
    return f"{name} is {shown(value)}"


def place_in_words(place: Path, subject: str) -> str:
    """A place of a value: names joined by dots, positions in brackets; the subject itself where it is the top."""
    words = ""
    for step in place:
        words += f"[{step}]" if isinstance(step, int) else f".{step}"
    return words.removeprefix(".") if words.startswith(".") else f"{subject}{words}"


def kind_of(value: object) -> str:
    """The JSON type of a value, in words."""
    return next(words for types, words in _KINDS if isinstance(value, types))


def _key(name: str, constraint: Constraint, subject: str) -> str:
    """The key that a constraint asks for, as a place."""
    if constraint.keyword == "dependentRequired":
        return str(constraint.demand[1])
    return constraint.detail if name == subject else f"{name}.{constraint.detail}"


def _cause(constraint: Constraint) -> str:
    return str(constraint.demand[0]) if constraint.keyword == "dependentRequired" else ""


def _unit(keyword: str) -> str | None:
    return next((unit for end, unit in _UNITS.items() if keyword.endswith(end) and keyword[:3] in ("min", "max")), None)


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _size(name: str, constraint: Constraint, value: Any) -> str:  # noqa: ANN401 - any value
    unit = _unit(constraint.keyword) or "piece"
    over = constraint.keyword.startswith("max")
    distance = abs(len(value) - constraint.demand) if isinstance(value, str | list | dict) else 1
    number = "one" if distance == 1 else str(distance)
    units = unit if distance == 1 else f"{unit}s"
    return f"{name} {number} {units} {'over' if over else 'under'} {constraint.demand}"


def _bound(name: str, constraint: Constraint, value: Any) -> str:  # noqa: ANN401 - any value
    side = "over" if "ax" in constraint.keyword else "under"
    if constraint.keyword.startswith("exclusive"):
        return f"{name} is {shown(value)}, not {'below' if side == 'over' else 'above'} {constraint.demand}"
    distance = "one " if isinstance(value, int | float) and abs(value - constraint.demand) == 1 else ""
    return f"{name} is {shown(value)}, {distance}{side} {constraint.demand}"


def _type(name: str, constraint: Constraint, value: Any) -> str:  # noqa: ANN401 - any value
    allowed = constraint.demand if isinstance(constraint.demand, list) else [constraint.demand]
    return f"{name} is {kind_of(value)}, not of type {' or '.join(allowed)}"


def _members(name: str, constraint: Constraint, value: Any) -> str:  # noqa: ANN401 - any value
    listed = ", ".join(str(member) for member in constraint.demand[:5])
    return f"{name} is {shown(value)}, none of {listed}{', …' if len(constraint.demand) > 5 else ''}"  # noqa: PLR2004


def _unknown(name: str, _: Constraint, value: Any) -> str:  # noqa: ANN401 - any value
    if isinstance(value, dict):
        return f"{name} has a key that it must not have, {list(value)[-1]}"
    return f"{name} has an item more than it may have"


_SIZES: Final = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_CLOSED: Final = ("additionalProperties", "unevaluatedProperties", "items", "unevaluatedItems")
_COUNTED: Final[dict[str, Callable[[str, Constraint, Any], str]]] = {
    **dict.fromkeys(_SIZES, _size),
    **dict.fromkeys(_BOUNDS, _bound),
    **dict.fromkeys(_CLOSED, _unknown),
    "type": _type,
    "enum": _members,
}
_SENTENCES: Final = {
    "required": "{key} is missing",
    "dependentRequired": "{name} has {cause} without {key}",
    "const": "{name} is {value}, not {quoted}",
    "pattern": "{name} is {value}, which does not match {demand}",
    "format": "{name} is {value}, no {demand}",
    "multipleOf": "{name} is {value}, no multiple of {demand}",
    "uniqueItems": "{name} has an item twice",
    "anyOf": "{name} is {value}, which fits none of its alternatives",
    "oneOf": "{name} is {value}, which does not fit just one of its alternatives",
    "not": "{name} is {value}, which is excluded",
    "false": "{name} is there, which nothing may be",
    "propertyNames": "{name} has a key of a form that is not allowed",
}
_OTHERWISE: Final = "{name} is {value}, against {keyword}"
