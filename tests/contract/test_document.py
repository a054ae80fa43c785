"""How the suite reads an OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contract.document import Document
from conformance.contract.errors import InvalidContractError

if TYPE_CHECKING:
    from conformance.contract.document import Operation

DONE = {"description": "Done."}


def operation(name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any part of an operation
    return {"operationId": name, "responses": {"200": DONE}, **more}


DOCUMENT = Document(
    {
        "paths": {
            "/songs": {"get": operation("listSongs"), "post": operation("createSong")},
            "/songs/{song_id}": {"get": operation("getSong")},
            "/songs/{song_id}/cancel": {"post": operation("cancelSong")},
            "/songs.json/{part}+{other}": {"get": operation("getParts")},
        }
    }
)
SEGMENTS = st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1)


def matched(method: str, path: str) -> str | None:
    found: Operation | None = DOCUMENT.match(method, path)
    return found.id if found else None


@given(SEGMENTS)
def test_a_parameter_matches_any_one_segment(segment: str) -> None:
    assert matched("GET", f"/songs/{segment}") == "getSong"
    assert matched("POST", f"/songs/{segment}/cancel") == "cancelSong"


@given(SEGMENTS)
def test_neither_more_nor_fewer_segments_match(segment: str) -> None:
    assert matched("GET", f"/songs/{segment}/more") is None
    assert matched("GET", f"/songs/{segment}/") is None
    assert matched("GET", f"/{segment}/songs") is None


@pytest.mark.parametrize(
    "method, path, expected",
    [
        ("GET", "/songs", "listSongs"),
        ("POST", "/songs", "createSong"),
        ("PUT", "/songs", None),
        ("get", "/songs", None),
        ("GET", "/songs/", None),
        ("GET", "/songs//cancel", None),
        ("GET", "/songs.json/a+b", "getParts"),
        ("GET", "/songsXjson/a+b", None),
        ("GET", "/songs\n", None),
        ("GET", "", None),
    ],
)
def test_method_and_path_match_to_the_letter(method: str, path: str, expected: str | None) -> None:
    assert matched(method, path) == expected


@pytest.mark.parametrize(
    "status, key", [(200, "200"), (201, "2XX"), (404, "404"), (422, "4XX"), (500, "default"), (302, "default")]
)
def test_the_most_precise_documented_response_is_the_one_that_counts(status: int, key: str) -> None:
    responses = dict.fromkeys(["default", "2XX", "200", "4XX", "404"], DONE)
    document = Document({"paths": {"/songs": {"get": {"operationId": "listSongs", "responses": responses}}}})
    answer = document.operations["listSongs"].answer(status)

    assert answer is not None
    assert answer.key == key


def test_an_undocumented_status_has_no_response() -> None:
    assert DOCUMENT.operations["getSong"].answer(404) is None


def test_references_are_followed_from_one_to_the_next() -> None:
    components = {"parameters": {"A": {"$ref": "#/components/parameters/B"}, "B": {"name": "b", "in": "query"}}}
    parameters = [{"$ref": "#/components/parameters/A"}]
    paths = {"/songs": {"get": operation("listSongs", parameters=parameters)}}

    document = Document({"paths": paths, "components": components})

    assert [parameter.name for parameter in document.operations["listSongs"].parameters] == ["b"]


@pytest.mark.parametrize("reference", ["#/components/nothing", "other.yaml#/a", "https://example.com/a.json"])
def test_a_reference_out_of_the_document_or_to_nothing_is_refused(reference: str) -> None:
    paths = {"/songs": {"get": operation("listSongs", parameters=[{"$ref": reference}])}}

    with pytest.raises(InvalidContractError, match="which it does not contain"):
        Document({"paths": paths})


def test_a_validator_names_the_place_of_a_violation() -> None:
    schema = {"type": "object", "properties": {"a/b": {"type": "array", "items": {"$ref": "#/components/schemas/N"}}}}
    document = Document({"components": {"schemas": {"N": {"type": "integer"}}}})

    places = [place for place, _ in document.validator(schema).problems({"a/b": [1, "two"]})]

    assert places == ["/a~1b/1"]


@pytest.mark.parametrize(
    "security, secured", [([{"key": []}], True), ([{"key": []}, {}], False), ([{}], False), ([], False)]
)
def test_an_operation_needs_credentials_unless_one_alternative_is_none(
    security: list[dict[str, list[str]]],
    *,
    secured: bool,
) -> None:
    responses = {"200": {"description": "ok"}}
    paths = {"/songs": {"get": {"operationId": "listSongs", "security": security, "responses": responses}}}

    assert Document({"openapi": "3.1.0", "paths": paths}).operations["listSongs"].secured is secured
