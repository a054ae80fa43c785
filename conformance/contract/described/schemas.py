"""Every schema of an OpenAPI document, wherever it stands, rewritten by a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from conformance.contract.document import METHODS

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
