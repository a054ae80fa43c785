"""Monitors of a task's history: its states, their order and its end."""

from __future__ import annotations

import pytest

from tests.monitors.factory import Talk, fault, sentences, song


def test_states_have_their_documented_spelling() -> None:
    talk = Talk()
    talk.create()
    odd = talk.get(song("Working"))
    talk.list(song("paused"), {"song": "s2"})

    judged = talk.judged("task-states")

    assert sentences(judged) == [
        'expected one of waiting, working, done, broken, stopped at /state of the 200 to getSong, got "Working"',
        (
            "expected one of waiting, working, done, broken, stopped at /state of a task in the 200 to listSongs, "
            'got "paused"'
        ),
    ]
    assert judged.findings[0].exchanges == (odd,)


def test_only_a_task_that_is_read_whole_must_show_its_state() -> None:
    talk = Talk()
    talk.create({"song": "s1"})
    talk.list({"song": "s1"})
    assert talk.judged("task-states").exercised == 0

    talk.get({"song": "s1"})
    (sentence,) = sentences(talk.judged("task-states"))
    assert sentence.endswith("at /state of the 200 to getSong, got nothing")


@pytest.mark.parametrize("states", [["waiting", "working", "done"], ["waiting", "broken"], ["working", "stopped"]])
def test_a_task_may_go_on_through_states_that_nobody_saw(states: list[str]) -> None:
    talk = Talk()
    for state in states:
        talk.get(song(state))

    assert talk.judged("task-transitions").findings == ()
    assert talk.judged("task-transitions").exercised > 0


def test_a_task_that_goes_back_is_a_finding_with_both_sightings() -> None:
    talk = Talk()
    talk.create()
    before = talk.get(song("working"))
    after = talk.get(song("waiting"))

    judged = talk.judged("task-transitions")

    assert sentences(judged) == [
        "expected a task that is 'working' to become broken or done or stopped, got 'waiting' in the 200 to getSong"
    ]
    assert judged.findings[0].exchanges == (before, after)


def test_a_change_after_the_end_is_blamed_once() -> None:
    talk = Talk()
    talk.get(song("working"))
    end = talk.get(song("done"))
    risen = talk.get(song("waiting"))

    assert talk.judged("task-transitions").findings == ()
    judged = talk.judged("task-terminal-final")
    assert sentences(judged) == ["expected a task that was 'done' to stay so, got 'waiting' in the 200 to getSong"]
    assert judged.findings[0].exchanges == (end, risen)


def test_an_end_that_lasts_is_final() -> None:
    talk = Talk()
    talk.get(song("stopped"))
    talk.stop(song("stopped"))

    judged = talk.judged("task-terminal-final")

    assert (judged.exercised, judged.findings) == (1, ())


def test_a_task_that_was_seen_once_says_nothing_about_changes() -> None:
    talk = Talk()
    talk.get(song("done"))

    assert talk.judged("task-transitions").exercised == 0
    assert talk.judged("task-terminal-final").exercised == 0


@pytest.mark.parametrize("name", ["task-transitions", "task-terminal-final"])
def test_requests_that_overlap_have_no_order(name: str) -> None:
    talk = Talk()
    slow = talk.get(song("done"), lasting=5)
    talk.get(song("working"), during=slow, lasting=5)

    assert talk.judged(name).findings == ()


@pytest.mark.parametrize("name", ["task-transitions", "task-terminal-final"])
def test_a_replayed_answer_may_show_what_the_task_once_was(name: str) -> None:
    talk = Talk()
    talk.create(asking={"Once-Key": "k"})
    talk.get(song("done"))
    talk.create(asking={"Once-Key": "k"})
    talk.stop(song("stopped", "s2"), path="/songs/s2/stop", asking={"Once-Key": "c"})
    talk.stop(song("working", "s2"), path="/songs/s2/stop", asking={"Once-Key": "c"})

    assert talk.judged(name).findings == ()


@pytest.mark.parametrize("name", ["task-transitions", "task-terminal-final"])
def test_unknown_spellings_and_tasks_of_other_accounts_are_no_change(name: str) -> None:
    talk = Talk()
    talk.get(song("done"))
    talk.get(song("Done"))
    talk.get(song("waiting"), account="other")
    talk.get(song("waiting", "s2"), path="/songs/s2")
    talk.say("getSong", 404, song("waiting"))

    assert talk.judged(name).findings == ()


def test_a_task_carries_the_id_that_was_asked_for() -> None:
    talk = Talk()
    talk.get(song(name="a b"), path="/songs/a%20b?expand=all")
    talk.stop(song(name="s2"))

    assert sentences(talk.judged("task-id-stable")) == [
        'expected the id that was asked for, "s1", at /song of the 200 to stopSong, got "s2"'
    ]


def test_an_answer_about_another_task_is_no_sighting_of_it() -> None:
    talk = Talk()
    talk.get(song("done"))
    talk.get(song("working"), path="/songs/s2")

    assert talk.judged("task-terminal-final").exercised == 0
    assert talk.judged("task-id-stable").exercised == 2


def test_an_id_that_is_missing_or_a_refusal_is_no_other_id() -> None:
    talk = Talk()
    talk.get({"state": "done"})
    talk.get({"song": 5})
    talk.say("getSong", 404, fault() | {"song": "s9"})

    assert talk.judged("task-id-stable").exercised == 0


def test_a_task_that_is_watched_to_the_limit_must_end() -> None:
    talk = Talk()
    first = talk.create()
    talk.pass_time(601)
    last = talk.get(song("working"))

    judged = talk.judged("task-ends")

    assert sentences(judged) == [
        'expected an end of the task within 600 s at /state of the 200 to getSong, got "working"'
    ]
    assert judged.findings[0].exchanges == (first, last)


def test_a_task_that_was_left_alone_before_the_limit_is_not_blamed() -> None:
    talk = Talk()
    talk.create()
    talk.get(song("working"))
    talk.get(song("done", "s2"), path="/songs/s2")

    judged = talk.judged("task-ends")

    assert (judged.exercised, judged.findings) == (1, ())
