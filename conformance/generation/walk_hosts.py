"""Valid values in which a constraint applies: what it speaks about is there, in the alternative that it belongs to."""

from __future__ import annotations

import copy
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from jsonschema_rs import ValidationErrorKind

from conformance.generation.instances import NoValueError, Schemas, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.generation.constraints import Constraint, Path

_MENDED_AT_MOST: Final = 12
_OF_KEYS: Final = ("properties", "patternProperties", "additionalProperties", "unevaluatedProperties")
_NAMED: Final = ("properties", "patternProperties")


def hosts_of(root: Any, constraint: Constraint, bases: Sequence[Any], schemas: Schemas) -> tuple[Any, ...]:  # noqa: ANN401
    """
    Valid values to which a constraint of the schema `root` applies, made of valid ones: the least changed come first.

    None where no such value is known.
    """
    unchanged: list[Any] = []
    changed: list[Any] = []
    for base in bases:
        with suppress(NoValueError):
            host = _mended(
                root, _with_place(root, copy.deepcopy(base), constraint.path, constraint.place, schemas), schemas
            )
            if schemas.accepts(root, host):
                (unchanged if host == base else changed).append(host)
    return (*unchanged, *changed)


def at(value: Any, place: Path) -> Any:  # noqa: ANN401 - any value
    """What is at a place of a value (LookupError, TypeError where there is none)."""
    for step in place:
        value = value[step]
    return value


def with_value(host: Any, place: Path, value: Any) -> Any:  # noqa: ANN401 - any value
    """A copy of the host with another value at a place."""
    if not place:
        return value
    changed = copy.deepcopy(host)
    inside = at(changed, place[:-1])
    inside[place[-1]] = value
    return changed


def _with_place(schema: Any, value: Any, path: Path, place: Path, schemas: Schemas) -> Any:  # noqa: ANN401
    """The value with what is missing on the way to a place; `path` leads there from `schema`."""
    if len(path) <= 1 or not isinstance(schema, dict):
        return value
    keyword, below = path[0], path[1:]
    if keyword == "$ref":
        return _with_place(schemas.resolve(schema["$ref"]), value, below, place, schemas)
    if keyword in _OF_KEYS:
        part, below = (schema[keyword][path[1]], path[2:]) if keyword in _NAMED else (schema[keyword], below)
        return _with_key(part, _as_kind(value, schema, "object", schemas), below, place, schemas)
    if keyword in ("items", "prefixItems"):
        part, below = (schema[keyword], below) if keyword == "items" else (schema[keyword][path[1]], path[2:])
        items = _with_items(schema, part, _as_kind(value, schema, "array", schemas), int(place[0]), schemas)
        items[int(place[0])] = _with_place(part, items[int(place[0])], below, place[1:], schemas)
        return items
    if keyword == "allOf":
        return _with_place(schema["allOf"][path[1]], value, path[2:], place, schemas)
    return _chosen(schema, value, path, place, schemas)


def _chosen(schema: dict[str, Any], value: Any, path: Path, place: Path, schemas: Schemas) -> Any:  # noqa: ANN401
    """The value in the alternative that the path goes through."""
    keyword = str(path[0])
    rest = {name: demand for name, demand in schema.items() if name not in (keyword, "if", "then", "else")}
    if keyword in ("anyOf", "oneOf"):
        branch, below = schema[keyword][path[1]], path[2:]
        if not schemas.accepts(branch, value):
            value = copy.deepcopy(value_of({"allOf": [branch, rest]}, schemas))
        return _with_place(branch, value, below, place, schemas)
    if keyword == "dependentSchemas":
        name = str(path[1])
        if not isinstance(value, dict):
            raise NoValueError("only an object can have the key")
        value.setdefault(name, value_of(schemas.merged(schema).get("properties", {}).get(name, {}), schemas))
        if not schemas.accepts(schema[keyword][name], value):
            value = copy.deepcopy(value_of({"allOf": [schema[keyword][name], {"required": [name]}, rest]}, schemas))
        return _with_place(schema[keyword][name], value, path[2:], place, schemas)
    if keyword in ("then", "else"):
        condition = schema["if"] if keyword == "then" else {"not": schema["if"]}
        if not schemas.accepts(condition, value):
            value = copy.deepcopy(value_of({"allOf": [condition, schema[keyword], rest]}, schemas))
        return _with_place(schema[keyword], value, path[1:], place, schemas)
    raise NoValueError(f"values inside of {keyword} are not made up")


def _with_key(part: Any, value: dict[str, Any], path: Path, place: Path, schemas: Schemas) -> dict[str, Any]:  # noqa: ANN401
    if part is not False:
        name = str(place[0])
        inside = value[name] if name in value else copy.deepcopy(value_of(part, schemas))
        value[name] = _with_place(part, inside, path, place[1:], schemas)
    return value


def _with_items(schema: dict[str, Any], part: Any, value: list[Any], index: int, schemas: Schemas) -> list[Any]:  # noqa: ANN401
    """The list with items up to an index, which is described by `part`."""
    before = schema.get("prefixItems", ())
    while len(value) <= index:
        known = before[len(value)] if len(value) < len(before) else schema.get("items", part)
        value.append(copy.deepcopy(value_of(known, schemas)))
    return value


def _as_kind(value: Any, schema: dict[str, Any], kind: str, schemas: Schemas) -> Any:  # noqa: ANN401 - any value
    """The value itself if it is of the kind that has a place inside, else one that is."""
    if isinstance(value, dict if kind == "object" else list):
        return value
    return copy.deepcopy(value_of({"allOf": [{"type": kind}, schema]}, schemas))


def _mended(root: Any, value: Any, schemas: Schemas) -> Any:  # noqa: ANN401 - any schema, any value
    """The value with the keys that are required because of what was added."""
    for _ in range(_MENDED_AT_MOST):
        missing = next(_missing(root, value, schemas), None)
        if missing is None:
            return value
        place, name = missing
        at(value, place)[name] = copy.deepcopy(value_of(_key_schema(root, (*place, name), schemas), schemas))
    return value


def _missing(root: Any, value: Any, schemas: Schemas) -> Iterator[tuple[Path, str]]:  # noqa: ANN401
    for error in schemas.validator(root).iter_errors(value):
        if isinstance(error.kind, ValidationErrorKind.Required):
            yield tuple(error.instance_path), str(error.kind.property)


def _key_schema(root: Any, place: Path, schemas: Schemas) -> Any:  # noqa: ANN401 - any schema
    """What a schema says of the value at a place, as far as that does not depend on alternatives."""
    for step in place:
        whole = schemas.merged(root)
        root = whole.get("items", {}) if isinstance(step, int) else whole.get("properties", {}).get(step, {})
    return root
