"""Monitors of the error envelope: who is blamed, for what, and who is not."""

from __future__ import annotations

import pytest

from conformance.contract.requirements import Place
from tests.monitors.factory import Talk, fault, sentences


def test_an_envelope_with_code_and_message_is_right() -> None:
    talk = Talk()
    first = talk.say("getSong", 404, fault())

    judged = talk.judged("envelope")

    assert judged.findings == ()
    assert judged.witnesses == (first,)


@pytest.mark.parametrize(
    "answer, sentence",
    [
        (b"<h1>Not found</h1>", "expected a JSON body with /fault in the 404 to getSong, got '<h1>Not found</h1>'"),
        ({"detail": "no"}, "expected an object at /fault of the 404 to getSong, got nothing"),
        (["no"], "expected an object at /fault of the 404 to getSong, got nothing"),
        ({"fault": "no"}, 'expected an object at /fault of the 404 to getSong, got "no"'),
        ({"fault": {"text": "no"}}, "expected a string at /fault/kind of the 404 to getSong, got nothing"),
        ({"fault": {"kind": "x", "text": None}}, "expected a string at /fault/text of the 404 to getSong, got null"),
    ],
)
def test_anything_else_is_no_envelope(answer: object, sentence: str) -> None:
    talk = Talk()
    refused = talk.say("getSong", 404, answer)

    judged = talk.judged("envelope")

    assert sentences(judged) == [sentence]
    assert judged.findings[0].exchanges == (refused,)


@pytest.mark.parametrize("status, kind", [(400, "strange"), (422, "strange"), (401, "strange"), (403, "strange")])
def test_what_is_wrong_for_good_is_not_called_worth_a_retry(status: int, kind: str) -> None:
    talk = Talk()
    talk.say("createSong", status, fault(kind))
    refused = talk.say("createSong", status, fault(kind, again=True))

    judged = talk.judged("lasting-refusals")

    assert [finding.exchanges for finding in judged.findings] == [(refused,)]
    assert sentences(judged) == [f"expected false at /fault/again of the {status} to createSong, got true"]


@pytest.mark.parametrize(
    "status, kind, again",
    [(400, "malformed", True), (404, "strange", True), (409, "strange", True), (400, "odd", "yes")],
)
def test_what_may_pass_what_the_table_has_and_what_is_no_boolean_is_left_to_others(
    status: int, kind: str, again: object
) -> None:
    talk = Talk()
    talk.say("createSong", status, fault(kind, again=again))

    assert talk.judged("lasting-refusals").exercised == 0


def test_an_envelope_is_owed_on_unknown_paths_and_for_too_many_requests() -> None:
    talk = Talk()
    talk.say(None, 404, b"gone", path="/tunes")
    talk.say("getSong", 429, b"slow down")

    assert len(talk.judged("envelope").findings) == 2


def test_an_envelope_is_owed_without_a_body_where_the_requirement_owns_whole_bodies() -> None:
    talk = Talk()
    talk.say("getSong", 404)
    talk.say("getSong", 404, method="HEAD")

    found = sentences(talk.judged("envelope", Place(statuses=("4XX", "5XX"), pointer="")))

    assert found == ["expected a JSON body with /fault in the 404 to getSong, got nothing"]


def test_an_envelope_is_not_owed_without_a_body_or_by_others() -> None:
    talk = Talk()
    talk.say("getSong", 404)
    talk.say(None, 404, b"-", method="HEAD")
    talk.say(None, 404, b"-", origin="media")
    talk.say(None, 500, b"-", origin="control")
    talk.say("getSong", 200, b"no JSON")
    talk.say("getSong", None)

    assert talk.judged("envelope").exercised == 0


def test_the_same_fault_in_many_answers_is_one_finding() -> None:
    talk = Talk()
    for _ in range(50):
        talk.say("getSong", 404, {})

    judged = talk.judged("envelope")

    assert judged.exercised == 50
    assert len(judged.findings) == 1
    assert len(judged.findings[0].exchanges) == 6


def test_retryable_is_a_boolean() -> None:
    talk = Talk()
    talk.say("getSong", 404, fault(again=True))
    talk.say("getSong", 409, fault(again="yes"))

    assert sentences(talk.judged("retryable")) == [
        'expected a boolean at /fault/again of the 409 to getSong, got "yes"'
    ]


@pytest.mark.parametrize("name", ["retryable", "error-code-table", "error-param", "request-id-in-error"])
def test_what_stands_in_an_envelope_is_not_judged_where_there_is_none(name: str) -> None:
    talk = Talk()
    talk.say("createSong", 400, {"fault": {"kind": "broke", "again": 1, "at": 2, "trace": 3}}, sent={})

    assert talk.judged(name).exercised == 0


def test_a_code_of_the_table_comes_with_its_status_and_retryable() -> None:
    talk = Talk()
    talk.say("createSong", 402, fault("broke"))
    talk.say("createSong", 422, fault("malformed"))
    talk.say("createSong", 503, fault("away", again=True))

    judged = talk.judged("error-code-table")

    assert (judged.exercised, judged.findings) == (3, ())


@pytest.mark.parametrize(
    "status, again, sentence",
    [
        (403, False, "expected the status 402 with the error code 'broke', got the 403 to createSong"),
        (402, True, "expected false with the error code 'broke' at /fault/again of the 402 to createSong, got true"),
    ],
)
def test_a_code_with_another_status_or_retryable_breaks_the_table(status: int, again: object, sentence: str) -> None:
    talk = Talk()
    talk.say("createSong", status, fault("broke", again=again))

    assert sentences(talk.judged("error-code-table")) == [sentence]


def test_a_retryable_that_is_no_boolean_and_a_code_outside_the_table_do_not_break_the_table() -> None:
    talk = Talk()
    talk.say("createSong", 402, fault("broke", again="no"))
    talk.say("createSong", 418, fault("teapot"))

    assert talk.judged("error-code-table").findings == ()


@pytest.mark.parametrize("at", ["/model", "/words/0", "/missing", "/a~1b", ""])
def test_a_param_points_into_the_body_that_was_sent(at: str) -> None:
    talk = Talk()
    talk.say("createSong", 400, fault(at=at), sent={"model": "x", "words": ["la"], "a/b": 1})

    judged = talk.judged("error-param")

    assert (judged.exercised, judged.findings) == (1, ())


@pytest.mark.parametrize("at", ["model", "/words/1", "/missing/deeper", "/model/0", "/words/-", "/~2", 5, ["model"]])
def test_a_param_that_points_nowhere_is_a_fault(at: object) -> None:
    talk = Talk()
    talk.say("createSong", 400, fault(at=at), sent={"model": "x", "words": ["la"]})

    (sentence,) = sentences(talk.judged("error-param"))

    assert "at /fault/at of the 400 to createSong" in sentence


def test_a_param_may_lead_into_a_documented_member_that_was_not_sent() -> None:
    talk = Talk()
    talk.say("createSong", 400, fault(at="/model/name"), sent={"words": ["la"]})

    assert talk.judged("error-param").findings == ()


def test_a_param_is_not_judged_where_no_body_was_sent() -> None:
    talk = Talk()
    talk.say("listSongs", 400, fault(at="limit"))

    assert talk.judged("error-param").exercised == 0


def test_a_param_without_a_json_body_is_judged_by_its_form_alone() -> None:
    talk = Talk()
    talk.say("createSong", 400, fault(at="/anything/goes"), sent=b"{broken")
    talk.say("createSong", 400, fault(at="anything"), sent=b"{broken")
    talk.say("createSong", 400, fault(at=None), sent={})

    judged = talk.judged("error-param")

    assert judged.exercised == 2
    assert len(judged.findings) == 1
