"""The life of a task: its states, their order, its end, and the id it goes by."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from conformance.monitors.base import NOTHING_TO_JUDGE, Collector
from conformance.monitors.histories import asked_task_id
from conformance.monitors.places import ABSENT, show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.conventions import TaskState
    from conformance.monitors.base import Judged
    from conformance.monitors.histories import Change
    from conformance.monitors.traffic import Traffic


def task_states(traffic: Traffic) -> Judged:
    """The state of a task has a documented spelling; a list or the answer to a create may leave it out."""
    collector = Collector()
    tasks = traffic.contract.conventions.tasks
    if tasks is None:
        return NOTHING_TO_JUDGE
    what = f"one of {', '.join(tasks.states)}"
    for sighting in traffic.sightings:
        if sighting.state is not None:
            collector.hold(sighting.id)
        elif sighting.full or sighting.at(tasks.status) is not ABSENT:
            collector.fail(sighting.expected(what, tasks.status), sighting.id)
    return collector.judged()


def task_transitions(traffic: Traffic) -> Judged:
    """
    A task that goes on from one state to another does so as documented.

    Polling misses states, so every state that can be reached through documented ones is legal. A change after
    the end belongs to the rule `task-terminal-final`.
    """
    collector = Collector()
    tasks = traffic.contract.conventions.tasks
    if tasks is None:
        return NOTHING_TO_JUDGE
    reachable = {name: _reachable(state, tasks.states) for name, state in tasks.states.items()}
    for change in _changes(traffic):
        goals = reachable[change.was.name]
        if change.was.terminal or change.now is change.was:
            continue
        if change.now.name in goals:
            collector.hold(change.earlier.id, change.later.id)
        else:
            what = f"a task that is {change.was.name!r} to become {' or '.join(sorted(goals))}"
            collector.fail(change.expected(what), change.earlier.id, change.later.id)
    return collector.judged()


def task_terminal_final(traffic: Traffic) -> Judged:
    """A task that has ended keeps its state."""
    collector = Collector()
    for change in _changes(traffic):
        if change.was.terminal and change.now is change.was:
            collector.hold(change.earlier.id, change.later.id)
        elif change.was.terminal:
            what = f"a task that was {change.was.name!r} to stay so"
            collector.fail(change.expected(what), change.earlier.id, change.later.id)
    return collector.judged()


def task_id_stable(traffic: Traffic) -> Judged:
    """An answer about the task that was asked for carries the id that was asked for."""
    collector = Collector()
    tasks = traffic.contract.conventions.tasks
    if tasks is None:
        return NOTHING_TO_JUDGE
    for operation in filter(None, (tasks.get, tasks.cancel)):
        for answered in traffic.answers_to(operation):
            shown, asked = answered.at(tasks.id), asked_task_id(answered, tasks)
            if not answered.success or not isinstance(shown, str) or asked is None:
                continue
            if shown == asked:
                collector.hold(answered.id)
            else:
                what = f"the id that was asked for, {show(asked)},"
                collector.fail(answered.expected(what, tasks.id), answered.id)
    return collector.judged()


def task_ends(traffic: Traffic) -> Judged:
    """
    A task ends while it is watched for as long as the documents advise to poll.

    Measured on the run's own clock, so that a task which was left alone, or held on purpose for a while, is not
    blamed; whoever waits with another limit judges that in a test.
    """
    collector = Collector()
    tasks = traffic.contract.conventions.tasks
    if tasks is None:
        return NOTHING_TO_JUDGE
    limit = timedelta(seconds=tasks.polling.timeout_seconds)
    for history in traffic.histories:
        first, last = history.sightings[0], history.sightings[-1]
        ended = next((s for s in history.live if s.state is not None and s.state.terminal), None)
        if ended is not None:
            collector.hold(ended.id)
        elif last.received_at - first.sent_at >= limit:
            what = f"an end of the task within {tasks.polling.timeout_seconds:g} s"
            collector.fail(last.expected(what, tasks.status), first.id, last.id)
    return collector.judged()


def _changes(traffic: Traffic) -> Iterator[Change]:
    for history in traffic.histories:
        yield from history.changes()


def _reachable(state: TaskState, states: Mapping[str, TaskState]) -> frozenset[str]:
    found: set[str] = set()
    ahead = set(state.next)
    while ahead:
        name = ahead.pop()
        found.add(name)
        ahead |= (states[name].next if name in states else frozenset()) - found
    return frozenset(found)
