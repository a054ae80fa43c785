"""Schemas of OpenAPI 3.0 as JSON Schema 2020-12, so that nothing else has to know two dialects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.contract.described.schemas import rewritten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract.described.schemas import Schema

_NULL: Final = {"type": "null"}
_COMPOSED: Final = ("allOf", "anyOf", "oneOf", "$ref")


def upgraded(content: Mapping[str, Any]) -> dict[str, Any]:
    """A document of OpenAPI 3.0 as one of 3.1; one of 3.1 as it is."""
    if not str(content["openapi"]).startswith("3.0"):
        return dict(content)
    made: dict[str, Any] = rewritten(dict(content), upgraded_schema)
    return {**made, "openapi": "3.1.0"}


def upgraded_schema(schema: Schema) -> Schema:
    """One schema of OpenAPI 3.0, its parts apart, in 2020-12."""
    nullable = schema.get("nullable") is True
    # Beside a reference 3.0 knows no other members, but many authors mean it when they write `nullable` there.
    kept = {"$ref": schema["$ref"]} if "$ref" in schema else {n: v for n, v in schema.items() if n != "nullable"}
    bounded = _with_bound(_with_bound(kept, "minimum", "exclusiveMinimum"), "maximum", "exclusiveMaximum")
    return _or_null(bounded) if nullable else bounded


def _with_bound(schema: Schema, bound: str, exclusive: str) -> Schema:
    """A schema whose flag for an exclusive bound has become the bound itself."""
    if not isinstance(schema.get(exclusive), bool):
        return schema
    rest = {name: value for name, value in schema.items() if name != exclusive}
    if schema[exclusive] and bound in rest:
        rest[exclusive] = rest.pop(bound)
    return rest


def _or_null(schema: Schema) -> Schema:
    if any(name in schema for name in _COMPOSED):
        return {"anyOf": [schema, _NULL]}
    if not isinstance(schema.get("type"), str):
        return schema  # by the specification `nullable` says nothing without a type
    made = {**schema, "type": [schema["type"], "null"]}
    values = schema.get("enum")
    # Strictly an enumeration that lacks null forbids it; who says that a value may be null does not mean that.
    return {**made, "enum": [*values, None]} if isinstance(values, list) and None not in values else made
