"""States of things: what moves them is answered truly and refused where the document says so, and an end is an end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.client.errors import NotOfferedError
from conformance.client.request import prepare
from conformance.contract.outcomes import Outcome, is_whole
from conformance.contract.states import (
    PROGRESS,
    RESULTS,
    actions_of,
    excludes,
    revives,
    states_of,
    subjects_of,
)
from conformance.journal.records import Mismatch
from conformance.suite.any_api.creating import PAUSES_SECONDS, SCENARIO_BUDGETS
from conformance.suite.any_api.things import related_to, things_of
from conformance.suite.generated import account_for
from conformance.suite.scenarios import derived, scenario_for_each_operation, scenario_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.contract.states import States
    from conformance.generation.cases import Drawing
    from conformance.generation.resources import LinkedValues
    from conformance.journal.records import Exchange
    from conformance.suite.any_api.things import Made, Things
    from conformance.suite.scenarios import ScenarioRunner

# So many moves are tried on the things of one resource, and so many states are looked into.
_MOST_MOVES: Final = 16
_MOST_STATES: Final = 5
# So many moves are tried on what has come to its end by itself, as each waits for that.
_MOST_ENDED: Final = 2


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that is to be moved: by an operation alone, or by a change that states a state."""

    operation: str
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class TakenMove:
    """A move from a state: its answer, what was read after it, and the states before, in the answer, and after."""

    move: Move
    before: str
    answer: Exchange
    read: Exchange
    told: object
    after: object


@dataclass(frozen=True, slots=True)
class ObservedStates:
    """A thing that was read until it was in an end, and twice after that."""

    reads: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True)
class EarlyResult:
    """What a thing that had just been made was answered about its result, and the read of it after that."""

    early: Exchange
    read: Exchange
    state: object


@pytest.fixture(scope="session")
def moved_things(
    operation: Operation, contract: Contract, drawing: Drawing, scenario_runner: ScenarioRunner
) -> tuple[TakenMove, ...]:
    """The moves of one resource, tried once for all of its operations."""
    maker = contract.document.operations[related_of(contract, operation)]
    budget = SCENARIO_BUDGETS["resource-states"].budget
    steps: tuple[TakenMove, ...] = scenario_runner.carried_out(
        scenario_of(maker, tried_moves, budget, contract=contract, drawing=drawing)
    )
    return steps


def related_of(contract: Contract, operation: Operation) -> str:
    """The operation that makes what an operation is about."""
    return related_to(contract, operation).resource.create


def tried_moves(
    operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing
) -> tuple[TakenMove, ...]:
    """Every move from every state that is reached, within limits."""
    with account_for(account_pool, "moved", operation) as account:
        things = things_of(contract, account, drawing, operation)
        states = known_states(things)
        trail = Trail(things, states, things.parents())
        first = trail.fresh(())
        steps: list[TakenMove] = []
        paths: dict[str, tuple[Move, ...]] = {} if first is None else {first: ()}
        moves = moves_of(contract, things, states, trail)
        for state in list(paths):
            _try_from(state, moves, trail, paths, steps)
        left = [state for state in paths if state != first]
        while left and len(steps) < _MOST_MOVES and len(paths) <= _MOST_STATES:
            known = set(paths)
            _try_from(left.pop(0), moves, trail, paths, steps)
            left += [state for state in paths if state not in known]
        if things.known.job:
            steps += after_the_end(trail, states, moves)
        trail.clear()
        return tuple(steps)


def after_the_end(trail: Trail, states: States, moves: Sequence[Move]) -> Iterator[TakenMove]:
    """Every move of what has come to its end by itself, each of another thing; none where that takes too long."""
    for move in moves[:_MOST_ENDED]:
        ended = trail.ended()
        if ended is None or not states.is_end(ended):
            return
        yield trail.take(move, ended)


def _try_from(
    state: str, moves: Sequence[Move], trail: Trail, paths: dict[str, tuple[Move, ...]], steps: list[TakenMove]
) -> None:
    for move in moves:
        if len(steps) >= _MOST_MOVES:
            return
        if trail.state != state and trail.fresh(paths[state]) != state:
            return  # what moves by itself can't be brought into a state
        step = trail.take(move, state)
        steps.append(step)
        if isinstance(step.after, str) and step.after not in paths:
            paths[step.after] = (*paths[state], move)


class Trail:
    """Things of one resource, one after the other, each led into a state."""

    def __init__(self, things: Things, states: States, parents: LinkedValues) -> None:
        self._things, self._states, self._parents = things, states, parents
        self._made: list[Made] = []
        self.state: object = None

    def fresh(self, path: Sequence[Move]) -> str | None:
        """Make a thing, take these moves, and say in which state it is then."""
        self._made.append(self._things.make(self._parents, plain=True))
        for move in path:
            self._send(move)
        _, self.state = self._read()
        return self.state if isinstance(self.state, str) else None

    def ended(self) -> str | None:
        """Make a thing, wait until nothing is done about it any more, and say in which state it is then."""
        state = self.fresh(())
        for pause in PAUSES_SECONDS:
            if not self._states.is_under_way(state):
                break
            self._things.account.pause(pause)
            _, shown = self._read()
            state = shown if isinstance(shown, str) else None
        self.state = state
        return state

    def take(self, move: Move, before: str) -> TakenMove:
        """Take a move and see what came of it."""
        answer = self._send(move)
        told = self._things.shown(answer) if answer.accepted else None
        read, self.state = self._read()
        shown = told.get(self._states.member) if isinstance(told, dict) else None
        return TakenMove(move, before, answer, read, shown, self.state)

    def harmless_change(self, operation: Operation) -> Mapping[str, Any]:
        """A change of the last thing that states no state."""
        shown = self._things.shown(self._things.read(self._made[-1]))
        others = {k: v for k, v in shown.items() if k != self._states.member} if isinstance(shown, dict) else shown
        return self._things.change_of(operation, others)

    def clear(self) -> None:
        """Take away what was made."""
        self._things.remove(*self._made)

    def _send(self, move: Move) -> Exchange:
        path = self._made[-1].path
        if move.body is None:
            return self._things.account.call(move.operation, path=path)
        return self._things.change(self._things.operation(move.operation), self._made[-1], move.body)[1]

    def _read(self) -> tuple[Exchange, object]:
        read = self._things.read(self._made[-1])
        shown = self._things.shown(read) if read.accepted else None
        return read, shown.get(self._states.member) if isinstance(shown, dict) else None


def known_states(things: Things) -> States:
    """The states of the things (raises `NotOfferedError` where the document has none)."""
    states = states_of(things.graph, things.resource)
    if states is None:
        raise NotOfferedError(f"the document names no states of {things.resource.item}")
    return states


def moves_of(contract: Contract, things: Things, states: States, trail: Trail) -> tuple[Move, ...]:
    """What may move a thing: its actions, changes that state a state where the document says which follow, or none."""
    acted = [Move(operation.id) for operation in actions_of(contract.document, things.resource)]
    acted += [Move(name, trail.harmless_change(things.operation(name))) for name in limited(things, states)]
    modify = things.resource.modify
    settable = modify is not None and states.member in things.graph.sent_members(modify)
    if modify is None:
        return tuple(acted)
    if not settable or not states.steps:
        return (*acted, Move(modify, trail.harmless_change(things.operation(modify))))
    return (*acted, *(Move(modify, {states.member: value}) for value in states.values))


def limited(things: Things, states: States) -> tuple[str, ...]:
    """The operation that replaces a thing, where the document says in which states it does."""
    name = things.resource.replace
    stated = name is not None and subjects_of(things.graph.raw(name).raw, states)
    return (name,) if name is not None and stated else ()


@derived("moves")
def test_moves_are_answered_truly_and_refused_where_the_document_says_so(
    moved_things: tuple[TakenMove, ...], operation: Operation, contract: Contract
) -> None:
    known = related_to(contract, operation)
    states = states_of(known.graph, known.resource)
    tried = [step for step in moved_things if step.move.operation == operation.id and step.answer.outcome.decisive]
    if not tried or states is None:
        raise NotOfferedError("no thing could be brought into a state from which this was tried")
    by_result = {step.after for step in tried if step.answer.accepted and step.after != step.before}
    came_after = later_than(subjects_of(known.graph.raw(operation.id).raw, states), moved_things, states)

    for step in tried:
        if step.answer.outcome.refusal and step.read.accepted and step.after != step.before:
            sentence = f"expected no move by what was refused, but {states.member} was {step.before!r}"
            raise Mismatch(f"{sentence} and is {step.after!r}", step.answer.id, step.read.id)
        if step.answer.outcome is Outcome.NOT_FOUND and step.read.accepted:
            sentence = f"expected an answer about what is there ({states.member} {step.after!r})"
            raise Mismatch(f"{sentence}, got {step.answer.summary}", step.answer.id, step.read.id)
        if not step.answer.accepted:
            continue
        if isinstance(step.told, str) and step.after != step.told and not states.is_under_way(step.told):
            sentence = f"expected {states.member} {step.told!r} as the answer says, read {step.after!r}"
            raise Mismatch(sentence, step.answer.id, step.read.id)
        wanted = (step.move.body or {}).get(states.member)
        if wanted is None:
            own, later = step.before in by_result, step.before in came_after
            said = excludes(contract.document, operation, states, step.before, own=own, later=later)
        else:
            said = "" if (step.before, wanted) in states.steps or wanted == step.before else "the states that follow"
            said = said if _refuses(operation) or not states.allows(step.before, wanted) else ""
        if said:
            sentence = f"expected a refusal in the state {step.before!r} ({said}), got {step.answer.summary}"
            raise Mismatch(sentence, step.answer.id, step.read.id)


def later_than(subjects: set[str], steps: Sequence[TakenMove], states: States) -> set[str]:
    """
    The states that were seen to come after some, not at once but by whatever way.

    Of what is being done documents speak loosely: "a running job" may still be queued.
    """
    reached, left = set[str](), [*subjects]
    while left:
        here = left.pop()
        follow = {s.after for s in steps if s.answer.accepted and s.before == here and isinstance(s.after, str)}
        new = follow - reached - subjects
        reached |= new
        left += new
    return set() if any(map(states.is_under_way, subjects)) else reached


def _refuses(operation: Operation) -> bool:
    return any(answer.key == "409" for answer in operation.answers)


@derived("stays")
def test_an_end_stays_the_end(moved_things: tuple[TakenMove, ...], operation: Operation, contract: Contract) -> None:
    known = related_to(contract, operation)
    states = states_of(known.graph, known.resource)
    ended = [step for step in moved_things if states is not None and states.is_end(step.before)]
    # What the document itself excludes is judged by the operation that moves.
    ended = [step for step in ended if not _is_excluded(contract, step, states)]
    if not ended or states is None:
        raise NotOfferedError("no thing was brought into a state that is an end")

    for step in ended:
        reviving = revives(contract.document.operations[step.move.operation])
        follows = isinstance(step.after, str) and (step.before, step.after) in states.steps
        if isinstance(step.after, str) and not states.is_end(step.after) and not reviving and not follows:
            sentence = f"expected {step.before!r} to be an end, but {step.move.operation} led to {step.after!r}"
            raise Mismatch(sentence, step.answer.id, step.read.id)


def _is_excluded(contract: Contract, step: TakenMove, states: States | None) -> bool:
    operation = contract.document.operations[step.move.operation]
    return states is not None and bool(excludes(contract.document, operation, states, step.before, own=False))


@scenario_for_each_operation(SCENARIO_BUDGETS["resource-states"].budget)
def followed_thing(
    operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing
) -> ObservedStates:
    """A thing that is under way from its making on, and polled until it ends or the time for it is over."""
    with account_for(account_pool, "followed", operation) as account:
        things = things_of(contract, account, drawing, operation)
        states = known_states(things)
        made = things.make(things.parents(), plain=True)
        reads = [things.read(made)]
        for pause in PAUSES_SECONDS:
            if not states.is_under_way(state_in(things, states, reads[-1])):
                break
            account.pause(pause)
            reads.append(things.read(made))
        if not states.is_under_way(state_in(things, states, reads[-1])):
            reads += [things.read(made), things.read(made)]
        things.remove(made)
        return ObservedStates(tuple(reads))


@scenario_for_each_operation(SCENARIO_BUDGETS["resource-states"].budget)
def early_results(
    operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing
) -> tuple[EarlyResult, ...]:
    """Two things one after the other, each asked for its result as soon as it was made."""
    with account_for(account_pool, "early", operation) as account:
        things = things_of(contract, account, drawing, operation)
        states = known_states(things)
        found: list[EarlyResult] = []
        for _ in range(2):
            made = things.make(things.parents(), plain=True)
            # A fault may be gone with the state that it is in, so that it is looked for in another thing.
            asked = prepare(account.client.base_url, operation, path=made.path)
            early, read = account.send(asked, patient=False), things.read(made)
            found.append(EarlyResult(early, read, state_in(things, states, read)))
            things.remove(made)
        return tuple(found)


@derived("awaited")
def test_results_come_last(early_results: tuple[EarlyResult, ...], operation: Operation, contract: Contract) -> None:
    known = related_to(contract, operation)
    states = states_of(known.graph, known.resource)
    early = [one for one in early_results if states is not None and states.is_under_way(one.state)]
    if not early:
        raise NotOfferedError("what was made was not under way any more when its result was asked for")

    for one in early:
        if one.early.accepted and is_whole(one.early.status):
            sentence = f"expected a refusal of what comes of it in the state {one.state!r}"
            raise Mismatch(f"{sentence}, got {one.early.summary}", one.early.id, one.read.id)
    faults = [one.early for one in early if one.early.outcome is Outcome.FAILED]
    if len(faults) > 1:
        sentence = f"expected an answer before the end of two things, got {faults[0].summary} for each"
        raise Mismatch(sentence, *(fault.id for fault in faults))


def state_in(things: Things, states: States, read: Exchange) -> object:
    """The state that an answer shows."""
    shown = things.shown(read) if read.accepted else None
    return shown.get(states.member) if isinstance(shown, dict) else None


@derived("progress")
def test_what_is_under_way_goes_forward_to_its_end(
    followed_thing: ObservedStates, operation: Operation, contract: Contract
) -> None:
    known = related_to(contract, operation)
    states = states_of(known.graph, known.resource)
    within = known.resource.pointer.rpartition("/")[0]
    shown = [(read, read.get(within)) for read in followed_thing.reads if read.accepted]
    seen = [(read, body) for read, body in shown if isinstance(body, dict)]
    if states is None or not seen or not states.is_under_way(seen[0][1].get(states.member)):
        raise NotOfferedError("what was made was not under way when it was first read")

    members = known.graph.shown_members(known.resource)
    for read, body in seen:
        _check_results(states, read, body, members)
    for (one, before), (other, after) in pairwise(seen):
        _check_order(states, one, other, (before, after))


def _check_results(
    states: States, read: Exchange, body: Mapping[str, Any], members: Mapping[str, Mapping[str, Any]]
) -> None:
    state = body.get(states.member)
    for name in (name for name in RESULTS if name in members):
        if states.is_under_way(state) and body.get(name) not in (None, [], {}, ""):
            raise Mismatch(f"expected no {name} in the state {state!r}, got one", read.id)


def _check_order(
    states: States, one: Exchange, other: Exchange, bodies: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> None:
    before, after = (body.get(states.member) for body in bodies)
    if states.is_end(before) and after != before:
        raise Mismatch(f"expected {before!r} to be an end, then read {after!r}", one.id, other.id)
    if isinstance(before, str) and isinstance(after, str) and not states.allows(before, after):
        sentence = f"expected what the document lets follow {before!r}, then read {after!r}"
        raise Mismatch(sentence, one.id, other.id)
    for name in PROGRESS:
        first, second = (body.get(name) for body in bodies)
        if isinstance(first, int | float) and isinstance(second, int | float) and second < first:
            raise Mismatch(f"expected {name} never to fall, read {first!r} and then {second!r}", one.id, other.id)
