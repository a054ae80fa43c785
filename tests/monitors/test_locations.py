"""Which place of an answer a finding is about."""

from __future__ import annotations

from conformance.journal.records import Location
from tests.monitors.factory import Talk, cost, fault, song


def test_a_finding_about_a_task_names_the_place_what_was_expected_and_what_came() -> None:
    talk = Talk()
    talk.create()
    talk.get(song("broken", cost=cost("30.00", "40.00")))
    (finding,) = talk.judged("refund-on-failure").findings

    assert finding.locations == {"e00002": Location("body", "/cost/back", "the refund of 30.00", '"40.00"')}


def test_the_place_of_a_task_in_a_list_is_that_in_the_whole_answer() -> None:
    talk = Talk()
    talk.list(song("done", "s1"), song("odd", "s2"))
    (finding,) = talk.judged("task-states").findings

    assert finding.locations["e00001"].name == "/songs/1/state"


def test_a_finding_about_a_refusal_names_the_place() -> None:
    talk = Talk()
    talk.say("getSong", 404, fault(again="maybe"))
    (finding,) = talk.judged("retryable").findings

    assert finding.locations == {"e00001": Location("body", "/fault/again", "a boolean", '"maybe"')}


def test_a_wrong_media_type_is_a_matter_of_its_header() -> None:
    talk = Talk()
    talk.say("getSong", 404, fault(), headers={"Content-Type": "text/plain"})
    (finding,) = talk.judged("json-content-type").findings

    assert finding.locations == {"e00001": Location("header", "Content-Type", "application/json", '"text/plain"')}


def test_of_several_exchanges_the_last_one_has_the_place() -> None:
    talk = Talk()
    talk.create()
    talk.get(song("done"))
    talk.get(song("done", cost=cost("30.00", "30.00")))
    (finding,) = talk.judged("success-keeps-charge").findings

    assert list(finding.locations) == ["e00003"]
