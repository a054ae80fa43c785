"""What is marked as certain to be accepted is allowed by the document, and varied enough to be worth it."""

from __future__ import annotations

import base64
import io
import json
from itertools import product
from typing import TYPE_CHECKING, Any

import av
import pytest

from conformance.generation.cases import Drawing, draw_valid
from tests.specs.contents import contract, nodes, raw

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCUMENT = contract().document
CREATIONS = ("createTextToMusic", "createReferenceAudioToMusic")
GIVEN = ("cursor", "task_id", "capability", "X-Request-Id", "Idempotency-Key")


def form(operation_id: str) -> Mapping[str, Any]:
    """The narrowed schema of an operation's multipart form."""
    certain = DOCUMENT.operations[operation_id].body["multipart/form-data"].certain
    assert certain is not None
    return certain


def choices(schema: Mapping[str, Any]) -> list[Any]:
    """All values of a schema that lists them."""
    return [schema["const"]] if "const" in schema else schema["enum"]


@pytest.mark.parametrize("operation_id", CREATIONS)
@pytest.mark.parametrize("seed", range(3))
def test_drawn_music_bodies_fit_the_document(operation_id: str, seed: int) -> None:
    operation = DOCUMENT.operations[operation_id]
    validator = DOCUMENT.validator(operation.body["application/json"].schema)

    cases = draw_valid(DOCUMENT, operation, Drawing(seed, 20))

    assert len(cases) >= 10
    assert [problem for case in cases for problem in validator.problems(json.loads(case.content))] == []


@pytest.mark.parametrize(
    "operation_id, models",
    # That the other model makes covers too is known from another route only.
    [("createTextToMusic", {"suno-5.5", "minimax-music-2.6"}), ("createReferenceAudioToMusic", {"suno-5.5"})],
)
def test_drawn_music_bodies_cover_the_models_that_documents_name(operation_id: str, models: set[str]) -> None:
    cases = draw_valid(DOCUMENT, DOCUMENT.operations[operation_id], Drawing(1, 40))

    assert {json.loads(case.content)["model"] for case in cases} == models


@pytest.mark.parametrize("operation_id", CREATIONS)
def test_no_text_exceeds_what_any_route_accepts(operation_id: str) -> None:
    # The narrowest limits known from any route, with the longest texts at them.
    known = {"prompt": range(10, 301), "lyrics": range(10, 1001), "title": range(1, 81)}
    certain = DOCUMENT.operations[operation_id].body["application/json"].certain
    found = [
        (name, len(text))
        for _, node in nodes(certain)
        for name, schema in node.get("properties", {}).items()
        if name in known
        for text in choices(schema)
    ]

    assert {name for name, _ in found} >= {"prompt", "title"}
    assert [(name, length) for name, length in found if length not in known[name]] == []
    assert {("prompt", 10), ("prompt", 300), ("title", 80)} <= set(found)


def test_forms_of_uploads_fit_the_document() -> None:
    validator = DOCUMENT.validator(DOCUMENT.operations["createUpload"].body["multipart/form-data"].schema)
    fields = form("createUpload")["properties"]

    bodies = [dict(zip(fields, values, strict=True)) for values in product(*map(choices, fields.values()))]

    assert [problem for body in bodies for problem in validator.problems(body)] == []


def test_the_uploaded_file_is_audio_of_the_type_that_a_document_shows() -> None:
    file = form("createUpload")["properties"]["file"]

    content = io.BytesIO(base64.b64decode(file["const"], validate=True))

    with av.open(content, "r") as container:
        seconds = sum(float(frame.samples / frame.sample_rate) for frame in container.decode(audio=0))

        assert container.format.name == "mp3"

    assert file["contentMediaType"] == "audio/mpeg"
    assert 0.5 <= seconds <= 480


def test_certain_parameters_fit_the_document() -> None:
    problems = [
        (parameter.name, value)
        for operation in DOCUMENT.operations.values()
        for parameter in operation.parameters
        if parameter.certain
        for value in choices(parameter.certain)
        if not DOCUMENT.validator(parameter.schema).accepts(value)
    ]

    assert problems == []


def test_ids_and_cursors_are_never_made_up() -> None:
    certain = {
        parameter.name: parameter.certain
        for operation in DOCUMENT.operations.values()
        for parameter in operation.parameters
        if parameter.name in GIVEN
    }

    assert certain == dict.fromkeys(GIVEN, False)


def test_closed_bodies_leave_no_room_for_surprise() -> None:
    objects = [
        (place, node)
        for place, node in nodes(raw("openapi.yaml"))
        if "x-certain" in place and node.get("type") == "object"
    ]

    assert objects
    assert [place for place, node in objects if node.get("additionalProperties") is not False] == []


def test_the_uploaded_artifact_finds_its_place_in_the_next_body() -> None:
    (link,) = [link for link in DOCUMENT.links if link.body_values]
    (case,) = draw_valid(DOCUMENT, DOCUMENT.operations[link.target], Drawing(1, 1))

    filled = json.loads(case.with_body_values(dict.fromkeys(link.body_values, "artifact_of_the_run")).content)

    assert filled["reference_audio"] == {"type": "artifact", "artifact_id": "artifact_of_the_run"}
