"""One schema out of several that hold for the same value, so far as that is needed to make up values."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DEEPEST: Final = 40


class EndlessSchemaError(Exception):
    """A schema leads back to itself without ever asking for a value."""


def merged(schema: Any, resolve: Callable[[str], Any], depth: int = 0) -> dict[str, Any]:  # noqa: ANN401 - any schema
    """
    The schema with its references followed and its `allOf` taken in.

    Where two parts contradict each other the first one wins: what is made of the result has to be checked.

    Raises:
        EndlessSchemaError: the references lead in a circle.
    """
    if depth > _DEEPEST:
        raise EndlessSchemaError("the references lead in a circle")
    if not isinstance(schema, dict):
        return {} if schema is not False else {"not": {}}
    own = {keyword: demand for keyword, demand in schema.items() if keyword not in ("$ref", "allOf")}
    parts = [resolve(schema["$ref"])] if "$ref" in schema else []
    parts += schema.get("allOf", ())
    return reduce(_both, (merged(part, resolve, depth + 1) for part in parts), own)


def _both(first: dict[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(first)
    for keyword, demand in second.items():
        both[keyword] = _joined(keyword, both[keyword], demand) if keyword in both else demand
    return both


def _joined(keyword: str, first: Any, second: Any) -> Any:  # noqa: ANN401 - any demand of a schema
    join = _JOINTS.get(keyword)
    return first if join is None else join(first, second)


def _properties(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    shared = {name: {"allOf": [first[name], part]} for name, part in second.items() if name in first}
    return {**first, **second, **shared}


def _all_names(first: list[str], second: list[str]) -> list[str]:
    return [*first, *(name for name in second if name not in first)]


def _shared_members(first: list[Any], second: list[Any]) -> list[Any]:
    return [member for member in first if member in second] or first


def _shared_types(first: str | list[str], second: str | list[str]) -> str | list[str]:
    one, other = _types(first), _types(second)
    shared = [name for name in one if name in other]
    if "integer" not in shared and {"integer", "number"} <= {*one, *other} and one != other:
        shared.append("integer")
    return shared or first


def _both_mappings(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return {**first, **second}


def _types(demand: str | list[str]) -> list[str]:
    return [demand] if isinstance(demand, str) else demand


_JOINTS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "properties": _properties,
    "required": _all_names,
    "type": _shared_types,
    "enum": _shared_members,
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
    **dict.fromkeys(("dependentRequired", "patternProperties", "dependentSchemas"), _both_mappings),
}
