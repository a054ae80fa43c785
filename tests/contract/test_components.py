"""A validator is given what its schema refers to, directly or through others, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.document import Components
from tests.contract.described import document, loaded, operation

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.contract.document import Document

WHOLE: dict[str, dict[str, Any]] = {
    "schemas": {
        "Tree": {"type": "object", "properties": {"left": {"$ref": "#/components/schemas/Tree"}, "leaf": {}}},
        "Garden": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        "a/b~c": {"type": "integer"},
        "Unused": {"$ref": "#/components/schemas/Garden"},
    },
    "responses": {"Fault": {"content": {"application/json": {"schema": {"type": "string"}}}}},
}


def names(schema: object, whole: dict[str, Any] | None = None) -> set[str]:
    found = Components(WHOLE if whole is None else whole).needed_by(schema)
    return {name for kind in found.values() for name in kind}


@pytest.mark.parametrize(
    "schema, needed",
    [
        ({"type": "string"}, set()),
        (True, set()),
        ({"$ref": "#/components/schemas/Tree"}, {"Tree"}),
        ({"$ref": "#/components/schemas/Tree/properties/leaf"}, {"Tree"}),
        ({"anyOf": [{"type": "null"}, {"$ref": "#/components/schemas/Garden"}]}, {"Tree", "Garden"}),
        ({"$ref": "#/components/schemas/a~1b~0c"}, {"a/b~c"}),
        ({"$ref": "#/components/schemas/a~1b%7E0c"}, {"a/b~c"}),
        ({"$ref": "#/components/responses/Fault/content/application~1json/schema"}, {"Fault"}),
        ({"$ref": "#/components/schemas/Nobody"}, set()),
    ],
)
def test_a_schema_needs_what_it_refers_to(schema: object, needed: set[str]) -> None:
    assert names(schema) == needed


@pytest.mark.parametrize("far_reaching", [{"$dynamicRef": "#node"}, {"$id": "urn:mine", "type": "object"}])
def test_where_a_reference_may_lead_anywhere_everything_is_needed(far_reaching: dict[str, Any]) -> None:
    through = {"schemas": {**WHOLE["schemas"], "Far": far_reaching}}

    assert names(far_reaching) == {"Tree", "Garden", "a/b~c", "Unused", "Fault"}
    assert "Unused" in names({"$ref": "#/components/schemas/Far"}, through)


def test_a_member_that_is_called_like_a_keyword_is_none() -> None:
    schema = {"type": "object", "properties": {"$id": {"type": "string"}, "$anchor": {"type": "string"}}}

    assert names(schema) == set()


def test_schemas_that_refer_to_themselves_are_validated(tmp_path: Path) -> None:
    content = document(
        paths={"/things": {"post": operation({"$ref": "#/components/schemas/Garden"})}}, components=WHOLE
    )
    found: Document = loaded(tmp_path, content).document
    validator = found.validator({"$ref": "#/components/schemas/Garden"})

    assert validator.accepts([{"left": {"left": {}}}])
    assert not validator.accepts([{"left": {"left": 1}}])
