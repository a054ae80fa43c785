"""Which place of an answer a finding is about."""

from __future__ import annotations

from conformance.journal.records import BalanceReading, Location
from conformance.monitors.monitor import MAX_EVIDENCE
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


def test_a_change_of_state_is_seen_where_the_later_answer_shows_it() -> None:
    talk = Talk()
    talk.get(song("done"))
    talk.get(song("working"))
    (finding,) = talk.judged("task-terminal-final").findings

    assert finding.locations["e00002"].name == "/state"


def test_a_missing_request_id_is_a_matter_of_its_header() -> None:
    talk = Talk()
    talk.say("getSong", 404, fault(), headers={"X-Trace": ""})
    (finding,) = talk.judged("request-id-present").findings

    assert finding.locations["e00001"] == Location("header", "X-Trace", "an id", "nothing")


def test_a_cost_is_seen_in_the_answer_that_showed_the_balance() -> None:
    talk = Talk()
    talk.read_balance("100.00")
    talk.say("createSong", 422, fault(), sent={})
    balance = talk.say(None, 200, {"balance_credits": "70.00"}, origin="control", path="/_control/wallet")
    talk.readings.append(BalanceReading("main", "70.00", talk.exchanges[-1].at))
    (finding,) = talk.judged("refusals-cost-nothing").findings

    assert finding.exchanges == ("e00001", balance)
    assert finding.locations == {balance: Location("body", "/balance_credits", "100.00", "70.00")}


def test_the_exchange_with_the_place_is_kept_however_many_there_are() -> None:
    talk = Talk()
    talk.read_balance("100.00")
    for _ in range(20):
        talk.say("createSong", 422, fault(), sent={})
    balance = talk.say(None, 200, {"balance_credits": "70.00"}, origin="control", path="/_control/wallet")
    talk.readings.append(BalanceReading("main", "70.00", talk.exchanges[-1].at))
    (finding,) = talk.judged("refusals-cost-nothing").findings

    assert len(finding.exchanges) == MAX_EVIDENCE
    assert list(finding.locations) == [finding.exchanges[-1]] == [balance]
