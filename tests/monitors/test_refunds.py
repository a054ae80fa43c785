"""Monitors of what happens to a charge when a task ends."""

from __future__ import annotations

import pytest

from tests.monitors.factory import Talk, cost, sentences, song

ENDS = [("refund-on-failure", "broken"), ("refund-on-cancel", "stopped")]
# The sample contract lets clients poll for so long.
TIME_FOR_REFUNDS = 600


@pytest.mark.parametrize("name, state", ENDS)
def test_a_whole_refund_is_right(name: str, state: str) -> None:
    talk = Talk()
    talk.create(song("waiting", cost=cost()))
    last = talk.get(song(state, cost=cost(back="30.000")))

    judged = talk.judged(name)

    assert (judged.exercised, judged.findings, judged.witnesses) == (1, (), (last,))


@pytest.mark.parametrize("name, state", ENDS)
@pytest.mark.parametrize(
    "back, got", [(None, "null"), ("15.00", '"15.00"'), ("60.00", '"60.00"'), ("-30.00", '"-30.00"')]
)
def test_any_other_refund_is_a_finding_in_the_end(name: str, state: str, back: object, got: str) -> None:
    talk = Talk()
    talk.get(song("working", cost=cost()))
    talk.get(song(state, cost=cost(back=back)))
    talk.pass_time(TIME_FOR_REFUNDS)
    last = talk.get(song(state, cost=cost(back=back)))

    judged = talk.judged(name)

    assert sentences(judged) == [f"expected the refund of 30.00 at /cost/back of the 200 to getSong, got {got}"]
    assert judged.findings[0].exchanges == (last,)


@pytest.mark.parametrize("name, state", ENDS)
def test_the_last_reading_counts_and_what_was_charged_before(name: str, state: str) -> None:
    talk = Talk()
    talk.get(song("working", cost=cost()))
    talk.get(song(state, cost=cost()))
    talk.get(song(state, cost=cost("0", back="30.00")))
    talk.create(song(state, cost=cost()))
    talk.list(song(state))

    judged = talk.judged(name)

    assert (judged.exercised, judged.findings) == (1, ())


def test_the_answer_to_a_cancellation_may_be_too_early_for_the_refund() -> None:
    talk = Talk()
    talk.stop(song("stopped", cost=cost()))
    assert talk.judged("refund-on-cancel").exercised == 0

    talk.get(song("stopped"))
    talk.pass_time(TIME_FOR_REFUNDS)
    talk.get(song("stopped"))
    assert sentences(talk.judged("refund-on-cancel")) == [
        "expected the refund of 30.00 at /cost/back of the 200 to getSong, got nothing"
    ]


@pytest.mark.parametrize("name, state", ENDS)
def test_malformed_amounts_free_tasks_and_ends_that_contradict_each_other_are_not_judged(name: str, state: str) -> None:
    talk = Talk()
    talk.get(song(state, cost=cost(back=30)))
    talk.get(song(state, "s2", cost=cost(paid=30, back="30")), path="/songs/s2")
    talk.get(song(state, "s3", cost=cost()), path="/songs/s3")
    talk.get(song("done", "s3", cost=cost()), path="/songs/s3")
    talk.get(song(state, "s4", cost=cost("0")), path="/songs/s4")

    judged = talk.judged(name)

    assert (judged.exercised, judged.findings) == (1, ())


@pytest.mark.parametrize("name, state", ENDS)
def test_a_refund_may_take_as_long_as_a_task(name: str, state: str) -> None:
    talk = Talk()
    talk.get(song(state, cost=cost()))
    talk.pass_time(TIME_FOR_REFUNDS / 2)
    talk.get(song(state, cost=cost(back="15.00")))

    judged = talk.judged(name)

    assert (judged.exercised, judged.findings) == (0, ())


@pytest.mark.parametrize("real_seconds, findings", [(5, 1), (0, 0)])
def test_time_that_the_clock_of_the_account_was_put_ahead_counts_beside_some_that_passed(
    real_seconds: float, findings: int
) -> None:
    talk = Talk()
    talk.get(song("broken", cost=cost()))
    ahead = {"advance_seconds": TIME_FOR_REFUNDS}
    talk.say(None, 200, {}, origin="control", method="POST", path="/_control/clock", sent=ahead)
    talk.pass_time(real_seconds)
    talk.get(song("broken", cost=cost()))

    assert len(talk.judged("refund-on-failure").findings) == findings


def test_more_than_the_charge_is_a_finding_at_once() -> None:
    talk = Talk()
    talk.get(song("broken", cost=cost(back="60.00")))

    assert len(talk.judged("refund-on-failure").findings) == 1


def test_success_keeps_the_charge() -> None:
    talk = Talk()
    talk.create(song("waiting", cost=cost()))
    talk.get(song("done", cost=cost(back="0.00")))
    talk.stop(song("done", cost=cost()))

    judged = talk.judged("success-keeps-charge")

    assert (judged.exercised, judged.findings) == (2, ())


@pytest.mark.parametrize(
    "shown, sentence",
    [
        (cost(back="30.00"), 'no refund of a task that succeeded at /cost/back of the 200 to stopSong, got "30.00"'),
        (cost("0"), 'the charge of 30.00 to stay at /cost/paid of the 200 to stopSong, got "0"'),
        (cost("31"), 'the charge of 30.00 to stay at /cost/paid of the 200 to stopSong, got "31"'),
    ],
)
def test_a_charge_that_changes_with_success_or_after_it_is_a_finding(shown: object, sentence: str) -> None:
    talk = Talk()
    talk.get(song("working", cost=cost()))
    talk.get(song("done", cost=cost()))
    talk.stop(song("done", cost=shown))

    assert sentences(talk.judged("success-keeps-charge")) == [f"expected {sentence}"]


def test_a_refund_before_the_end_is_a_finding() -> None:
    talk = Talk()
    talk.get(song("working", cost=cost(back="0")))
    talk.list(song("working", cost=cost(back="1")))

    assert sentences(talk.judged("no-refund-before-end")) == [
        'expected no refund of a task that has not ended at /cost/back of a task in the 200 to listSongs, got "1"'
    ]


def test_a_refund_after_a_cancellation_was_asked_for_is_not_too_early() -> None:
    talk = Talk()
    talk.stop(song("working", cost=cost(back="30.00")))
    talk.get(song("working", cost=cost(back="30.00")))

    assert talk.judged("no-refund-before-end").exercised == 0
