"""Values that one answer hands to the next request, as the links of the document say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.document import Document
from conformance.generation.resources import LinkedValues, evaluated, links_to, values_from
from conformance.journal.records import Body, Request
from tests.journal.factory import exchange

if TYPE_CHECKING:
    from conformance.contract.document import Link


def operation(name: str, **links: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": name, "responses": {"200": {"description": "…", "links": links}}}


SONG = {"song": "$response.body#/song"}
DOCUMENT = Document(
    {
        "paths": {
            "/songs": {
                "get": operation(
                    "listSongs",
                    more={"operationId": "listSongs", "parameters": {"after": "$response.body#/after"}},
                ),
                "post": operation(
                    "createSong",
                    read={"operationId": "getSong", "parameters": SONG},
                    stop={"operationId": "stopSong", "parameters": SONG},
                    copy={
                        "operationId": "copySong",
                        "parameters": {"mode": "quick"},
                        "x-body-values": {"/source": "$response.body#/song"},
                    },
                ),
            },
            "/songs/{song}": {
                "get": operation("getSong", stop={"operationId": "stopSong", "parameters": SONG}),
            },
            "/songs/{song}/stop": {"post": operation("stopSong")},
            "/copies": {"post": operation("copySong")},
        }
    }
)


def link(name: str) -> Link:
    (found,) = links_to(DOCUMENT, DOCUMENT.operations[name])
    return found


def handed(name: str, answer: object) -> LinkedValues | None:
    return values_from(link(name), exchange(content=json.dumps(answer).encode()))


@pytest.mark.parametrize("name", ["getSong", "stopSong", "copySong"])
def test_an_operation_that_needs_no_values_is_the_first_source(name: str) -> None:
    assert link(name).source == "createSong"


@pytest.mark.parametrize("name", ["listSongs", "createSong"])
def test_an_operation_has_no_other_source_than_itself_or_none(name: str) -> None:
    assert links_to(DOCUMENT, DOCUMENT.operations[name]) == ()


def test_a_value_of_the_answer_becomes_a_parameter() -> None:
    assert handed("getSong", {"song": "s1"}) == LinkedValues({"song": "s1"}, {})


def test_a_value_of_the_answer_becomes_a_place_of_the_body_beside_constants() -> None:
    assert handed("copySong", {"song": "s1"}) == LinkedValues({"mode": "quick"}, {"/source": "s1"})


def test_a_number_is_written_down() -> None:
    assert handed("getSong", {"song": 7}) == LinkedValues({"song": "7"}, {})


@pytest.mark.parametrize("value", [{"id": 1}, ["s1"], True, "", "..", "\ud800", "s1\n"])
def test_what_is_no_segment_of_a_path_is_not_handed_over(value: object) -> None:
    assert handed("getSong", {"song": value}) is None


@pytest.mark.parametrize("name", ["getSong", "copySong"])
@pytest.mark.parametrize("answer", [{}, {"song": None}, [], "s1", {"songs": ["s1"]}])
def test_an_answer_without_the_value_hands_over_nothing(name: str, answer: object) -> None:
    assert handed(name, answer) is None


def test_what_a_request_named_is_handed_on_and_an_expression_that_is_not_known_is_no_value() -> None:
    made = replace(exchange(), request=Request("POST", "http://127.0.0.1/rooms", body=Body(b'{"name": "blue"}')))

    assert evaluated("$request.body#/name", made) == "blue"
    assert evaluated("$request.header.X-Room", made) is None
    assert evaluated("quick", made) == "quick"
