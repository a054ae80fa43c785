"""The contract of Beatoven: its files agree with each other, with the collected document, and with its examples."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from conformance.contract.contract import load_contract
from conformance.contract.files import check_against_schema, read_yaml, system_folder
from conformance.generation.cases import Drawing, draw_valid
from conformance.monitors.registry import MONITORS
from conformance.suite.beatoven.conftest import DOCUMENTED

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTRACT = load_contract("beatoven")
FOLDER = system_folder("beatoven")
REQUIREMENTS = read_yaml(FOLDER / "requirements.yaml")
(SEED,) = read_yaml(FOLDER / "seeds.yaml")["files"]
# Examples of the documents, comments removed.
EXAMPLES: Final[Mapping[str, str]] = {
    "request of composeTrack": """
        {"prompt": {"text": "30 seconds peaceful lo-fi chill hop track"}, "format": "wav", "looping": false}""",
    "answer of composeTrack": """{"status": "started", "task_id": "ccb84650-7b4a-4d00-9f80-8a6427ca21aa_1"}""",
    "answer of getTask": """
        {"status": "composed", "meta": {
           "project_id": "3ade3151-372d-4ac8-b1ef-866a67ef0875",
           "track_id": "ccb84650-7b4a-4d00-9f80-8a6427ca21aa",
           "prompt": {"text": "30 seconds peaceful lo-fi chill hop track"}, "version": 1,
           "track_url": "<url-of-the-composed-track>",
           "stems_url": {"bass": "<url-of-the-bass-track>", "chords": "<url-of-the-chords-track>",
              "melody": "<url-of-the-melody-track>", "percussion": "<url-of-the-percussion-track>"}}}""",
    "request of createTrack": """{"prompt": {"text": "30 seconds peaceful lo-fi chill hop track"}}""",
    "answer of createTrack": """{"status": "created", "tracks": ["ccb84650-7b4a-4d00-9f80-8a6427ca21aa"]}""",
    "request of composeCreatedTrack": """{"format": "wav", "looping": false}""",
    "answer of composeCreatedTrack": """
        {"status": "started", "task_id": "ccb84650-7b4a-4d00-9f80-8a6427ca21aa_1"}""",
}
_JSON: Final = "application/json"


@pytest.mark.parametrize("name", ["requirements", "conventions", "seeds"])
def test_files_keep_to_their_schemas(name: str) -> None:
    check_against_schema(read_yaml(FOLDER / f"{name}.yaml"), name, FOLDER / f"{name}.yaml")


def test_the_document_is_valid() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(dict(CONTRACT.document.content)).iter_errors()] == []


@pytest.mark.parametrize("what", EXAMPLES)
def test_the_documents_own_examples_pass_through_the_validators(what: str) -> None:
    part, _, operation_id = what.partition(" of ")
    operation = CONTRACT.document.operations[operation_id]
    if part == "request":
        validator = CONTRACT.document.validator(operation.body[_JSON].schema)
    else:
        answer = operation.answer(200)
        assert answer is not None
        validator = answer.content[_JSON]

    assert list(validator.problems(json.loads(EXAMPLES[what]))) == []


def test_the_suite_sends_the_documented_example() -> None:
    assert json.loads(EXAMPLES["request of composeTrack"]) == DOCUMENTED


@pytest.mark.parametrize("body", [{"prompt": "a text"}, {"prompt": {"text": "x"}, "format": "ogg"}, {"format": "wav"}])
def test_other_bodies_do_not(body: object) -> None:
    validator = CONTRACT.document.validator(CONTRACT.document.operations["composeTrack"].body[_JSON].schema)

    assert list(validator.problems(body))


def test_drawn_requests_fit_the_document() -> None:
    operation = CONTRACT.document.operations["composeTrack"]
    validator = CONTRACT.document.validator(operation.body[_JSON].schema)
    drawn = [json.loads(case.content) for case in draw_valid(CONTRACT.document, operation, Drawing(1, 20))]

    assert {body.get("format") for body in drawn} == {None, "mp3", "aac", "wav"}
    assert [problem for body in drawn for problem in validator.problems(body)] == []


def test_nothing_is_derived_for_what_is_going_to_be_withdrawn() -> None:
    derived = {requirement.operation for requirement in CONTRACT.registry if requirement.operation}

    assert derived == {"composeTrack", "getTask"}


def test_ids_are_numbered_without_gaps() -> None:
    areas: dict[str, list[int]] = {}
    for requirement in REQUIREMENTS["requirements"]:
        area, _, number = requirement["id"].rpartition("-")
        areas.setdefault(area, []).append(int(number))

    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in areas.values())


def test_sources_and_observations_name_listed_documents_and_leave_none_unused() -> None:
    named = {source["document"] for each in REQUIREMENTS["requirements"] for source in each["sources"]}
    named |= {document for each in REQUIREMENTS["observations"] for document in each["documents"]}

    assert named == REQUIREMENTS["documents"].keys()


def test_what_no_normative_document_states_is_provisional() -> None:
    normative = {tag for tag, document in REQUIREMENTS["documents"].items() if document.get("normative", True)}
    unfounded = [
        each["id"]
        for each in REQUIREMENTS["requirements"]
        if not each.get("provisional") and not {source["document"] for source in each["sources"]} & normative
    ]

    assert unfounded == []


def test_monitors_that_judge_are_known() -> None:
    assert {each.monitor for each in CONTRACT.registry if each.monitor} <= MONITORS.keys()


def test_what_the_suite_observes_is_a_question_of_the_registry() -> None:
    source = "".join(path.read_text("utf-8") for path in _suite().glob("*.py"))
    questions = {observation["id"] for observation in REQUIREMENTS["observations"]}

    assert set(re.findall(r"BEATOVEN-OBS(?:-[A-Z0-9]+)+", source)) == questions


def _suite() -> Path:
    return FOLDER.parents[1] / "conformance" / "suite" / "beatoven"


class TestTheTableOfTheSeed:
    """Every line of the collected document has requirements or a reason why it has none."""

    def lines(self) -> dict[int, tuple[str, set[str]]]:
        """Digest and requirements of each line, by its number."""
        return {
            number: (digest, set(group.get("requirements", ())))
            for group in SEED["groups"]
            for number, digest in enumerate(group["sha256"], group["first"])
        }

    def test_has_every_line(self) -> None:
        assert list(self.lines()) == list(range(1, SEED["lines"] + 1))

    def test_has_the_digests_of_the_lines(self) -> None:
        beside = Path(__file__).resolve().parents[3] / "shared" / "seeds"
        path = Path(os.environ.get("CONFORMANCE_SEEDS") or beside) / SEED["file"]
        if not path.is_file():
            pytest.skip("the collected documents are not here; CONFORMANCE_SEEDS names their folder")
        content = path.read_bytes()

        assert hashlib.sha256(content).hexdigest() == SEED["sha256"]
        digests = [hashlib.sha256(line).hexdigest() for line in content.removesuffix(b"\n").split(b"\n")]
        assert digests == [digest for digest, _ in self.lines().values()]

    def test_agrees_with_the_sources_of_requirements(self) -> None:
        named: dict[int, set[str]] = {}
        for requirement in REQUIREMENTS["requirements"]:
            for source in requirement["sources"]:
                if "seed" in source:
                    named.setdefault(int(source["seed"].rpartition(":")[2]), set()).add(requirement["id"])

        assert {number: names for number, (_, names) in self.lines().items() if names} == named
