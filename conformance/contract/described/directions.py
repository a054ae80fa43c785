"""What only travels one way: `readOnly` members are not sent, `writeOnly` members need not come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.contract.described.schemas import rewritten
from conformance.contract.document import METHODS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract.described.schemas import Schema

_COMPONENTS: Final = "#/components/schemas/"
_SENT: Final = ".sent"


def directed(content: Mapping[str, Any]) -> dict[str, Any]:
    """
    The document with schemas of their own for what is sent, where members travel one way only.

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
        name = reference.removeprefix(_COMPONENTS)
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
    """Whether any schema has a member that travels one way only."""
    found: list[bool] = []

    def look(schema: Schema) -> Schema:
        found.extend(bool(schema.get(flag)) for flag in ("readOnly", "writeOnly"))
        return schema

    rewritten(dict(content), look)
    return any(found)
