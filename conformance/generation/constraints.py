"""The constraints of a JSON Schema: each demand that a value can break while it meets all others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import jsonpointer

from conformance.generation.schema_values import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Path = tuple[str | int, ...]
Step = tuple[Path, Path, Any]

UNKNOWN_KEY: Final = "unexpected"
"""The key that stands for keys which a schema does not name."""

_PLAIN: Final = frozenset(
    {
        *("type", "enum", "const", "format", "pattern", "minLength", "maxLength"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains"),
        *("minProperties", "maxProperties", "propertyNames", "not", "anyOf", "oneOf"),
    }
)
_CLOSING: Final = frozenset({"additionalProperties", "unevaluatedProperties", "items", "unevaluatedItems"})
_OF_KEYS: Final = frozenset({"properties", "patternProperties", "additionalProperties", "unevaluatedProperties"})
_LISTS: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_CONDITIONAL: Final = frozenset({"then", "else"})


@dataclass(frozen=True, slots=True)
class Constraint:
    """
    One demand of a schema.

    `path` leads from the schema's top to the keyword as a validator evaluates it, through references; `place` to the
    part of the value that the keyword speaks about, with 0 for the first item and `unexpected` for an unknown key.
    `detail` distinguishes demands of one keyword: the key that is required. `demand` is what the keyword says, `schema`
    the schema that holds it.
    """

    path: Path
    place: Path
    keyword: str
    detail: str = ""
    demand: Any = field(default=None, compare=False)
    schema: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def id(self) -> str:
        """Names the constraint within its schema: the path to the keyword, as a JSON pointer, with the detail."""
        pointer: str = jsonpointer.JsonPointer.from_parts(self.path).path
        return f"{pointer}:{self.detail}" if self.detail else pointer


def constraints_of(schema: Any, resolve: Callable[[str], Any]) -> tuple[Constraint, ...]:  # noqa: ANN401 - any schema
    """
    Every constraint of a schema at every depth, in the schema's order.

    A schema that contains itself is followed once. `resolve` gives what a reference points to.
    """
    return tuple(_constraints(schema, (), (), resolve, frozenset()))


def _constraints(
    schema: Any,  # noqa: ANN401 - any schema
    path: Path,
    place: Path,
    resolve: Callable[[str], Any],
    followed: frozenset[str],
) -> Iterator[Constraint]:
    if schema is False:
        yield Constraint(path, place, "false")
    if not isinstance(schema, dict):
        return
    for keyword, demand in schema.items():
        here = (*path, keyword)
        yield from _own(schema, keyword, demand, here, place)
        if keyword == "$ref":
            if demand not in followed:
                yield from _constraints(resolve(demand), here, place, resolve, followed | {demand})
            continue
        for below, inside, part in subschemas(schema, keyword, here, place):
            yield from _constraints(part, below, inside, resolve, followed)


def _own(schema: dict[str, Any], keyword: str, demand: Any, path: Path, place: Path) -> Iterator[Constraint]:  # noqa: ANN401
    """What a keyword demands of the value itself."""
    if keyword in _PLAIN:
        # `uniqueItems: false` demands nothing.
        if demand is not False or keyword in ("const", "not"):
            yield Constraint(path, place, keyword, "", demand, schema)
    elif keyword == "required":
        for name in demand:
            yield Constraint(path, place, keyword, name, demand, schema)
    elif keyword == "dependentRequired":
        for cause, names in demand.items():
            for name in names:
                yield Constraint(path, place, keyword, f"{cause}>{name}", (cause, name), schema)
    elif keyword in _CLOSING and demand is False:
        yield Constraint(path, place, keyword, "", demand, schema)


def subschemas(schema: Mapping[str, Any], keyword: str, path: Path, place: Path) -> Iterator[Step]:
    """What a keyword holds as (path, place, schema), each for a part of the value, or for the value itself."""
    demand = schema[keyword]
    if keyword in _OF_KEYS:
        yield from _of_keys(keyword, demand, path, place)
    elif keyword in _LISTS:
        for index, part in enumerate(demand):
            yield (*path, index), (*place, index) if keyword == "prefixItems" else place, part
    elif keyword == "items" and isinstance(demand, dict):
        yield path, (*place, len(schema.get("prefixItems", ()))), demand
    elif keyword == "dependentSchemas":
        for name, part in demand.items():
            yield (*path, name), place, part
    elif keyword in _CONDITIONAL and "if" in schema:
        yield path, place, demand


def _of_keys(keyword: str, demand: Any, path: Path, place: Path) -> Iterator[Step]:  # noqa: ANN401 - any demand
    if keyword == "properties":
        for name, part in demand.items():
            if not (isinstance(part, dict) and part.get("readOnly")):
                yield (*path, name), (*place, name), part
    elif keyword == "patternProperties":
        for pattern, part in demand.items():
            key = text_of(pattern)
            if key is not None:
                yield (*path, pattern), (*place, key), part
    elif isinstance(demand, dict):
        yield path, (*place, UNKNOWN_KEY), demand
