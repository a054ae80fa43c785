"""One reading of an answer: what became of a request, by the rules of its system or by the status alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.contract.conventions import parse_conventions
from conformance.contract.errors import InvalidContractError
from conformance.contract.files import check_against_schema
from conformance.contract.outcomes import Outcome, by_status
from tests.contract.described import document, loaded, operation

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.contract.conventions import Conventions
    from conformance.contract.outcomes import Interpretation

NAMES: Final = {"system": "s", "title": "S", "contract_version": "1", "document": "d", "surfaces": ["a"]}
CODE: Final = "/base/code"
# An API that says its errors inside HTTP 200, with numbers for codes.
INSIDE: Final = [
    {"outcome": "accepted", "status": "2xx", "body": {CODE: [0]}},
    {"outcome": "unauthenticated", "body": {CODE: [1004, 2049]}},
    {"outcome": "throttled", "body": {CODE: [1002]}},
    {"outcome": "unpaid", "body": {CODE: [1008]}},
    {"outcome": "refused", "body": {CODE: [2013]}},
]
SHAPE: Final = {"object": "/base", "code": CODE, "message": "/base/text", "numeric": True}


def conventions(**parts: Any) -> Conventions:  # noqa: ANN401 - any JSON value
    content = {**NAMES, **parts}
    check_against_schema(content, "conventions", "conventions.yaml")  # type: ignore[arg-type] # shown in sentences only
    return parse_conventions(content)


def read(known: Conventions, body: object, status: int = 200, operation_id: str | None = None) -> Interpretation:
    return known.interpreter.read(operation_id, status, lambda: body)


@pytest.mark.parametrize(
    "status, outcome",
    [
        (200, Outcome.ACCEPTED),
        (204, Outcome.ACCEPTED),
        (400, Outcome.REFUSED),
        (401, Outcome.UNAUTHENTICATED),
        (402, Outcome.UNPAID),
        (403, Outcome.FORBIDDEN),
        (404, Outcome.NOT_FOUND),
        (409, Outcome.CONFLICT),
        (410, Outcome.NOT_FOUND),
        (422, Outcome.REFUSED),
        (429, Outcome.THROTTLED),
        (500, Outcome.FAILED),
        (503, Outcome.FAILED),
        (101, Outcome.UNCLEAR),
        (303, Outcome.UNCLEAR),
        (None, Outcome.NO_ANSWER),
    ],
)
def test_without_conventions_a_status_means_what_it_means_to_http(status: int | None, outcome: Outcome) -> None:
    assert by_status(status).outcome is outcome


@pytest.mark.parametrize(
    "code, outcome",
    [
        (0, Outcome.ACCEPTED),
        (1004, Outcome.UNAUTHENTICATED),
        ("1004", Outcome.UNAUTHENTICATED),
        (1002, Outcome.THROTTLED),
        (1008, Outcome.UNPAID),
        (2013, Outcome.REFUSED),
    ],
)
def test_a_code_in_the_body_decides_behind_http_200(code: object, outcome: Outcome) -> None:
    found = read(conventions(outcomes=INSIDE, errors=SHAPE), {"base": {"code": code, "text": "no"}})

    assert (found.outcome, found.pointer) == (outcome, CODE)


def test_a_success_by_its_status_that_no_rule_accepts_is_unclear() -> None:
    known = conventions(outcomes=INSIDE)

    assert read(known, {"base": {"code": 7777}}).outcome is Outcome.UNCLEAR
    assert read(known, None).outcome is Outcome.UNCLEAR


def test_what_no_rule_covers_is_read_by_its_status() -> None:
    assert read(conventions(outcomes=INSIDE), None, 500).outcome is Outcome.FAILED
    assert read(conventions(outcomes=INSIDE), None, 404).outcome is Outcome.NOT_FOUND


def test_the_first_rule_that_holds_decides() -> None:
    rules = [
        {"outcome": "unpaid", "status": [200, "4xx"], "body": {"/a": [True]}},
        {"outcome": "refused", "status": 200},
    ]

    assert read(conventions(outcomes=rules), {"a": True}).outcome is Outcome.UNPAID
    assert read(conventions(outcomes=rules), {"a": 1}).outcome is Outcome.REFUSED


def test_null_is_also_what_is_not_there() -> None:
    rules = [{"outcome": "accepted", "status": 200, "body": {"/error": [None]}}]

    assert read(conventions(outcomes=rules), {"song": 1}).outcome is Outcome.ACCEPTED
    assert read(conventions(outcomes=rules), {"error": {}}).outcome is Outcome.UNCLEAR


def test_an_operation_may_have_rules_of_its_own_before_those_of_the_system() -> None:
    known = conventions(
        outcomes=INSIDE,
        operations={"upload": {"outcomes": [{"outcome": "accepted", "status": 200, "body": {"/id": ["a"]}}]}},
    )

    assert read(known, {"id": "a"}, operation_id="upload").outcome is Outcome.ACCEPTED
    assert read(known, {"id": "a"}, operation_id="other").outcome is Outcome.UNCLEAR
    assert read(known, {"base": {"code": 1008}}, operation_id="upload").outcome is Outcome.UNPAID


def test_a_numeric_code_is_kept_as_text_with_its_message() -> None:
    found = read(conventions(outcomes=INSIDE, errors=SHAPE), {"base": {"code": 1008, "text": "empty"}})

    assert (found.code, found.message, found.shape) == ("1008", "empty", 0)


def test_of_several_shapes_the_one_whose_code_is_there_is_valid() -> None:
    known = conventions(errors=[SHAPE, {"object": "/error", "code": "/error/kind", "message": "/error/text"}])
    found = read(known, {"error": {"kind": "bad", "text": "no"}}, 400)
    shape = known.shape(found)

    assert (found.code, found.shape) == ("bad", 1)
    assert shape is not None
    assert shape.code == "/error/kind"


def test_the_table_of_codes_may_have_numbers() -> None:
    known = conventions(errors={**SHAPE, "codes": [{"code": 1008, "status": [200]}]})

    assert known.errors is not None
    assert known.errors.codes["1008"].has(200)


@pytest.mark.parametrize("body", [[], "text", 3, None, {"base": []}, {"base": {"code": {"deep": 1}}}])
def test_whatever_stands_in_the_body_it_is_read(body: object) -> None:
    assert read(conventions(outcomes=INSIDE, errors=SHAPE), body, 400).outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    "part",
    [
        {"outcomes": [{"outcome": "fine", "status": 200}]},
        {"outcomes": [{"outcome": "accepted"}]},
        {"outcomes": [{"outcome": "accepted", "status": "20x"}]},
        {"operations": {"a": {"price": "free"}}},
        {"operations": {"a": {"stream": {"format": "sse"}}}},
        {"money": {"unit": "coins", "charged": "/paid"}},
    ],
    ids=json.dumps,
)
def test_what_can_not_be_read_breaks_the_schema(part: dict[str, object]) -> None:
    with pytest.raises(InvalidContractError, match="breaks its schema"):
        conventions(**part)


def test_operations_are_those_of_the_document(tmp_path: Path) -> None:
    made = document(paths={"/things": {"post": operation({"type": "object"})}})

    assert loaded(tmp_path, made, {"operations": {"makeThing": {"price": "2"}}}).conventions.pricing is not None
    with pytest.raises(InvalidContractError, match="lacks: makeSong"):
        loaded(tmp_path, made, {"operations": {"makeSong": {"price": "2"}}})
