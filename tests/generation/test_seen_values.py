"""Values that a target has handed out find their way into the requests that can use them."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.document import Document
from conformance.generation.resources import SeenValues
from tests.journal.factory import exchange

if TYPE_CHECKING:
    from conformance.generation.resources import LinkedValues


def parameter(name: str, place: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}}


def operation(name: str, *parameters: dict[str, Any], **links: dict[str, Any]) -> dict[str, Any]:
    answers = {"200": {"description": "…", "links": links}}
    return {"operationId": name, "parameters": list(parameters), "responses": answers}


LINKED = {"operationId": "showSong", "parameters": {"id": "$response.body#/song/key"}}
MORE = {"operationId": "listSongs", "parameters": {"after": "$response.body#/next"}}
COPY = {"operationId": "copySong", "x-body-values": {"/source": "$response.body#/song/key"}}
DOCUMENT = Document(
    {
        "paths": {
            "/songs": {
                "post": operation("makeSong", show=LINKED, copy=COPY),
                "get": operation("listSongs", parameter("after", "query"), more=MORE),
            },
            "/songs/{id}": {"get": operation("showSong", parameter("id", "path"))},
            "/takes/{take}": {
                "get": operation("showTake", parameter("take", "path")),
                "put": operation("changeTake", parameter("take", "path")),
            },
            "/copies": {"post": operation("copySong")},
        }
    }
)


def answered(name: str, body: object, status: int = 200) -> Any:  # noqa: ANN401 - an exchange
    made = exchange(operation=name, content=json.dumps(body).encode())
    assert made.response is not None
    return replace(made, response=replace(made.response, status=status))


def seen(*answers: Any) -> SeenValues:  # noqa: ANN401 - exchanges
    found = SeenValues(DOCUMENT)
    for item in answers:
        found.note(item)
    return found


def values(kept: SeenValues, name: str, times: int = 40) -> list[LinkedValues]:
    random = Random(1)
    found = (kept.some(DOCUMENT.operations[name], random) for _ in range(times))
    return [handed for handed in found if handed is not None]


def test_a_link_says_what_an_answer_hands_to_the_path_of_another_request() -> None:
    handed = values(seen(answered("makeSong", {"song": {"key": "s1"}})), "showSong")

    assert {item.path["id"] for item in handed} == {"s1"}


def test_a_parameter_takes_what_answers_have_under_its_name() -> None:
    handed = values(seen(answered("listSongs", {"songs": [{"take": "t1"}, {"take": "t2"}]})), "showTake")

    assert {item.path["take"] for item in handed} == {"t1", "t2"}


def test_a_list_is_paged_on_from_where_it_stopped() -> None:
    handed = values(seen(answered("listSongs", {"songs": [], "next": "cursor-1"})), "listSongs")

    assert {"after": "cursor-1"} in [item.query for item in handed]
    assert {} in [item.query for item in handed]


def test_places_of_a_body_are_filled() -> None:
    handed = values(seen(answered("makeSong", {"song": {"key": "s1"}})), "copySong")

    assert handed[0].body == {"/source": "s1"}


@pytest.mark.parametrize("status", [202, 404])
def test_only_what_was_answered_with_success_was_seen(status: int) -> None:
    handed = values(seen(answered("makeSong", {"song": {"key": "s1"}}, status)), "showSong")

    assert bool(handed) is (status == 202)


@pytest.mark.parametrize("value", [None, True, "", "..", ["s1"], {"a": 1}, "x" * 5000, "a\nb"])
def test_what_can_t_be_a_part_of_a_path_is_not_kept(value: object) -> None:
    assert values(seen(answered("makeSong", {"song": {"key": value}})), "showSong") == []


def test_some_requests_still_ask_for_what_nobody_has() -> None:
    handed = values(seen(answered("makeSong", {"song": {"key": "s1"}})), "showSong", times=200)

    assert 150 < len(handed) < 200


def test_however_much_is_handed_out_only_the_latest_is_kept() -> None:
    many = [answered("makeSong", {"song": {"key": f"s{number}"}}) for number in range(300)]

    known = {item.path["id"] for item in values(seen(*many), "showSong", times=2000)}
    assert len(known) < 50
    assert "s299" in known
    assert "s0" not in known


def test_nothing_is_handed_to_a_path_before_something_was_seen() -> None:
    assert values(seen(), "showSong") == []


def test_what_was_merely_read_may_belong_to_others_and_is_not_changed() -> None:
    careful = SeenValues(DOCUMENT, foreign=False)
    careful.note(answered("listSongs", {"data": [{"take": "theirs"}]}))
    careful.note(answered("makeSong", {"take": "own"}))

    assert {found.path["take"] for found in values(careful, "changeTake")} == {"own"}
    assert {found.path["take"] for found in values(careful, "showTake")} == {"own", "theirs"}
