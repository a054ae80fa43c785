"""Scenarios of any API begin with the example of its document, and go on with what is drawn from it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.client.errors import NotOfferedError
from conformance.generation.cases import Drawing
from conformance.generation.resources import LinkedValues
from conformance.suite.any_api.creating import distinct_cases
from tests.contract.described import JSON, document, loaded, operation

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {"name": {"type": "string", "minLength": 1}},
}
SONG = {"name": "a song"}
NOTHING = LinkedValues({}, {})


def bodies(folder: Path, media: dict[str, Any], wanted: int) -> list[Any]:
    """The bodies of so many requests of an operation that takes this media type."""
    body = {"requestBody": {"required": True, "content": {JSON: media}}}
    contract = loaded(folder, document(paths={"/things": {"post": operation(**body)}}))
    described = contract.document.operations["makeThing"]
    cases = distinct_cases(contract, described, Drawing(1, 2), NOTHING, wanted)
    return [json.loads(case.content) for case in cases]


@pytest.mark.parametrize(
    "media",
    [
        {"schema": SCHEMA, "example": SONG},
        {"schema": SCHEMA, "examples": {"one": {"value": SONG}}},
        {"schema": {**SCHEMA, "example": SONG}},
        {"schema": {**SCHEMA, "examples": [SONG]}},
    ],
)
def test_an_example_of_the_document_comes_first(media: dict[str, Any], tmp_path: Path) -> None:
    first, second = bodies(tmp_path, media, 2)

    assert first == SONG
    assert second != SONG
    assert set(second) == {"name"}


def test_an_example_that_breaks_the_document_is_passed_over(tmp_path: Path) -> None:
    assert bodies(tmp_path, {"schema": SCHEMA, "example": {"title": "a song"}}, 1) != [{"title": "a song"}]


def test_a_document_that_allows_one_request_only_offers_no_second_one(tmp_path: Path) -> None:
    with pytest.raises(NotOfferedError, match="the document allows only 1 different requests for POST /things"):
        bodies(tmp_path, {"schema": {"const": {"name": "the only one"}}}, 2)
