"""Reach before judgement: what was answered because a thing does not exist decides nothing else."""

from __future__ import annotations

from conformance.journal.reader import Recording
from conformance.verdicts.model import Evidence, RequirementOutcome, Verdict
from conformance.verdicts.reach import within_reach
from tests.monitors.factory import Talk, fault, song
from tests.monitors.sample import contract


def outcome(verdict: Verdict, *exchanges: str) -> RequirementOutcome:
    return RequirementOutcome("SAMPLE-RULE", verdict, "test", "", tuple(map(Evidence, exchanges)))


def weighed(talk: Talk, *outcomes: RequirementOutcome) -> list[Verdict]:
    recording = Recording(exchanges=tuple(talk.exchanges))
    return [each.verdict for each in within_reach(outcomes, recording, contract())][: len(outcomes)]


def test_a_refusal_by_an_operation_that_was_never_seen_decides_nothing() -> None:
    talk = Talk()
    talk.get(song())
    gone = talk.say("createSong", 404, fault())

    assert weighed(talk, outcome(Verdict.PASS, gone)) == [Verdict.INCONCLUSIVE]


def test_a_refusal_by_an_operation_that_is_known_to_exist_decides() -> None:
    talk = Talk()
    unknown = talk.say("getSong", 404, fault())
    talk.get(song())

    assert weighed(talk, outcome(Verdict.PASS, unknown)) == [Verdict.PASS]


def test_what_stands_at_the_door_shows_no_operation() -> None:
    talk = Talk()
    talk.get(song())
    keyless = talk.say("createSong", 401, fault())
    talk.say("createSong", 404, fault())

    assert weighed(talk, outcome(Verdict.PASS, keyless)) == [Verdict.INCONCLUSIVE]


def test_nothing_passes_where_no_operation_was_reached() -> None:
    talk = Talk()
    talk.say("createSong", 404, fault())
    elsewhere = talk.say(None, 404, fault())

    assert weighed(talk, outcome(Verdict.PASS, elsewhere)) == [Verdict.INCONCLUSIVE]


def test_a_pass_that_rests_on_a_success_stands() -> None:
    talk = Talk()
    read, gone = talk.get(song()), talk.say("createSong", 404, fault())

    assert weighed(talk, outcome(Verdict.PASS, read, gone)) == [Verdict.PASS]
