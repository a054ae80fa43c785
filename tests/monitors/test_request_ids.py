"""Monitors of the header that correlates requests and responses."""

from __future__ import annotations

from tests.monitors.factory import Talk, fault, sentences


def test_every_answer_carries_a_request_id() -> None:
    talk = Talk()
    talk.say("getSong", 200, {})
    silent = talk.say(None, 404, fault(), headers={"X-Trace": ""})

    judged = talk.judged("request-id-present")

    assert sentences(judged) == [
        "expected the header X-Trace in the 404 to GET http://target.test/api/nowhere, got nothing"
    ]
    assert judged.findings[0].exchanges == (silent,)


def test_too_many_requests_and_media_owe_no_request_id() -> None:
    talk = Talk()
    talk.say("getSong", 429, fault(), headers={"X-Trace": ""})
    talk.say(None, 200, b"la", headers={"X-Trace": ""}, origin="media")

    assert talk.judged("request-id-present").exercised == 0


def test_an_id_of_the_clients_own_comes_back() -> None:
    talk = Talk()
    talk.say("getSong", 200, {}, asking={"x-trace": "abc"}, headers={"X-Trace": "abc"})
    talk.say("getSong", 200, {}, asking={"X-Trace": "abd"}, headers={"X-Trace": "other"})

    assert sentences(talk.judged("request-id-echo")) == [
        'expected "abd" back in the header X-Trace of the 200 to getSong, got "other"'
    ]


def test_odd_ids_need_not_come_back_and_a_missing_header_is_another_fault() -> None:
    talk = Talk()
    talk.say("getSong", 200, {}, asking={"X-Trace": "much too long"})
    talk.say("getSong", 200, {}, asking={"X-Trace": "abc"}, headers={"X-Trace": ""})
    talk.say("getSong", 429, fault(), asking={"X-Trace": "abc"})

    assert talk.judged("request-id-echo").exercised == 0


def test_ids_that_the_target_makes_differ() -> None:
    talk = Talk()
    first = talk.say("getSong", 200, {}, headers={"X-Trace": "same"})
    talk.say("getSong", 200, {}, headers={"X-Trace": "new"})
    second = talk.say("getSong", 200, {}, headers={"X-Trace": "same"})

    judged = talk.judged("request-id-unique")

    assert judged.findings[0].exchanges == (first, second)
    assert 'got "same" as in the 200 to getSong' in judged.findings[0].sentence


def test_an_id_that_the_client_repeats_and_a_single_made_one_say_nothing_about_uniqueness() -> None:
    talk = Talk()
    for _ in range(2):
        talk.say("getSong", 200, {}, asking={"X-Trace": "mine"}, headers={"X-Trace": "mine"})
    talk.say("getSong", 200, {})

    assert talk.judged("request-id-unique").exercised == 0


def test_an_error_carries_the_id_of_its_header() -> None:
    talk = Talk()
    talk.say("getSong", 404, fault(trace="a"), headers={"X-Trace": "a"})
    talk.say("getSong", 404, fault(trace="b"), headers={"X-Trace": "c"})

    assert sentences(talk.judged("request-id-in-error")) == [
        'expected the id of the header X-Trace, "c", at /fault/trace of the 404 to getSong, got "b"'
    ]


def test_an_error_without_an_id_or_with_a_broken_header_is_not_blamed_for_its_id() -> None:
    talk = Talk()
    talk.say("getSong", 404, fault())
    talk.say("getSong", 404, fault(trace=None))
    talk.say("getSong", 404, fault(trace="b"), headers={"X-Trace": ""})
    talk.say("getSong", 404, fault(trace="mine"), asking={"X-Trace": "mine"}, headers={"X-Trace": "made"})

    assert talk.judged("request-id-in-error").exercised == 0
