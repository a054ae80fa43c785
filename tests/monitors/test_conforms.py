"""The derived requirement that responses conform to the document, and what it leaves to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.contract.requirements import Place, Requirement, derived_id
from conformance.monitors.registry import judge
from tests.monitors.factory import Talk, cost, fault, sentences, song
from tests.monitors.sample import contract, rule

if TYPE_CHECKING:
    from conformance.monitors.monitor import MonitorResult


def conforming(talk: Talk, operation: str, *written: Requirement) -> MonitorResult:
    judged_by = contract(*written)
    return judge(judged_by.registry[derived_id("sample", operation, "conforms")], talk.traffic(judged_by))


def test_an_answer_as_documented_conforms() -> None:
    talk = Talk()
    read = talk.get(song(cost=cost(), extra=1))
    talk.say("getSong", 418, fault())

    judged = conforming(talk, "getSong")

    assert (judged.exercised, judged.findings) == (2, ())
    assert read in judged.witnesses


@pytest.mark.parametrize(
    "status, answer, headers, sentence",
    [
        (203, song(), {}, "a status that the document has for getSong (200, 429, 4XX, 5XX), got 203"),
        (
            200,
            song(),
            {"Content-Type": "text/html"},
            'the media type application/json for the 200 to getSong, got "text/html"',
        ),
        (200, b"<p>", {}, "a JSON body in the 200 to getSong, got '<p>'"),
        (200, None, {}, "a body in the 200 to getSong, got nothing"),
        (
            200,
            {"song": "s1"},
            {},
            'the top of the 200 to getSong as the document has it, but "state" is a required property',
        ),
        (200, song(model=5), {}, '/model of the 200 to getSong as the document has it, but 5 is not of type "string"'),
        (404, {}, {}, 'the top of the 404 to getSong as the document has it, but "fault" is a required property'),
    ],
)
def test_an_answer_that_the_document_does_not_describe_is_a_finding(
    status: int, answer: object, headers: dict[str, str], sentence: str
) -> None:
    talk = Talk()
    talk.say("getSong", status, answer, headers=headers)

    assert sentences(conforming(talk, "getSong")) == [f"expected {sentence}"]


def test_a_required_header_must_be_there() -> None:
    talk = Talk()
    talk.get(song())
    bare = talk.exchanges[0].response
    assert bare is not None
    object.__setattr__(bare.headers, "items", (("Content-Type", "application/json"),))

    assert sentences(conforming(talk, "getSong")) == ["expected the header X-Trace in the 200 to getSong, got nothing"]
    assert conforming(talk, "getSong", rule("request-id-present")).findings == ()
    assert conforming(talk, "getSong", rule("envelope", Place(header="x-trace"))).findings == ()


def test_media_types_may_be_ranges_and_an_answer_may_have_no_content() -> None:
    talk = Talk()
    talk.say("getAudio", 200, b"la", headers={"Content-Type": "Audio/WAV"})
    talk.say("getAudio", 204)
    talk.say("getAudio", 200, b"la", headers={"Content-Type": "text/plain"})

    judged = conforming(talk, "getAudio")

    assert judged.exercised == 3
    assert sentences(judged) == ['expected the media type audio/* for the 200 to getAudio, got "text/plain"']


def test_too_many_requests_other_operations_and_other_methods_are_not_judged() -> None:
    talk = Talk()
    talk.say("getSong", 429, b"?")
    talk.say("createSong", 200, b"?")
    talk.say("getSong", 200, b"?", method="DELETE")

    assert conforming(talk, "getSong").exercised == 0


@pytest.mark.parametrize(
    "answer, owner",
    [
        (song("Working"), rule("task-states")),
        ({"song": "s1"}, rule("task-states")),
        (song(cost=cost(30)), rule("amount-format")),
        (song(result=5), rule("price", Place(operation="getSong", pointer="/result"))),
        (song(cost={"note": 5}), rule("price", Place(operation="getSong", statuses=("2XX",), pointer="/cost"))),
        ({"song": 5, "state": "done"}, rule("price", Place(pointer="/song"))),
    ],
)
def test_an_owned_place_is_left_to_its_owner(answer: object, owner: Requirement) -> None:
    talk = Talk()
    talk.get(answer)

    assert len(conforming(talk, "getSong").findings) == 1
    assert conforming(talk, "getSong", owner).findings == ()


def test_a_fault_beside_an_owned_place_is_still_found() -> None:
    talk = Talk()
    talk.get(song("Working", model=5, cost=cost(30, note=7)))

    owners = (rule("task-states"), rule("amount-format"))

    assert [sentence.partition(" of ")[0] for sentence in sentences(conforming(talk, "getSong", *owners))] == [
        "expected /cost",
        "expected /model",
    ]


def test_the_places_of_tasks_in_a_page_belong_to_the_same_owners() -> None:
    talk = Talk()
    talk.list(song("Working"), song(name="s2", cost=cost(30)), {"song": "s3"})

    assert conforming(talk, "listSongs").findings != ()
    assert conforming(talk, "listSongs", rule("task-states"), rule("amount-format")).findings == ()


@pytest.mark.parametrize(
    "status, answer, headers, owner",
    [
        (404, b"<h1>", {}, "envelope"),
        (404, {"fault": {}}, {}, "envelope"),
        (404, fault(again=5), {}, "envelope"),
        (200, song(), {"Content-Type": "text/plain"}, "json-content-type"),
    ],
)
def test_a_monitor_that_some_requirement_names_owns_what_it_judges(
    status: int, answer: object, headers: dict[str, str], owner: str
) -> None:
    talk = Talk()
    talk.say("getSong", status, answer, headers=headers)

    assert conforming(talk, "getSong").findings != ()
    assert conforming(talk, "getSong", rule(owner)).findings == ()


def test_an_envelope_in_order_still_stands_in_a_body_that_conforms() -> None:
    talk = Talk()
    talk.say("getSong", 404, fault() | {"hint": 5})

    (sentence,) = sentences(conforming(talk, "getSong", rule("envelope")))

    assert sentence.startswith("expected /hint of the 404 to getSong as the document has it")


def test_a_page_that_cannot_be_read_is_left_to_the_rule_about_pages() -> None:
    talk = Talk()
    talk.say("listSongs", 200, {"songs": 5})

    assert conforming(talk, "listSongs", rule("list-shape")).exercised == 1
    assert conforming(talk, "listSongs", rule("list-shape")).findings == ()


def test_a_success_with_an_undocumented_status_is_left_to_the_owner_of_the_status() -> None:
    talk = Talk()
    talk.say("createSong", 201, {"song": 5})

    owner = rule("documented-success-status", Place(operation="createSong", status="success"))

    assert conforming(talk, "createSong", owner).exercised == 0
    assert len(talk.judged("documented-success-status", *owner.owns).findings) == 1


def test_an_owner_answers_for_what_the_schema_says_of_its_place_but_not_for_places_of_others_in_it() -> None:
    talk = Talk()
    talk.get(song(cost=cost(back=30, note=5)))
    whole = Place(operation="getSong", pointer="/cost")
    owner, other = rule("error-on-failure", whole), rule("price", Place(operation="getSong", pointer="/cost/note"))

    alone, shared = contract(owner, rule("amount-format")), contract(owner, other, rule("amount-format"))

    (sentence,) = sentences(judge(owner, talk.traffic(alone)))
    assert sentence.startswith("expected /cost of the 200 to getSong as the document has it")
    assert judge(owner, talk.traffic(shared)).findings == ()


def test_a_body_that_is_nested_too_deeply_for_the_schema_is_not_blamed() -> None:
    talk = Talk()
    talk.get(b'{"song": "s1", "state": "done", "extra": ' + b"[" * 300 + b"]" * 300 + b"}")

    assert conforming(talk, "getSong").findings == ()
