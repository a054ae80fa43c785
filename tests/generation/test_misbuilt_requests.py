"""The suite indicts itself: a request that it built as valid, but that breaks the document, is its own error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.document import Document
from conformance.generation.cases import Drawing, MisbuiltRequestError, draw_valid
from conformance.plugin.outcomes import verdict_of
from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from conformance.contract.document import Certainty

DRAWING = Drawing(seed=1, count=5)
ALLOWED_BODY = {"type": "object", "required": ["words"], "properties": {"words": {"type": "string", "maxLength": 3}}}
ALLOWED_SIZE = {"type": "integer", "maximum": 3}


def document(certain_body: dict[str, Any], certain_size: Certainty) -> Document:
    """An operation that allows little, and what is claimed to be accepted for certain."""
    size = {"name": "size", "in": "query", "required": True, "schema": ALLOWED_SIZE, "x-certain": certain_size}
    media = {"schema": ALLOWED_BODY, "x-certain": certain_body}
    operation = {
        "operationId": "say",
        "parameters": [size],
        "requestBody": {"required": True, "content": {"application/json": media}},
        "responses": {"200": {"description": "Said."}},
    }
    head = {"openapi": "3.1.0", "info": {"title": "Words", "version": "1"}}
    return Document({**head, "paths": {"/words": {"post": operation}}})


def draw(certain_body: dict[str, Any], certain_size: Certainty) -> int:
    """How many valid requests could be drawn."""
    drawn_from = document(certain_body, certain_size)
    return len(draw_valid(drawn_from, drawn_from.operations["say"], DRAWING))


WORDS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["words"],
    "properties": {"words": {"enum": ["a", "b", "c"]}},
}
SIZE = {"type": "integer", "enum": [1, 2, 3]}


def test_requests_that_fit_the_document_are_drawn() -> None:
    assert draw(WORDS, SIZE) == DRAWING.count


@pytest.mark.parametrize(
    "certain, rule",
    [
        (WORDS | {"properties": {"words": {"const": 5}}}, '5 is not of type "string" (at /words)'),
        (WORDS | {"properties": {"words": {"const": "long"}}}, '"long" is longer than 3 characters (at /words)'),
        (WORDS | {"required": [], "maxProperties": 0}, '"words" is a required property (at the top)'),
        ({"type": "null"}, 'null is not of type "object" (at the top)'),
    ],
)
def test_a_body_that_breaks_the_document_is_never_handed_over(certain: dict[str, Any], rule: str) -> None:
    with pytest.raises(MisbuiltRequestError) as caught:
        draw(certain, SIZE)

    assert str(caught.value) == f"A request built as valid for say breaks the document: {rule}."


@pytest.mark.parametrize(
    "certain, rule",
    [
        ({"type": "integer", "const": 4}, "4 is greater than the maximum of 3"),
        ({"type": "string", "const": "much"}, '"much" is not of type "integer"'),
    ],
)
def test_a_query_that_breaks_the_document_is_never_handed_over(certain: dict[str, Any], rule: str) -> None:
    with pytest.raises(MisbuiltRequestError) as caught:
        draw(WORDS, certain)

    assert str(caught.value) == f"A request built as valid for say breaks the document: {rule} (the parameter size)."


def test_a_required_parameter_that_is_never_certain_leaves_nothing_valid_to_draw() -> None:
    with pytest.raises(MisbuiltRequestError, match="the parameter size is missing"):
        draw(WORDS, certain_size=False)


def test_such_a_request_is_an_error_of_the_suite_and_no_fail_of_the_target() -> None:
    def scenario() -> None:
        draw({"type": "null"}, SIZE)

    verdict, reason = verdict_of(pytest.CallInfo.from_call(scenario, "setup"))

    assert verdict is Verdict.ERROR
    assert "MisbuiltRequestError" in reason
