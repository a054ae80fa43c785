"""Schemas of an OpenAPI document as validators need them: one dialect, and separate ones for what is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal

from conformance.contract.document import METHODS

if TYPE_CHECKING:
    from collections.abc import Mapping


Schema = dict[str, Any]
Change = Callable[[Schema], Schema]
_How = Literal["one", "list", "map"]

# For each part of a document its members that hold other parts: how many, and of which kind.
_PARTS: Final[dict[str, dict[str, tuple[_How, str]]]] = {
    "document": {"paths": ("map", "path"), "components": ("one", "components")},
    "components": {
        "schemas": ("map", "schema"),
        "responses": ("map", "response"),
        "parameters": ("map", "parameter"),
        "headers": ("map", "parameter"),
        "requestBodies": ("map", "body"),
        "pathItems": ("map", "path"),
    },
    "path": {"parameters": ("list", "parameter"), **dict.fromkeys(METHODS, ("one", "operation"))},
    "operation": {
        "parameters": ("list", "parameter"),
        "requestBody": ("one", "body"),
        "responses": ("map", "response"),
    },
    "parameter": {"schema": ("one", "schema"), "x-certain": ("one", "schema"), "content": ("map", "media")},
    "body": {"content": ("map", "media")},
    "response": {"headers": ("map", "parameter"), "content": ("map", "media")},
    "media": {"schema": ("one", "schema"), "x-certain": ("one", "schema")},
    "schema": {
        "items": ("one", "schema"),
        "additionalProperties": ("one", "schema"),
        "not": ("one", "schema"),
        "contains": ("one", "schema"),
        "propertyNames": ("one", "schema"),
        "if": ("one", "schema"),
        "then": ("one", "schema"),
        "else": ("one", "schema"),
        "unevaluatedItems": ("one", "schema"),
        "unevaluatedProperties": ("one", "schema"),
        "allOf": ("list", "schema"),
        "anyOf": ("list", "schema"),
        "oneOf": ("list", "schema"),
        "prefixItems": ("list", "schema"),
        "properties": ("map", "schema"),
        "patternProperties": ("map", "schema"),
        "dependentSchemas": ("map", "schema"),
        "$defs": ("map", "schema"),
    },
}


def rewritten(part: Any, change: Change, kind: str = "document") -> Any:  # noqa: ANN401 - any part of a document
    """
    A copy of a part of a document in which every schema is what `change` makes of it, innermost schemas first.

    What is no object (a boolean schema, for one) stays as it is.
    """
    if not isinstance(part, dict):
        return part
    members = _PARTS[kind]
    made = {
        name: _each(members[name][0], value, change, members[name][1]) if name in members else value
        for name, value in part.items()
    }
    return change(made) if kind == "schema" else made


def _each(how: _How, value: Any, change: Change, kind: str) -> Any:  # noqa: ANN401 - any part of a document
    if how == "list" and isinstance(value, list):
        return [rewritten(item, change, kind) for item in value]
    if how == "map" and isinstance(value, dict):
        return {name: rewritten(item, change, kind) for name, item in value.items()}
    return rewritten(value, change, kind) if how == "one" else value


_SCHEMAS_OF_COMPONENTS: Final = "#/components/schemas/"
_SENT: Final = ".sent"


def directed(content: Mapping[str, Any]) -> dict[str, Any]:
    """
    The document with separate schemas for what is sent, where members are `readOnly` or `writeOnly`.

    `readOnly` members are left out of request bodies, so that no valid request has one; everywhere else `writeOnly`
    members are not required. Request bodies must stand in their operations already.
    """
    if not _one_way(content):
        return dict(content)
    components = content.get("components", {})
    sending = _Sending(components.get("schemas", {}))
    paths = {path: _item_sent(item, sending) for path, item in content.get("paths", {}).items()}
    sent = sending.components()
    answered: dict[str, Any] = rewritten({**content, "paths": {}}, _received)
    schemas = {**answered.get("components", {}).get("schemas", {}), **sent}
    return {**answered, "paths": paths, "components": {**answered.get("components", {}), "schemas": schemas}}


class _Sending:
    """Rewrites schemas of request bodies, and keeps which components need a form for sending."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self._schemas = schemas
        self._wanted: list[str] = []

    def __call__(self, schema: Schema) -> Schema:
        made = _without(schema, "readOnly", with_members=True)
        reference = str(made.get("$ref", ""))
        name = reference.removeprefix(_SCHEMAS_OF_COMPONENTS)
        if name == reference or name not in self._schemas:
            return made
        if name not in self._wanted:
            self._wanted.append(name)
        return {**made, "$ref": reference + _SENT}

    def components(self) -> dict[str, Any]:
        """The components in their form for sending, with all that these refer to."""
        made: dict[str, Any] = {}
        for name in self._wanted:  # grows meanwhile
            made[name + _SENT] = rewritten(self._schemas[name], self, "schema")
        return made


def _item_sent(item: Mapping[str, Any], sending: _Sending) -> dict[str, Any]:
    made = dict(item)
    for method in METHODS:
        if method in made:
            operation: dict[str, Any] = rewritten(made[method], _received, "operation")
            if "requestBody" in operation:
                operation["requestBody"] = rewritten(made[method]["requestBody"], sending, "body")
            made[method] = operation
    return made


def _received(schema: Schema) -> Schema:
    return _without(schema, "writeOnly", with_members=False)


def _without(schema: Schema, flag: str, *, with_members: bool) -> Schema:
    """The schema of an object that does not require its members with this flag, or does not have them at all."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return schema
    flagged = {name for name, described in properties.items() if isinstance(described, dict) and described.get(flag)}
    if not flagged:
        return schema
    made = {**schema, "required": [name for name in schema.get("required", ()) if name not in flagged]}
    if with_members:
        made["properties"] = {name: described for name, described in properties.items() if name not in flagged}
    return made


def _one_way(content: Mapping[str, Any]) -> bool:
    """Whether any schema has a `readOnly` or `writeOnly` member."""
    found: list[bool] = []

    def check(schema: Schema) -> Schema:
        found.extend(bool(schema.get(flag)) for flag in ("readOnly", "writeOnly"))
        return schema

    rewritten(dict(content), check)
    return any(found)


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
    # Beside a reference 3.0 ignores other members, but many authors mean it when they write `nullable` there.
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
    # Strictly an enumeration without null forbids null; an author who writes `nullable` does not mean that.
    return {**made, "enum": [*values, None]} if isinstance(values, list) and None not in values else made
