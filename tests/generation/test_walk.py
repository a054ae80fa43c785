"""The constraint walk over the operations of a document: every part of a request, the same every time."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from conformance.contract.contract import Contract, load_contract
from conformance.contract.conventions import Authentication, Conventions, Idempotency, Refusal
from conformance.contract.document import Document
from conformance.contract.requirements import Registry
from conformance.generation.cases import MisbuiltRequestError
from conformance.generation.walk import Walk, WalkStep, prove, walk

JSON = "application/json"
FORM = "multipart/form-data"
BEATRA = load_contract("beatra")
SONG = {
    "type": "object",
    "required": ["prompt"],
    "additionalProperties": False,
    "properties": {
        "prompt": {"type": "string", "minLength": 1, "maxLength": 20},
        "options": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"tune": {"type": "object", "additionalProperties": False, "properties": {"seed": {}}}},
        },
        "source": {"type": "object", "properties": {"id": {"type": "string"}}},
    },
}


def parameter(name: str, place: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"name": name, "in": place, "schema": schema, "required": place == "path", **more}


def contract(
    *parameters: dict[str, Any],
    body: dict[str, Any] | None = None,
    path: str = "/songs",
    required: bool = True,
    certain: bool = True,
    conventions: Conventions | None = None,
) -> Contract:
    """A document of one operation, with bodies by media type."""
    operation: dict[str, Any] = {"operationId": "say", "parameters": list(parameters), "responses": {"200": {}}}
    operation["x-certain"] = certain
    if body is not None:
        operation["requestBody"] = {"required": required, "content": body}
    return Contract(Document({"paths": {path: {"post": operation}}}), Registry(()), conventions or system())


def system(**more: Any) -> Conventions:  # noqa: ANN401 - members of the conventions
    return Conventions("acme", "Acme", "1.0", "openapi.yaml", (), **more)


def walk_of(found: Contract) -> Walk:
    return walk(found, found.document.operations["say"])


def steps(found: Contract) -> dict[str, WalkStep]:
    """The steps by their reason."""
    return {step.reason: step for step in walk_of(found).steps}


def left_out(found: Contract) -> dict[tuple[str, str], str]:
    return {(item.demand.id, item.side): item.why for item in walk_of(found).left_out}


def songs(**media: Any) -> Contract:  # noqa: ANN401 - members of the media type
    return contract(body={JSON: {"schema": SONG, **media}})


def sent(step: WalkStep) -> Any:  # noqa: ANN401 - any JSON value
    return json.loads(step.case().content)


def wire(found: Walk) -> list[tuple[object, ...]]:
    cases = [(step, step.case()) for step in found.steps]
    return [(step.id, case.method, case.path, case.headers, case.content, case.reason) for step, case in cases]


@pytest.mark.parametrize("operation_id", list(BEATRA.document.operations))
def test_the_same_document_gives_the_same_bytes(operation_id: str) -> None:
    again = replace(BEATRA, document=Document(json.loads(json.dumps(BEATRA.document.content))))

    first, second = (walk(found, found.document.operations[operation_id]) for found in (BEATRA, again))

    assert first is not second
    assert wire(first) == wire(second)


@pytest.mark.parametrize("operation_id", list(BEATRA.document.operations))
def test_no_request_is_made_twice_and_each_has_a_reason_and_an_id(operation_id: str) -> None:
    found = walk(BEATRA, BEATRA.document.operations[operation_id])

    assert len({(case[2], case[3], case[4]) for case in wire(found)}) == len(found.steps)
    assert len({step.id for step in found.steps}) == len(found.steps)
    assert all(step.reason for step in found.steps)


@pytest.mark.parametrize("operation_id", list(BEATRA.document.operations))
def test_every_side_of_every_constraint_is_tried_or_left_out_with_a_reason(operation_id: str) -> None:
    found = walk(BEATRA, BEATRA.document.operations[operation_id])
    tried = {name for step in found.steps for name in step.tries}
    skipped = {f"{item.demand.id} {item.side}" for item in found.left_out}

    assert tried | skipped == {f"{demand.id} {side}" for demand in found.demands for side in ("broken", "met")}


def test_what_is_certain_to_be_accepted_is_known_and_the_rest_is_odd() -> None:
    operation = BEATRA.document.operations["createTextToMusic"]
    media = operation.body[JSON]
    assert media.certain is not None
    narrow = BEATRA.document.validator(media.certain)

    found = walk(BEATRA, operation)

    assert found.only("valid")
    assert all(narrow.accepts(sent(step)) for step in found.only("valid"))
    assert {step.reason for step in found.only("odd")} >= {"prompt is null", "title is null"}


def test_an_unknown_key_in_a_nested_closed_object_is_sent() -> None:
    found = steps(songs())

    assert "unexpected" in sent(found["options has a key that it must not have, unexpected"])["options"]
    assert "unexpected" in sent(found["options.tune has a key that it must not have, unexpected"])["options"]["tune"]
    assert "unexpected" in sent(found["the body has a key that it must not have, unexpected"])


def test_a_documented_example_is_what_the_requests_are_made_of() -> None:
    found = steps(songs(example={"prompt": "calm piano"}))

    assert sent(found["the body is there"]) == {"prompt": "calm piano"}
    assert sent(found["prompt is a number, not of type string"]) == {"prompt": 12345}


def test_an_example_that_breaks_the_document_is_not() -> None:
    assert sent(steps(songs(example={"words": "calm piano"}))["the body is there"]) == {"prompt": "text"}


def test_a_body_is_left_out_cut_and_sent_as_something_else() -> None:
    found = steps(songs())
    kinds = {reason: dict(step.case().headers).get("Content-Type") for reason, step in found.items()}

    assert found["the body is missing"].case().content == b""
    assert kinds["the content type is text/plain, none of application/json"] == "text/plain"
    assert found["the body is JSON that stops before its end"].case().content == b'{"prompt": "text"'


def test_a_body_that_nobody_needs_may_be_left_out() -> None:
    assert "the body is missing" not in steps(contract(body={JSON: {"schema": SONG}}, required=False))


def test_a_content_type_that_is_allowed_is_not_taken_for_a_foreign_one() -> None:
    anything = contract(body={JSON: {"schema": SONG}, "text/*": {}, "application/*": {}})

    assert left_out(anything)["body/content", "broken"] == "every content type is allowed"


def test_parameters_are_broken_one_by_one() -> None:
    limit = parameter("limit", "query", {"type": "integer", "minimum": 1, "maximum": 100})
    order = parameter("order", "query", {"enum": ["asc", "desc"]}, required=True)
    found = {reason: step.case().path for reason, step in steps(contract(limit, order)).items()}

    assert found["limit is 0, one under 1 (query parameter)"] == "/songs?order=asc&limit=0"
    assert found["limit is 100 (query parameter)"] == "/songs?order=asc&limit=100"
    assert found["limit is a text, not of type integer (query parameter)"] == "/songs?order=asc&limit=text"
    assert found["the query parameter order is missing"] == "/songs"
    assert found['order is "desc" (query parameter)'] == "/songs?order=desc"


@pytest.mark.parametrize(
    "schema, keyword",
    [
        ({"type": "string"}, "type"),
        ({"type": "string", "minLength": 1}, "minLength"),
        ({"type": ["integer", "string"]}, "type"),
    ],
)
def test_what_reads_as_something_valid_breaks_nothing(schema: dict[str, Any], keyword: str) -> None:
    assert (f"query:word/{keyword}", "broken") in left_out(contract(parameter("word", "query", schema)))


def test_a_list_is_sent_as_a_parameter_for_each_item() -> None:
    schema = {"type": "array", "items": {"type": "integer", "maximum": 9}, "maxItems": 2}
    found = {reason: step.case().path for reason, step in steps(contract(parameter("n", "query", schema))).items()}

    assert found["n of exactly 2 items (query parameter)"] == "/songs?n=1&n=1"
    assert found["n one item over 2 (query parameter)"] == "/songs?n=1&n=1&n=1"
    assert found["n[0] is 10, one over 9 (query parameter)"] == "/songs?n=10"


def test_headers_and_cookies_are_parameters_too() -> None:
    tag = parameter("X-Tag", "header", {"type": "string", "pattern": "^[a-z]{3}$"}, example="abc")
    mood = parameter("mood", "cookie", {"enum": ["calm"]}, required=True)
    found = {reason: dict(step.case().headers) for reason, step in steps(contract(tag, mood)).items()}

    broken = found['X-Tag is "abc!", which does not match ^[a-z]{3}$ (header parameter)']
    assert broken == {"X-Tag": "abc!", "Cookie": "mood=calm"}
    assert found["the cookie parameter mood is missing"] == {}


def test_a_preference_that_the_document_lacks_is_odd_and_not_invalid() -> None:
    """RFC 7240, 2: a server passes over preferences that it does not know."""
    headers = [parameter(name, "header", {"enum": ["respond-async"]}) for name in ("Prefer", "X-Mode")]

    walked = walk_of(contract(*headers, body={JSON: {"schema": SONG}}))

    broken = {step.tries[0]: step.validity for step in walked.steps if step.tries[0].startswith("header:")}
    assert broken["header:Prefer/enum broken"] == "odd"
    assert broken["header:X-Mode/enum broken"] == "invalid"


def test_no_header_is_tried_that_holds_the_key_and_none_is_met_that_must_be_fresh() -> None:
    none = Refusal((401,), None)
    known = system(
        authentication=Authentication("X-Key", "Token", none, none),
        idempotency=Idempotency("X-Once", 60, ("say",), (409,)),
    )
    headers = [parameter(name, "header", {"type": "string", "pattern": "^[a-z]{3}$"}) for name in ("X-Key", "X-Once")]
    found = contract(*headers, conventions=known)

    sent_headers = [dict(step.case().headers) for step in walk_of(found).steps]
    assert [set(item) for item in sent_headers] == [{"X-Once"}]
    assert left_out(found)["header:X-Key/pattern", "broken"] == "the client itself sets this header"
    assert left_out(found)["header:X-Once/pattern", "met"] == "the client sends another value with every request"


def test_a_form_is_broken_field_by_field() -> None:
    schema = {
        "type": "object",
        "required": ["file"],
        "additionalProperties": False,
        "properties": {
            "file": {"type": "string", "format": "binary"},
            "purpose": {"type": "string", "enum": ["reference", "cover"]},
            "seconds": {"type": "integer", "maximum": 90},
        },
        "example": {"file": "abcd", "purpose": "cover", "seconds": 5},
    }
    found = {reason: step.case().content for reason, step in steps(contract(body={FORM: {"schema": schema}})).items()}

    assert b'name="file"; filename="file"' in found["the body is there"]
    assert b'name="file"' not in found["file is missing"]
    assert b'name="unexpected"' in found["the body has a key that it must not have, unexpected"]
    assert b"\r\n91\r\n" in found["seconds is 91, one over 90"]
    assert b"reference-not" in found['purpose is "reference-not", none of reference, cover']


def test_a_value_from_the_target_takes_the_place_of_a_made_up_one() -> None:
    task = parameter("task", "path", {"type": "string", "pattern": "^t[0-9]$"})
    found = steps(contract(task, path="/tasks/{task}", body={JSON: {"schema": {"type": "object"}}}))

    assert found["the body is missing"].case({"task": "t7"}).path == "/tasks/t7"
    assert found["the body is a number, not of type object"].case({"task": "t7"}).path == "/tasks/t7"


def test_but_never_where_it_would_mend_what_is_broken() -> None:
    task = parameter("task", "path", {"type": "string", "pattern": "^t[0-9]$"}, example="t1")
    handed = {"/source/id": "given"}
    paths = [step.case({"task": "t7"}).path for step in walk_of(contract(task, path="/tasks/{task}")).steps]
    found = steps(songs(example={"prompt": "calm", "source": {"id": "made-up"}}))

    assert "/tasks/t1%21" in paths
    assert json.loads(found["prompt is a number, not of type string"].case(None, handed).content)["source"] == {
        "id": "given"
    }
    assert json.loads(found["source.id is a number, not of type string"].case(None, handed).content)["source"] == {
        "id": 12345
    }


def test_an_operation_that_nobody_can_be_refused_at_has_only_odd_violations() -> None:
    limit = parameter("limit", "query", {"type": "integer", "maximum": 9})

    assert {step.validity for step in walk_of(contract(limit)).steps if step.breaks} == {"odd"}
    assert {step.validity for step in walk_of(contract(limit, body={JSON: {"schema": SONG}})).steps if step.breaks} == {
        "invalid"
    }


def test_a_request_for_something_by_a_made_up_name_is_not_certain_to_be_accepted() -> None:
    body = {JSON: {"schema": {"type": "object"}}}
    made_up = contract(parameter("task", "path", {"type": "string"}), path="/tasks/{task}", body=body)
    listed = contract(parameter("task", "path", {"enum": ["first"]}), path="/tasks/{task}", body=body)

    assert walk_of(made_up).only("valid") == ()
    assert walk_of(listed).only("valid")


def test_where_no_request_is_certain_to_be_accepted_none_is_valid() -> None:
    found = walk_of(contract(body={JSON: {"schema": SONG}}, certain=False))

    assert found.only("valid") == ()
    assert found.only("invalid")


@pytest.mark.parametrize("reason", ["prompt is missing", "the body is there"])
def test_a_step_that_does_not_do_what_it_says_is_an_error_of_the_suite(reason: str) -> None:
    step = steps(songs())[reason]
    turned = replace(step, tries=(f"body:{JSON}/type {'met' if step.breaks else 'broken'}",), id=f"body:{JSON}/type")

    prove(step.frame.schemas, step)
    with pytest.raises(MisbuiltRequestError, match=f"does not do what it says: {reason}"):
        prove(step.frame.schemas, turned)


def test_without_a_valid_request_nothing_is_sent_and_the_reason_is_given() -> None:
    impossible = {"type": "integer", "minimum": 5, "maximum": 3}
    found = contract(parameter("n", "query", impossible, required=True), body={JSON: {"schema": SONG}})

    assert walk_of(found).steps == ()
    assert set(left_out(found).values()) == {
        "no valid request is known: the parameter n could not be made up",
        "no valid request is known in which it applies",
    }
