"""Jobs: what has ended stays as it is, keeps what came of it, and its times are in order; what never was is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import NotOfferedError
from conformance.contract.states import RESULTS, actions_of, revives, stage_of, states_of
from conformance.journal.records import Mismatch
from conformance.suite.any_api.comparing import moments
from conformance.suite.any_api.creating import PAUSES_SECONDS, SCENARIO_BUDGETS, absent_name
from conformance.suite.any_api.test_states import known_states, state_in
from conformance.suite.any_api.things import related_to, things_of
from conformance.suite.batch import decided
from conformance.suite.generated import account_for
from conformance.suite.scenarios import derived, scenario_for_each_operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.contract.states import States
    from conformance.generation.cases import Drawing
    from conformance.journal.records import Exchange
    from conformance.suite.any_api.things import Made, Things

_MOST_ACTIONS: Final = 2
_AFTER_THE_END: Final = 2
# Clocks of several machines differ, and some times are told in whole seconds.
_APART: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Life:
    """What was read of a job, one read after the other; where an action was taken, its answer comes first."""

    reads: tuple[tuple[Exchange, Mapping[str, Any]], ...]


@scenario_for_each_operation(SCENARIO_BUDGETS["resource-jobs"].budget)
def lives(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> tuple[Life, ...]:
    """A job that is left alone, and one for each action that may end it, each looked at beyond its end."""
    with account_for(account_pool, "lives", operation) as account:
        things = things_of(contract, account, drawing, operation)
        states, parents = known_states(things), things.parents()
        acting = [a for a in actions_of(contract.document, things.resource) if not revives(a)][:_MOST_ACTIONS]
        made: list[Made] = []
        found: list[list[tuple[Exchange, Mapping[str, Any]]]] = []
        for action in (None, *acting):
            made.append(things.make(parents, plain=True))
            found.append([])
            # At once, before it has come to its end by itself.
            answer = None if action is None else account.call(action.id, path=made[-1].path)
            if answer is not None and answer.accepted and _is_shown(things, answer):
                found[-1].append((answer, things.shown(answer)))
        for pause in (0, *PAUSES_SECONDS):
            account.pause(pause)
            looks = [_looked_at(things, states, one, found[n], acted=n > 0) for n, one in enumerate(made)]
            if not any(looks):
                break
        things.remove(*made)
        return tuple(Life(tuple(reads)) for reads in found)


def _is_shown(things: Things, answer: Exchange) -> bool:
    return isinstance(things.shown(answer), dict)


def _looked_at(
    things: Things, states: States, made: Made, reads: list[tuple[Exchange, Mapping[str, Any]]], *, acted: bool
) -> bool:
    """
    Read a thing once more; whether it is worth another look: until it has ended, and for a while after that.

    What an action has ended is looked at as long as anything else is.
    """
    ended = sum(states.is_end(body.get(states.member)) for _, body in reads)
    if ended > _AFTER_THE_END and not acted:
        return False
    read = things.read(made)
    if not read.accepted or not _is_shown(things, read):
        return False
    reads.append((read, things.shown(read)))
    state = state_in(things, states, read)
    return states.is_under_way(state) or (states.is_end(state) and (not acted or ended < _AFTER_THE_END))


@dataclass(frozen=True, slots=True)
class Strangers:
    """What an operation answered about a thing, and about one that never was."""

    known: Exchange
    absent: Exchange


@scenario_for_each_operation(SCENARIO_BUDGETS["resource-absent"].budget)
def strangers(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Strangers:
    """Something that was made, and a name like its own that was never given."""
    with account_for(account_pool, "absent", operation) as account:
        things = things_of(contract, account, drawing, operation)
        made = things.make(things.parents(), plain=True)
        absent = {**made.path, things.resource.parameter: absent_name(made.name)}
        if operation.body_required:
            body = things.change_of(operation, things.shown(things.read(made)))
            other = type(made)(made.body, made.exchange, absent, made.name)
            nothing = things.change(operation, other, body)[1]
        else:
            nothing = account.call(operation.id, path=absent)
        known = things.read(made)
        things.remove(made)
        return Strangers(known, nothing)


@derived("final")
def test_what_has_ended_stays_as_it_is(lives: tuple[Life, ...], operation: Operation, contract: Contract) -> None:
    known = related_to(contract, operation)
    states = states_of(known.graph, known.resource)
    # What ends by itself is followed for itself.
    acted = lives[1:]
    ended = [life for life in acted if states and any(states.is_end(b.get(states.member)) for _, b in life.reads[:-1])]
    if states is None or not ended:
        raise NotOfferedError("no operation ended anything")

    for life in ended:
        for (one, before), (other, after) in pairwise(life.reads):
            state, later = before.get(states.member), after.get(states.member)
            if states.is_end(state) and later != state:
                sentence = f"expected {states.member} to stay {state!r}, which is an end, then read {later!r}"
                raise Mismatch(sentence, one.id, other.id)


@derived("results-stay")
def test_what_came_of_a_job_stays_there(lives: tuple[Life, ...], operation: Operation, contract: Contract) -> None:
    known = related_to(contract, operation)
    states = states_of(known.graph, known.resource)
    # What goes on after its end is judged for itself.
    reads = [(each, body) for each, body in lives[0].reads if states and states.is_end(body.get(states.member))]
    shown = [name for name in RESULTS if any(body.get(name) not in (None, [], {}, "") for _, body in reads[:-1])]
    if not shown:
        raise NotOfferedError("no read showed anything that came of it")

    for (one, before), (other, after) in pairwise(reads):
        for name in shown:
            if before.get(name) not in (None, [], {}, "") and after.get(name) in (None, [], {}, ""):
                raise Mismatch(f"expected {name} to be there still, got {after.get(name)!r}", one.id, other.id)


@derived("times-in-order")
def test_the_times_of_a_job_are_in_order(lives: tuple[Life, ...]) -> None:
    seen = [(read, [*_times(body)]) for life in lives for read, body in life.reads]
    told = [(read, times) for read, times in seen if len(times) > 1]
    if not told:
        raise NotOfferedError("no read showed two times of one job")

    for read, times in told:
        for (one, before), (other, after) in pairwise(times):
            if before - after > _APART:
                raise Mismatch(f"expected {one} not to be after {other}, got {before} and {after}", read.id)


def _times(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The times of a job by their names, in the order in which they should come."""
    staged = {name: stage for name in body if (stage := stage_of(name)) is not None}
    for name in sorted(staged, key=staged.__getitem__):
        yield from ((name, moment) for moment in moments([body[name]]))


@derived("absent")
def test_what_never_was_is_refused(strangers: Strangers) -> None:
    if not decided(strangers.known).accepted:
        raise NotOfferedError(f"what was made can't be read: {strangers.known.summary}")
    absent = decided(strangers.absent)
    if absent.accepted:
        sentence = f"expected a refusal of what never was, got {absent.summary}"
        raise Mismatch(sentence, strangers.known.id, absent.id)
