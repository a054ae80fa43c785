"""Requests drawn from a document: the same for the same seed, valid or invalid as they claim to be."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from conformance.contract.contract import load_contract
from conformance.generation.cases import Case, Drawing, draw_unusual, draw_valid
from tests.contract.described import document, loaded

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = load_contract("beatra").document
OPERATIONS = tuple(DOCUMENT.operations)
WITH_BODY = tuple(o.id for o in DOCUMENT.operations.values() if "application/json" in o.body)
SEEDS = (0, 1, 2**32 - 1)
_BOUNDARY = re.compile(r"boundary=(?P<boundary>\S+)")


@cache
def valid(operation_id: str, seed: int, count: int = 8) -> tuple[Case, ...]:
    return draw_valid(DOCUMENT, DOCUMENT.operations[operation_id], Drawing(seed, count))


@cache
def unusual(operation_id: str, seed: int, count: int = 8) -> tuple[Case, ...]:
    return draw_unusual(DOCUMENT, DOCUMENT.operations[operation_id], Drawing(seed, count))


def wire(cases: tuple[Case, ...]) -> list[tuple[object, ...]]:
    """What is sent for each case, but for the boundary of a form, which is drawn anew every time."""
    return [(case.method, case.path, *_unbounded(case), case.validity, case.reason) for case in cases]


def fits(operation_id: str, content: bytes) -> bool:
    """Whether the document allows a body."""
    operation = DOCUMENT.operations[operation_id]
    if not content:
        return not operation.body_required
    try:
        return DOCUMENT.validator(operation.body["application/json"].schema).accepts(json.loads(content))
    except ValueError:
        return False


def _unbounded(case: Case) -> tuple[object, ...]:
    headers = json.dumps(case.headers)
    found = _BOUNDARY.search(dict(case.headers).get("Content-Type", ""))
    if found is None:
        return headers, case.content
    boundary = found["boundary"]
    return headers.replace(boundary, "B"), case.content.replace(boundary.encode(), b"B")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_the_same_seed_draws_the_same_bytes(operation_id: str, seed: int) -> None:
    again = Drawing(seed, 8)
    operation = DOCUMENT.operations[operation_id]

    assert wire(draw_valid(DOCUMENT, operation, again)) == wire(valid(operation_id, seed))
    assert wire(draw_unusual(DOCUMENT, operation, again)) == wire(unusual(operation_id, seed))


@pytest.mark.parametrize("operation_id", WITH_BODY)
def test_another_seed_draws_other_requests(operation_id: str) -> None:
    assert wire(unusual(operation_id, 0)) != wire(unusual(operation_id, 1))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_no_more_are_drawn_than_were_asked_for_and_all_differ(operation_id: str, seed: int) -> None:
    for cases in (valid(operation_id, seed), unusual(operation_id, seed)):
        assert 1 <= len(cases) <= 8
        assert len({(case.path, case.content) for case in cases}) == len(cases)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_every_case_reaches_the_operation_that_it_was_drawn_for(operation_id: str, seed: int) -> None:
    for case in valid(operation_id, seed):
        matched = DOCUMENT.match(case.method, case.path.partition("?")[0])
        assert matched is DOCUMENT.operations[operation_id]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("operation_id", WITH_BODY)
def test_valid_bodies_fit_the_document(operation_id: str, seed: int) -> None:
    contents = [case.content for case in valid(operation_id, seed)]

    assert [content for content in contents if not fits(operation_id, content)] == []
    assert {case.validity for case in valid(operation_id, seed)} == {"valid"}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("operation_id", WITH_BODY)
def test_invalid_bodies_break_the_document_and_say_how(operation_id: str, seed: int) -> None:
    invalid = [case for case in unusual(operation_id, seed) if case.validity == "invalid"]

    assert all(case.reason for case in invalid)
    assert [case.content for case in invalid if fits(operation_id, case.content)] == []


@pytest.mark.parametrize("operation_id", WITH_BODY)
def test_some_unusual_requests_are_invalid_for_certain(operation_id: str) -> None:
    assert "invalid" in {case.validity for seed in SEEDS for case in unusual(operation_id, seed)}


def test_an_id_that_was_handed_over_takes_the_place_of_a_drawn_one() -> None:
    operation = DOCUMENT.operations["getTask"]

    cases = draw_valid(DOCUMENT, operation, Drawing(1, 3), {"task_id": "tsk_given"})

    assert {case.path for case in cases} == {"/tasks/tsk_given"}


@pytest.mark.parametrize("style", ["form", "pipeDelimited", "spaceDelimited"])
def test_lists_in_the_query_may_stand_in_one_text(style: str, tmp_path: Path) -> None:
    items = {"type": "array", "items": {"enum": ["name", "area"]}, "minItems": 2}
    given = {"name": "members", "in": "query", "required": True, "style": style, "explode": False, "schema": items}
    answers = {"200": {"description": "things"}}
    listing = {"get": {"operationId": "listThings", "parameters": [given], "responses": answers}}
    known = loaded(tmp_path, document(paths={"/things": listing})).document

    cases = draw_valid(known, known.operations["listThings"], Drawing(1, 4))

    assert cases
    assert all(case.path.startswith("/things?members=") for case in cases)
