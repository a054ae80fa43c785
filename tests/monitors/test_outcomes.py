"""Monitors of what a task shows at its end."""

from __future__ import annotations

import pytest

from tests.monitors.factory import Talk, sentences, song


@pytest.mark.parametrize(
    "name, state, member, sentence",
    [
        ("output-on-success", "done", "result", "an output of a task that is 'done' at /result"),
        ("error-on-failure", "broken", "reason", "an error of a task that is 'broken' at /reason"),
    ],
)
def test_an_end_shows_what_belongs_to_it(name: str, state: str, member: str, sentence: str) -> None:
    talk = Talk()
    talk.get(song(state) | {member: {"a": 1}})
    talk.get(song("working"))
    talk.list(song(state))
    assert talk.judged(name).findings == ()
    assert talk.judged(name).exercised == 1

    bare = talk.stop(song(state) | {member: None})
    judged = talk.judged(name)
    assert sentences(judged) == [f"expected {sentence} of the 200 to stopSong, got null"]
    assert judged.findings[0].exchanges == (bare,)


@pytest.mark.parametrize("blank", [None, {}, [], {"clips": []}, {"clips": None}])
def test_a_blank_output_is_none(blank: object) -> None:
    talk = Talk()
    talk.get(song("working", result=blank))

    judged = talk.judged("output-only-on-success")

    assert (judged.exercised, judged.findings) == (1, ())


@pytest.mark.parametrize("state", ["waiting", "working", "broken", "stopped"])
def test_an_output_without_success_is_a_finding(state: str) -> None:
    talk = Talk()
    talk.get(song(state, result={"clips": ["la"]}))

    assert sentences(talk.judged("output-only-on-success")) == [
        f'expected no output of a task that is {state!r} at /result of the 200 to getSong, got {{"clips": ["la"]}}'
    ]


def test_an_output_in_an_unknown_state_is_not_judged() -> None:
    talk = Talk()
    talk.get(song("finished", result={"clips": ["la"]}))

    assert talk.judged("output-only-on-success").exercised == 0
