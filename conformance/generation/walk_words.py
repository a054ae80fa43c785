"""What a case of the walk does, in words: "prompt one character over 2000"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.generation.walk_values import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.generation.constraints import Constraint, Path

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
