"""Schemas of OpenAPI 3.0 mean what they mean there, and what travels one way only is looked for on that way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.described import JSON, document, loaded, operation, sent

if TYPE_CHECKING:
    from pathlib import Path

ANIMAL = {"type": "object", "required": ["name"]}
OLD = "3.0.3"


@pytest.mark.parametrize(
    "schema, valid, invalid",
    [
        ({"type": "string", "nullable": True}, [None, "a"], [1]),
        ({"type": "string", "nullable": False}, ["a"], [None]),
        ({"type": "string", "nullable": True, "enum": ["a"]}, [None, "a"], ["b"]),
        ({"$ref": "#/components/schemas/Animal", "nullable": True}, [None, {"name": "Tom"}], [{}]),
        ({"allOf": [{"$ref": "#/components/schemas/Animal"}], "nullable": True}, [None, {"name": "Tom"}], [{}]),
        ({"$ref": "#/components/schemas/Animal", "required": ["age"]}, [{"name": "Tom"}], [{}]),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, [0.1, 0.0001], [0, -1]),
        ({"type": "number", "maximum": 9, "exclusiveMaximum": True}, [8.9], [9]),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": False}, [0], [-1]),
        ({"type": "number", "exclusiveMinimum": True}, [-1], ["a"]),
        ({"type": "object", "properties": {"nullable": {"type": "string"}}}, [{"nullable": "a"}], [{"nullable": 1}]),
        ({"type": "array", "items": {"type": "integer", "nullable": True}}, [[1, None]], [["a"]]),
    ],
)
def test_a_schema_of_openapi_3_0_keeps_its_meaning(
    schema: dict[str, Any], valid: list[object], invalid: list[object], tmp_path: Path
) -> None:
    validator = sent(tmp_path, OLD, schema, components={"schemas": {"Animal": ANIMAL}})

    assert [value for value in valid if not validator.accepts(value)] == []
    assert [value for value in invalid if validator.accepts(value)] == []


def test_schemas_of_openapi_3_1_are_left_alone(tmp_path: Path) -> None:
    validator = sent(tmp_path, "3.1.0", {"type": ["integer", "null"], "exclusiveMinimum": 5})

    assert [value for value in (None, 6, 5, "a") if validator.accepts(value)] == [None, 6]


@pytest.mark.parametrize("schema, valid", [(True, True), (False, False)])
def test_a_schema_may_be_a_boolean(schema: bool, valid: bool, tmp_path: Path) -> None:  # noqa: FBT001 - the case
    assert sent(tmp_path, "3.1.0", schema).accepts({"any": "thing"}) is valid


@pytest.mark.parametrize("version", ["3.0.0", "3.1.1"])
def test_what_is_read_only_is_not_sent_and_what_is_write_only_need_not_come_back(version: str, tmp_path: Path) -> None:
    thing = {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "name", "secret"],
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "name": {"type": "string"},
            "secret": {"type": "string", "writeOnly": True},
            "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
        },
    }
    reference = {"$ref": "#/components/schemas/Thing"}
    answered = {"200": {"description": "made", "content": {JSON: {"schema": reference}}}}
    paths = {"/things": {"post": operation(reference, responses=answered)}}
    made = loaded(tmp_path, document(version, paths=paths, components={"schemas": {"Thing": thing}}))
    described = made.document.operations["makeThing"]
    sending = made.document.validator(described.body[JSON].schema)
    coming = described.answers[0].content[JSON]

    assert sending.accepts({"name": "a", "secret": "b", "parts": [{"name": "c", "secret": "d"}]})
    assert not sending.accepts({"id": "1", "name": "a", "secret": "b"})
    assert not sending.accepts({"name": "a", "secret": "b", "parts": [{"name": "c"}]})
    assert coming.accepts({"id": "1", "name": "a", "parts": [{"id": "2", "name": "b"}]})
    assert not coming.accepts({"name": "a"})
    assert not coming.accepts({"id": "1", "name": "a", "parts": [{"name": "b"}]})


def test_a_schema_may_refer_to_any_place_of_the_document(tmp_path: Path) -> None:
    paths = {
        "/names": {"post": operation({"type": "string", "minLength": 2}, operationId="makeName")},
        "/things": {
            "post": operation(
                {"$ref": "#/paths/~1names/post/requestBody/content/application~1json/schema", "maxLength": 3}
            )
        },
    }
    made = loaded(tmp_path, document(paths=paths))
    validator = made.document.validator(made.document.operations["makeThing"].body[JSON].schema)

    assert [text for text in ("a", "ab", "abcd") if validator.accepts(text)] == ["ab"]
