"""Compositions: what may be asked for, and that each starts a task of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.client.errors import BlockedError
from conformance.contract.outcomes import Outcome
from conformance.journal.records import Mismatch
from conformance.suite.batch import decided
from conformance.suite.beatoven.studio import LETS_IN, STARTS, TAKES_JSON, let_in, started
from conformance.suite.scenarios import requirement

if TYPE_CHECKING:
    from conformance.suite.beatoven.studio import Composition, SameRequest

PROMPT_ALONE: Final = "BEATOVEN-TRACK-03"
FORMATS: Final = "BEATOVEN-TRACK-04"
_UNSUPPORTED_TYPE: Final = 415


@requirement(LETS_IN)
def test_the_token_is_taken(composition: Composition) -> None:
    for exchange in (decided(composition.asked), *map(decided, composition.polls[:1])):
        if exchange.outcome in (Outcome.UNAUTHENTICATED, Outcome.FORBIDDEN):
            asked = f"{exchange.request.method} {exchange.request.url}"
            raise Mismatch(f"expected {asked} with the token to be let in, got {exchange.status}", exchange.id)


@requirement(TAKES_JSON)
def test_json_is_taken(composition: Composition) -> None:
    exchange = decided(composition.asked)
    if exchange.outcome in (Outcome.UNAUTHENTICATED, Outcome.FORBIDDEN):
        raise BlockedError(LETS_IN, f"{exchange.request.method} {exchange.request.url} gave {exchange.status}")
    if exchange.status == _UNSUPPORTED_TYPE:
        raise Mismatch("expected a body that is declared as application/json to be taken, got 415", exchange.id)


@requirement(STARTS)
def test_a_composition_hands_over_a_task_id(
    documented_example: Composition, prompt_alone: Composition, in_mp3: Composition, in_aac: Composition
) -> None:
    answers = [let_in(one.created) for one in (documented_example, prompt_alone, in_mp3, in_aac)]
    accepted = [answer for answer in answers if answer.accepted]

    if not accepted:
        refused = answers[0]
        raise Mismatch(f"expected a composition to be accepted, got {refused.summary}", refused.id)
    for answer in accepted:
        assert answer.string("/task_id"), "expected the id of a task, got an empty text"


@requirement("BEATOVEN-TRACK-02")
def test_a_composition_is_answered_as_started(composition: Composition) -> None:
    answer = let_in(composition.created)
    if not answer.accepted:
        raise BlockedError(STARTS, f"the composition was answered {answer.summary}")

    assert answer.string("/status") == "started"


@requirement(PROMPT_ALONE)
def test_a_prompt_alone_is_enough(prompt_alone: Composition, in_aac: Composition, in_mp3: Composition) -> None:
    answer = let_in(prompt_alone.created)
    if not answer.accepted:
        if not let_in(in_aac.created).accepted and not let_in(in_mp3.asked).accepted:
            raise BlockedError(STARTS, f"no composition was accepted: {answer.summary}")
        raise Mismatch(f"expected a prompt alone to be accepted, got {answer.summary}", answer.id)


@requirement(FORMATS)
def test_each_format_can_be_asked_for(
    documented_example: Composition, in_mp3: Composition, in_aac: Composition, prompt_alone: Composition
) -> None:
    for name, found in (("wav", documented_example), ("mp3", in_mp3), ("aac", in_aac)):
        answer = let_in(found.created)
        if not answer.accepted:
            if not let_in(prompt_alone.created).accepted:
                raise BlockedError(PROMPT_ALONE, f"without format it is not accepted either: {answer.summary}")
            raise Mismatch(f"expected a composition in {name} to be accepted, got {answer.summary}", answer.id)


@requirement("BEATOVEN-TRACK-05")
def test_looping_can_be_asked_for(documented_example: Composition, in_mp3: Composition) -> None:
    for looping, found in (("false", documented_example), ("true", in_mp3)):
        answer = let_in(found.asked)
        if not answer.accepted:
            if not let_in(found.created).accepted:
                raise BlockedError(FORMATS, f"the composition is not accepted without looping either: {answer.summary}")
            raise Mismatch(f"expected looping {looping} to be accepted, got {answer.summary}", answer.id)


@requirement("BEATOVEN-TRACK-06")
def test_each_composition_is_a_task_of_its_own(
    documented_example: Composition, prompt_alone: Composition, in_mp3: Composition, in_aac: Composition
) -> None:
    made = (documented_example, prompt_alone, in_mp3, in_aac)
    ids = [one.task_id for one in made if one.created.accepted]
    if len(ids) < 2:
        raise BlockedError(STARTS, "fewer than two compositions started a task")

    assert len(set(ids)) == len(ids), f"expected a task of its own for each composition, got {ids}"


@requirement("BEATOVEN-TRACK-06")
def test_the_same_request_twice_is_two_tasks(same_request: SameRequest) -> None:
    first, second = started(same_request.first), started(same_request.second)

    assert first.string("/task_id") != second.string("/task_id")
