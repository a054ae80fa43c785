"""Reach before judgement: what was answered because a thing does not exist decides nothing else."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conformance.contract.requirements import Registry
from conformance.journal.reader import Recording
from conformance.verdicts.model import Evidence, RequirementOutcome, Verdict
from conformance.verdicts.reach import Reach, never_reached, remarks_on_unoffered, within_reach
from tests.monitors.factory import Talk, fault, song
from tests.monitors.sample import contract

if TYPE_CHECKING:
    from conformance.contract.contract import Contract


def outcome(verdict: Verdict, *exchanges: str) -> RequirementOutcome:
    return RequirementOutcome("SAMPLE-RULE", verdict, "test", "", tuple(map(Evidence, exchanges)))


def weighed(talk: Talk, *outcomes: RequirementOutcome) -> list[Verdict]:
    recording = Recording(exchanges=tuple(talk.exchanges))
    return [each.verdict for each in within_reach(outcomes, Reach(contract(), recording))][: len(outcomes)]


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


def with_a_surface_of_its_own(name: str) -> Contract:
    """The sample contract in which one operation is a surface that a target need not have."""
    whole = contract()
    alone = replace(whole.document.operations[name], surface="extra")
    document = copy(whole.document)
    document.operations = {**whole.document.operations, name: alone}
    registry = Registry(
        tuple(replace(one, surface="extra") if one.operation == name else one for one in whole.registry)
    )
    conventions = replace(whole.conventions, surfaces=("operations", "extra"), optional_surfaces=("extra",))
    return replace(whole, document=document, registry=registry, conventions=conventions)


def talk_without(name: str) -> Recording:
    """Songs can be read, and the operation of that name is not there."""
    talk = Talk()
    talk.get(song())
    for _ in range(3):
        talk.say(name, 404, fault())
    return Recording(exchanges=tuple(talk.exchanges))


def test_a_surface_that_a_target_need_not_have_does_not_apply_where_nothing_of_it_is_there() -> None:
    reach = Reach(with_a_surface_of_its_own("createSong"), talk_without("createSong"))
    conforms = replace(outcome(Verdict.FAIL), requirement="SAMPLE-createSong-CONFORMS")

    (weighed_,) = within_reach([conforms], reach)

    assert (weighed_.verdict, weighed_.reason) == (
        Verdict.NOT_APPLICABLE,
        "the target has no operation of the surface extra",
    )
    assert len(remarks_on_unoffered(reach)) == 1


def test_what_is_said_of_a_surface_that_is_not_offered_leaves_other_rules_as_they_are() -> None:
    talk = Talk()
    talk.get(song())
    gone = [talk.say("createSong", 404, fault()) for _ in range(3)]
    reach = Reach(with_a_surface_of_its_own("createSong"), Recording(exchanges=tuple(talk.exchanges)))

    assert [each.verdict for each in within_reach([outcome(Verdict.PASS, *gone)], reach)] == [Verdict.PASS]


def test_a_surface_that_the_user_says_is_there_is_missed() -> None:
    reach = Reach(with_a_surface_of_its_own("createSong"), talk_without("createSong"), surfaces=("extra",))

    assert [each.requirement for each in within_reach([], reach)] == []
    assert reach.unoffered == frozenset()


def test_another_surface_is_missed_whatever_there_is() -> None:
    reach = Reach(with_a_surface_of_its_own("listSongs"), talk_without("createSong"))

    assert [(each.requirement, each.verdict) for each in within_reach([], reach)] == [
        ("SAMPLE-createSong-CONFORMS", Verdict.FAIL)
    ]


def methods_of_one_thing(*statuses: int) -> Reach:
    """Songs can be read; what one of them answers to `stopSong`."""
    talk = Talk()
    talk.get(song())
    for status in statuses:
        talk.say("stopSong", status, fault())
    return Reach(contract(), Recording(exchanges=tuple(talk.exchanges)))


def test_a_method_that_no_thing_has_is_missed_once() -> None:
    reach = methods_of_one_thing(405, 405)

    assert [(each.requirement, each.verdict) for each in within_reach([], reach)] == [
        ("SAMPLE-stopSong-CONFORMS", Verdict.FAIL)
    ]
    assert never_reached(reach) == ()


@pytest.mark.parametrize("statuses", [(405,), (405, 404), (404, 404, 404), (405, 405, 200)])
def test_a_method_that_a_thing_may_have_is_not_missed(statuses: tuple[int, ...]) -> None:
    assert within_reach([], methods_of_one_thing(*statuses)) == ()


PLAIN = {"Content-Type": "text/plain"}


def below_one_thing(times: int, headers: dict[str, str], *, there: bool = True) -> Reach:
    """A song that can be read, where it is `there`; what is answered so many times below it, with these headers."""
    talk = Talk()
    talk.get(song(), path="/songs/s1" if there else "/songs/s2")
    for _ in range(times):
        talk.say("stopSong", 404, fault(), headers=headers)
    return Reach(contract(), Recording(exchanges=tuple(talk.exchanges)))


def test_a_path_below_a_thing_that_is_there_is_missing_where_its_absence_is_not_said_as_documented() -> None:
    reach = below_one_thing(2, PLAIN)

    assert [(each.requirement, each.verdict) for each in within_reach([], reach)] == [
        ("SAMPLE-stopSong-CONFORMS", Verdict.FAIL)
    ]
    assert never_reached(reach) == ()


@pytest.mark.parametrize("times, headers, there", [(1, PLAIN, True), (2, {}, True), (2, PLAIN, False)])
def test_a_path_below_a_thing_is_not_missing_otherwise(times: int, headers: dict[str, str], *, there: bool) -> None:
    assert within_reach([], below_one_thing(times, headers, there=there)) == ()


def test_what_was_made_is_there_until_it_is_deleted() -> None:
    talk = Talk()
    talk.create(song("waiting"))
    for _ in range(2):
        talk.say("stopSong", 404, fault(), headers=PLAIN)
    reach = Reach(contract(), Recording(exchanges=tuple(talk.exchanges)))
    assert [each.requirement for each in within_reach([], reach)] == ["SAMPLE-stopSong-CONFORMS"]

    talk.say(None, 204, path="/songs/s1", method="DELETE")
    assert within_reach([], Reach(contract(), Recording(exchanges=tuple(talk.exchanges)))) == ()


@pytest.mark.parametrize("said, missed", [("no model 'loud'", False), ("nothing here", True)])
def test_an_answer_that_quotes_what_was_sent_is_not_about_the_operation(said: str, *, missed: bool) -> None:
    talk = Talk()
    talk.get(song())
    for _ in range(3):
        talk.say("createSong", 404, {"model": said}, sent={"model": "loud"})
    reach = Reach(with_a_surface_of_its_own("listSongs"), Recording(exchanges=tuple(talk.exchanges)))

    assert bool(within_reach([], reach)) is missed


def test_what_is_not_there_decides_nothing_where_it_is_not_in_question() -> None:
    recording = talk_without("createSong")
    known = with_a_surface_of_its_own("createSong")
    gone = outcome(Verdict.FAIL, recording.exchanges[-1].id)

    (weighed_,) = within_reach([gone], Reach(known, recording, surfaces=("operations",)))

    assert weighed_.verdict is Verdict.INCONCLUSIVE
    assert "was never seen to be there: every answer to it was 404" in weighed_.reason


def test_what_is_not_in_question_is_not_missed() -> None:
    reach = Reach(with_a_surface_of_its_own("createSong"), talk_without("createSong"), surfaces=("operations",))

    assert within_reach([], reach) == ()


def test_what_is_not_in_question_takes_nothing_from_a_pass() -> None:
    recording = talk_without("createSong")
    met = outcome(Verdict.PASS, *(each.id for each in recording.exchanges[1:]))

    (weighed_,) = within_reach(
        [met], Reach(with_a_surface_of_its_own("createSong"), recording, surfaces=("operations",))
    )

    assert weighed_.verdict is Verdict.PASS
