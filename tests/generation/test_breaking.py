"""A drawn request with one rule of the document broken: which one is drawn, all else stays as it was."""

from __future__ import annotations

import json
from functools import cache
from random import Random

import pytest

from conformance.contract.contract import load_contract
from conformance.contract.document import Document
from conformance.generation.breaking import broken
from conformance.generation.cases import Case, Drawing, draw_valid

DOCUMENT = load_contract("beatra").document
SONG = DOCUMENT.operations["createTextToMusic"]
FORM = DOCUMENT.operations["createUpload"]


@cache
def drawn() -> tuple[Case, ...]:
    return draw_valid(DOCUMENT, SONG, Drawing(seed=5, count=30))


def problems(case: Case) -> list[tuple[str, str]]:
    return list(DOCUMENT.validator(SONG.body["application/json"].schema).problems(json.loads(case.content)))


def broken_ones(seed: int) -> list[Case]:
    random = Random(seed)
    return [case for case in (broken(DOCUMENT, SONG, valid, random) for valid in drawn()) if case is not None]


def test_every_one_breaks_the_document_and_says_how() -> None:
    cases = broken_ones(seed=1)

    assert len(cases) == len(drawn())
    assert all(problems(case) and case.reason and case.validity == "invalid" for case in cases)


def test_what_is_broken_differs_from_one_to_the_next() -> None:
    assert len({case.reason for case in broken_ones(seed=1)}) > 10


def test_the_rest_stays_as_it_was_drawn() -> None:
    kept = 0
    for valid, wrong in zip(drawn(), broken_ones(seed=2), strict=True):
        before, after = json.loads(valid.content), json.loads(wrong.content)
        if isinstance(after, dict):
            kept += all(after[name] == value for name, value in before.items() if name in after) or (
                sum(after[name] != value for name, value in before.items() if name in after) == 1
            )

    assert kept > len(drawn()) / 2


def test_the_same_seed_breaks_the_same() -> None:
    assert broken_ones(seed=3) == broken_ones(seed=3)


def test_a_form_is_left_alone() -> None:
    (form, *_) = draw_valid(DOCUMENT, FORM, Drawing(seed=5, count=1))

    assert broken(DOCUMENT, FORM, form, Random(1)) is None


@pytest.mark.parametrize("media_type", ["application/json", "application/json; charset=utf-8"])
def test_parameters_of_a_media_type_do_not_matter(media_type: str) -> None:
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    body = {"required": True, "content": {media_type: {"schema": schema}}}
    operation = {"operationId": "make", "requestBody": body, "responses": {"200": {"description": "…"}}}
    document = Document({"paths": {"/made": {"post": operation}}})
    case = Case("make", "POST", "/made", (("Content-Type", media_type),), b'{"n": 1}', "valid")

    wrong = broken(document, document.operations["make"], case, Random(1))

    assert wrong is not None
    assert not document.validator(schema).accepts(json.loads(wrong.content))
