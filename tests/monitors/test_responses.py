"""Monitors of statuses and media types."""

from __future__ import annotations

import codecs
import gzip
import json
from hashlib import sha256
from typing import Final

import pytest

from conformance.contract.requirements import Place
from conformance.journal.records import Body, Location
from conformance.monitors.responses import observed_outages, trouble, unusual_json
from tests.monitors.factory import Talk, fault, sentences, song
from tests.monitors.sample import contract

# The rules that look at every answer, whatever was asked.
EVERY_ANSWER: Final = ("envelope", "retryable", "request-id-present", "json-content-type", "no-repeatable-5xx")


def test_json_is_declared_as_json() -> None:
    talk = Talk()
    talk.get(song(), headers={"Content-Type": "Application/JSON; charset=utf-8"})
    talk.get(song(), headers={"Content-Type": "text/plain"})
    talk.say(None, 404, fault(), headers={"Content-Type": ""})

    assert sentences(talk.judged("json-content-type")) == [
        'expected the media type application/json for the JSON in the 200 to getSong, got "text/plain"',
        (
            "expected the media type application/json for the JSON in the 404 to GET "
            'http://target.test/api/nowhere, got ""'
        ),
    ]


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_json_is_written_in_utf_8(charset: str) -> None:
    talk = Talk()
    read = talk.get(json.dumps(song()).encode(charset))
    refused = talk.say("getSong", 404, json.dumps(fault()).encode(charset))

    judged = talk.judged("json-content-type")

    assert [finding.exchanges for finding in judged.findings] == [(read,), (refused,)]
    assert sentences(judged)[0].startswith("expected UTF-8 for the JSON in the 200 to getSong, got UTF-")


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_byte_order_mark_is_observed_and_breaks_nothing(mark: bytes) -> None:
    talk = Talk()
    read = talk.get(mark + json.dumps(song()).encode())

    assert sentences(talk.judged("json-content-type")) == []
    assert [observed.exchanges for observed in unusual_json(talk.traffic(contract()))] == ([(read,)] if mark else [])


def test_members_of_one_name_are_observed_and_break_nothing() -> None:
    talk = Talk()
    read = talk.get(b'{"song": "s1", "state": "working", "state": "done"}')
    talk.get(song())

    (observed,) = unusual_json(talk.traffic(contract()))

    assert sentences(talk.judged("json-content-type")) == []
    assert observed.text == "1 of 2 answers hold JSON objects with two members of one name, of which readers see either"
    assert observed.exchanges == (read,)


@pytest.mark.parametrize(
    "coding, coded, broken",
    [("gzip", False, True), ("GZIP ", False, True), ("gzip", True, False), ("br", False, False)],
)
def test_a_body_is_in_the_coding_that_its_header_names(coding: str, *, coded: bool, broken: bool) -> None:
    plain = json.dumps(song()).encode()
    sent = gzip.compress(plain) if coded else plain
    talk = Talk()
    talk.get(Body(plain, len(sent), sha256(sent).hexdigest()), headers={"Content-Encoding": coding})

    found = sentences(talk.judged("json-content-type"))

    expected = f'expected a body coded as "{coding}" in the 200 to getSong, got one that is not'
    assert found == ([expected] if broken else [])


def test_what_is_no_json_or_not_documented_as_such_need_not_be_declared_as_json() -> None:
    talk = Talk()
    html = {"Content-Type": "text/html"}
    talk.say("getSong", 502, b"<h1>Bad gateway</h1>", headers=html)
    talk.say(None, 200, {"openapi": "3.1.0"}, headers=html)
    talk.say("getSong", 429, fault(), headers=html)

    assert talk.judged("json-content-type").exercised == 0


def test_a_server_fault_that_repeats_is_a_finding() -> None:
    talk = Talk()
    first = talk.say("createSong", 500, fault())
    second = talk.say("createSong", 500, fault(), repeats=first)

    judged = talk.judged("no-repeatable-5xx")

    assert sentences(judged) == [
        "expected no second fault for the same request, got the 500 to createSong after the 500 to createSong"
    ]
    assert judged.findings[0].exchanges == (first, second)


def test_a_server_fault_that_passes_is_none() -> None:
    talk = Talk()
    first = talk.say("createSong", 500, fault())
    talk.say("createSong", 202, song(), repeats=first)
    talk.say("createSong", 500, fault())

    judged = talk.judged("no-repeatable-5xx")

    assert (judged.exercised, judged.findings) == (1, ())


def test_a_server_fault_that_passes_after_several_attempts_is_none() -> None:
    talk = Talk()
    first = talk.say("createSong", 500, fault())
    second = talk.say("createSong", 500, fault(), repeats=first)
    talk.say("createSong", 202, song(), repeats=second)

    assert talk.judged("no-repeatable-5xx").findings == ()


def test_a_fault_that_lasts_is_in_the_status_of_its_second_answer() -> None:
    talk = Talk()
    first = talk.say("createSong", 500, fault())
    again = talk.say("createSong", 500, fault(), repeats=first)

    (finding,) = talk.judged("no-repeatable-5xx").findings
    assert finding.locations == {again: Location("status", "", "no fault of the server", "500")}


def test_an_operation_that_is_not_implemented_brings_nothing_down() -> None:
    talk = Talk()
    first = talk.say("createSong", 501, fault())
    talk.say("createSong", 501, fault(), repeats=first)

    assert talk.judged("no-repeatable-5xx").findings == ()


@pytest.mark.parametrize("status", [502, 503, 504])
def test_what_a_load_balancer_says_for_good_is_no_fault_of_the_service(status: int) -> None:
    talk = Talk()
    first = talk.say("createSong", status, b"<h1>Bad gateway</h1>")
    talk.say("createSong", status, b"<h1>Bad gateway</h1>", repeats=first)

    assert [talk.judged(rule).findings for rule in EVERY_ANSWER] == [()] * len(EVERY_ANSWER)


def test_one_unhandled_fault_is_blamed_by_one_rule() -> None:
    bare = {"Content-Type": "text/plain", "X-Trace": ""}
    talk = Talk()
    first = talk.say("createSong", 500, b"Internal Server Error", headers=bare)
    talk.say("createSong", 500, b"Internal Server Error", headers=bare, repeats=first)

    assert [rule for rule in EVERY_ANSWER if talk.judged(rule).findings] == ["no-repeatable-5xx"]


def test_a_fault_that_passes_is_blamed_by_none() -> None:
    talk = Talk()
    first = talk.say("createSong", 500, b"Internal Server Error", headers={"X-Trace": ""})
    talk.say("createSong", 202, song(), repeats=first)

    assert [rule for rule in EVERY_ANSWER if talk.judged(rule).findings] == []


def test_faults_that_no_rule_fails_for_are_observed_with_their_number() -> None:
    talk = Talk()
    first = talk.say("createSong", 502, b"<h1>Bad gateway</h1>")
    talk.say("createSong", 202, song(), repeats=first)

    observed = observed_outages(talk.traffic(contract()))

    assert [seen.text for seen in observed] == ["1 of 2 answers were server faults that did not last: 1 x 502"]
    assert observed[0].exchanges == (first,)


def test_a_documented_5xx_may_be_repeated_but_only_with_its_own_status() -> None:
    talk = Talk()
    first = talk.say("createSong", 503, fault("away", again=True))
    talk.say("createSong", 503, fault("away", again=True), repeats=first)
    other = talk.say("createSong", 500, fault("away"))
    talk.say("createSong", 500, fault("away"), repeats=other)

    assert [finding.exchanges[0] for finding in talk.judged("no-repeatable-5xx").findings] == [other]


def test_a_success_has_exactly_the_documented_status_where_the_requirement_owns_it() -> None:
    place = Place(operation="createSong", status="success")
    talk = Talk()
    talk.create()
    wrong = talk.say("createSong", 201, song())
    talk.say("createSong", 404, fault())
    talk.say("getSong", 203, song())

    judged = talk.judged("documented-success-status", place)

    assert sentences(judged) == ["expected the status 202 for createSong, got 201"]
    assert judged.findings[0].exchanges == (wrong,)
    assert judged.exercised == 2


def test_the_answer_to_a_repeated_key_may_have_another_status() -> None:
    talk = Talk()
    talk.create(asking={"Once-Key": "k"})
    talk.say("createSong", 200, song(), asking={"Once-Key": "k"})
    talk.say("createSong", 200, song(), asking={"Once-Key": "another"})

    judged = talk.judged("documented-success-status", Place(operation="createSong", status="success"))

    assert sentences(judged) == ["expected the status 202 for createSong, got 200"]
    assert judged.exercised == 2


def test_nobody_knows_which_of_several_at_once_with_one_key_came_first() -> None:
    talk = Talk()
    first = talk.say("createSong", 200, song(), asking={"Once-Key": "k"}, lasting=5)
    talk.say("createSong", 202, song(), asking={"Once-Key": "k"}, during=first)

    assert talk.judged("documented-success-status", Place(operation="createSong", status="success")).exercised == 0


def test_a_task_that_was_read_before_it_was_asked_for_was_made_by_an_earlier_run() -> None:
    talk = Talk()
    talk.get(song())
    talk.say("createSong", 200, song(), asking={"Once-Key": "planted"})

    assert talk.judged("documented-success-status", Place(operation="createSong", status="success")).exercised == 0


@pytest.mark.parametrize("faults, told", [(1, False), (2, False), (3, True)])
def test_trouble_that_passed_is_told_where_it_was_met_often(faults: int, told: bool) -> None:  # noqa: FBT001 - a case
    talk = Talk()
    for _ in range(30):
        talk.get(song())
    for _ in range(faults):
        failed = talk.say("getSong", 503, fault())
        talk.say("getSong", 200, song(), repeats=failed)

    said = trouble(talk.traffic(contract()), fewest=3, share=0.05)

    assert bool(said) is told
    assert all("3 of 36 requests (8.3%) met a server fault that passed" in sentence for sentence in said)


def test_a_range_of_successes_beside_an_exact_one_does_not_widen_it() -> None:
    talk = Talk()
    talk.say("stopSong", 202, song())

    judged = talk.judged("documented-success-status", Place(operation="stopSong", status="success"))

    assert sentences(judged) == ["expected the status 200 for stopSong, got 202"]


def test_a_request_with_another_method_says_nothing_about_the_operation() -> None:
    talk = Talk()
    talk.say("createSong", 200, song(), method="GET")

    assert talk.judged("documented-success-status", Place(operation="createSong", status="success")).exercised == 0
