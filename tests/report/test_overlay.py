"""An overlay proposes what a document would have to say: applied, it makes the findings go away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from conformance.judging import monitored_by
from conformance.monitors.traffic import Traffic
from conformance.report.errors import ReportNotWrittenError
from conformance.report.overlay.document import overlay_of, write_overlay
from conformance.verdicts.model import Verdict
from tests.contract.asked import Asked
from tests.contract.described import JSON, document, loaded
from tests.report.overlays import applied, steps

if TYPE_CHECKING:
    from pathlib import Path

PROBLEM: Final = {"type": "object", "required": ["said"], "properties": {"said": {"type": "string"}}}
BOOK: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "year": {"type": "integer", "minimum": 1400, "description": "of the first edition"},
        "shelf": {"$ref": "#/components/schemas/Shelf"},
        "pages": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
NEW: Final = {"type": "object", "properties": {"year": {"type": "integer"}, "name": {"type": "string"}}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "it", "content": {JSON: {"schema": schema}}}


def described(version: str = "3.1.0") -> dict[str, Any]:
    """A document of two operations that has less than what is answered."""
    components = {
        "schemas": {"Book": BOOK, "Shelf": {"type": "object"}, "Problem": PROBLEM, "New": NEW},
        "responses": {"Refused": _json({"$ref": "#/components/schemas/Problem"})},
    }
    body = {"content": {JSON: {"schema": {"$ref": "#/components/schemas/New"}}}}
    made = {"201": _json({"$ref": "#/components/schemas/New"}), "400": {"$ref": "#/components/responses/Refused"}}
    read = {"200": _json({"$ref": "#/components/schemas/Book"}), "404": {"$ref": "#/components/responses/Refused"}}
    paths = {
        "/books": {"post": {"operationId": "makeBook", "requestBody": body, "responses": made}},
        "/books/{it's}": {
            "parameters": [{"name": "it's", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {"operationId": "readBook", "responses": read},
        },
    }
    return document(version, paths=paths, components=components)


class Documented:
    """A document, what is asked of its target, and the overlay that comes of it."""

    def __init__(self, folder: Path, raw: dict[str, Any]) -> None:
        self.folder = folder
        self.raw = raw
        self.asked = Asked(loaded(folder, raw))

    def made(self, status: int, answer: object = None, media_type: str = JSON) -> Documented:
        """An answer to `makeBook`."""
        self.asked.ask("makeBook", "/books", status, answer, media_type=media_type)
        return self

    def read(self, *answers: object, status: int = 200, media_type: str = JSON) -> Documented:
        """Answers to `readBook`."""
        for answer in answers:
            self.asked.ask("readBook", "/books/1", status, answer, media_type=media_type)
        return self

    def overlay(self, *missing: str) -> dict[str, Any]:
        """The overlay."""
        traffic = Traffic(self.asked.recording, self.asked.contract)
        return overlay_of(self.raw, "openapi.yaml", traffic, missing)

    def changes(self) -> list[Any]:
        """What the overlay's actions are, without their reasons."""
        actions = self.overlay()["actions"]
        return [(steps(action["target"]), action.get("update", "removed")) for action in actions]

    def findings(self, raw: dict[str, Any]) -> list[str]:
        """The requirements that fail by a document."""
        contract = loaded(self.folder, raw)
        judged = monitored_by(contract, Traffic(self.asked.recording, contract))
        return [outcome.requirement for outcome in judged if outcome.verdict is Verdict.FAIL]

    def left_by_the_overlay(self) -> list[str]:
        """The requirements that fail still when the overlay is applied; some fail before."""
        assert self.findings(self.raw)
        return self.findings(applied(self.raw, self.overlay()))


@pytest.fixture
def run(tmp_path: Path) -> Documented:
    return Documented(tmp_path, described())


def test_a_status_that_the_document_lacks_is_proposed_with_the_schema_of_a_like_answer(run: Documented) -> None:
    run.made(409, {"said": "taken"})

    assert run.changes() == [
        (
            ["paths", "/books", "post", "responses"],
            {
                "409": {
                    "description": "Conflict",
                    "content": {JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
        )
    ]
    assert run.left_by_the_overlay() == []


def test_a_status_is_proposed_with_the_type_of_its_answers_where_none_is_like_them(run: Documented) -> None:
    run.made(409, ["taken"]).made(202)

    assert [update for _, update in run.changes()] == [
        {"202": {"description": "Accepted"}},
        {"409": {"description": "Conflict", "content": {JSON: {"schema": {"type": "array"}}}}},
    ]
    assert run.left_by_the_overlay() == []


def test_a_media_type_is_proposed_where_the_answer_is_described_though_others_share_it(run: Documented) -> None:
    run.read(b"<p>No.</p>", status=404, media_type="text/html; charset=utf-8")

    assert run.changes() == [(["components", "responses", "Refused"], {"content": {"text/html": {"schema": {}}}})]
    assert "others refer to this answer too" in run.overlay()["actions"][0]["description"]
    assert run.left_by_the_overlay() == []


def test_a_member_that_always_has_another_type_gets_it(run: Documented) -> None:
    run.read({"year": "1815"}, {"year": "1922"})
    place = ["components", "schemas", "Book", "properties"]

    assert run.changes() == [
        ([*place, "year"], "removed"),
        (place, {"year": {"type": "string", "description": "of the first edition"}}),
    ]
    assert run.left_by_the_overlay() == []


def test_a_member_that_now_and_then_has_another_type_gets_it_too(run: Documented) -> None:
    run.read({"year": 1815}, {"year": "1922"}, {"year": "1923"})

    assert run.changes()[1][1] == {"year": {"anyOf": [BOOK["properties"]["year"], {"type": "string"}]}}
    assert run.left_by_the_overlay() == []


@pytest.mark.parametrize(
    "version,schema",
    [
        ("3.1.0", {"type": ["integer", "null"]}),
        ("3.0.3", {"type": "integer", "nullable": True}),
    ],
)
def test_a_member_that_may_be_null_may_be_so(tmp_path: Path, version: str, schema: dict[str, Any]) -> None:
    run = Documented(tmp_path, described(version)).read({"pages": 3}, {"pages": None}, {"pages": None})

    assert run.changes()[1][1] == {"pages": schema}
    assert run.left_by_the_overlay() == []


def test_what_a_reference_leads_to_stays_as_it_is(run: Documented) -> None:
    run.read({"shelf": None}, {"shelf": None})

    assert run.changes()[1][1] == {"shelf": {"anyOf": [{"$ref": "#/components/schemas/Shelf"}, {"type": "null"}]}}
    assert run.left_by_the_overlay() == []


def test_items_of_a_list_have_types_as_well(run: Documented) -> None:
    run.read({"tags": ["a", 1]}, {"tags": [2.0]})

    assert run.changes()[0] == (["components", "schemas", "Book", "properties", "tags", "items"], "removed")
    assert run.left_by_the_overlay() == []


@pytest.mark.parametrize(
    "answers,why",
    [
        ([{"year": "1815"}], "what it should be is not clear"),
        ([{"year": "1815"}, {"year": "1816"}, {"year": []}, {"year": []}], "what it should be is not clear"),
    ],
    ids=["seen once", "two other types"],
)
def test_what_is_not_clear_is_left_to_the_user(run: Documented, answers: list[object], why: str) -> None:
    overlay = run.read(*answers).overlay()

    assert overlay["actions"] == []
    assert why in overlay["info"]["description"]


def test_what_requests_have_too_is_left_to_the_user(run: Documented) -> None:
    overlay = run.made(201, {"year": "1815"}).made(201, {"year": "1816"}).overlay()

    assert overlay["actions"] == []
    assert "requests have it too" in overlay["info"]["description"]


def test_a_fault_of_the_server_is_none_of_the_document(run: Documented) -> None:
    assert run.made(500, {"said": "oh"}).read(status=503).overlay()["actions"] == []


def test_nothing_is_proposed_for_an_operation_that_is_not_there(run: Documented) -> None:
    run.made(405, {"said": "no"})

    assert len(run.overlay()["actions"]) == 1
    assert run.overlay("makeBook")["actions"] == []


def test_text_of_the_target_stands_nowhere(run: Documented) -> None:
    run.made(409, {"<script>": "x"}, media_type="text/<script>").made(418, "x", media_type="a/" + "b" * 999)
    run.read({"year": "<script>", "<script>": 1}, {"year": "\x1b[0m"})
    text = json.dumps(run.overlay(), ensure_ascii=False)

    assert "<script>" not in text
    assert "\x1b" not in text
    assert "bbb" not in text


def test_an_action_says_how_often_and_where_it_was_seen(run: Documented) -> None:
    overlay = run.made(409).made(409).made(409).made(409).overlay()

    assert overlay["overlay"] == "1.0.0"
    assert overlay["extends"] == "openapi.yaml"
    assert overlay["actions"][0]["description"] == (
        "POST /books answered 409, which the document does not have for it (seen 4 times: e0, e1, e2, …)."
    )


def test_there_are_at_most_so_many_changes(tmp_path: Path) -> None:
    paths = {
        f"/{n}": {"get": {"operationId": f"get{n}", "responses": {"200": {"description": "it"}}}} for n in range(60)
    }
    run = Documented(tmp_path, document(paths=paths))
    for number in range(60):
        for status in range(400, 410):
            run.asked.ask(f"get{number}", f"/{number}", status)
    overlay = run.overlay()

    assert len(overlay["actions"]) == 500
    assert "100 further changes have no room here." in overlay["info"]["description"]


@pytest.mark.parametrize("name", ["overlay.yaml", "overlay.json"])
def test_an_overlay_is_written_as_its_file_is_called(run: Documented, tmp_path: Path, name: str) -> None:
    source, path = tmp_path / "specs" / "openapi.json", tmp_path / "out" / name
    source.parent.mkdir()
    source.write_text(json.dumps(run.raw), "utf-8")
    traffic = Traffic(run.made(409).asked.recording, run.asked.contract)

    assert str(path) in write_overlay(source, "specs/openapi.json", path, traffic, ())
    written = path.read_text("utf-8")
    read = json.loads(written) if name.endswith("json") else yaml.safe_load(written)
    assert read == {**run.overlay(), "extends": "../specs/openapi.json"}


def test_nothing_is_written_where_nothing_is_proposed(run: Documented, tmp_path: Path) -> None:
    source, path = tmp_path / "openapi.json", tmp_path / "overlay.yaml"
    source.write_text(json.dumps(run.raw), "utf-8")
    traffic = Traffic(run.asked.recording, run.asked.contract)

    assert "no change of the document is proposed" in write_overlay(source, "", path, traffic, ())
    assert not path.exists()
    with pytest.raises(ReportNotWrittenError, match="No overlay can be written"):
        write_overlay(tmp_path / "gone.json", "", path, traffic, ())
