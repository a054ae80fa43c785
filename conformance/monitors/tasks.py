"""Tasks: their states, the order of these, their end with output or error, their ids, and pages that list them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from conformance.money.budget import Tier
from conformance.monitors.monitor import ABSENT, NOTHING_TO_JUDGE, Collector, fault_at, find, is_given, rule, show
from conformance.monitors.task_histories import asked_task_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.conventions import Phase, Tasks, TaskState
    from conformance.monitors.answer import Answered
    from conformance.monitors.monitor import Deviation, MonitorResult
    from conformance.monitors.task_histories import Sighting, StateChange
    from conformance.monitors.traffic import Traffic


@rule("task-states")
def task_states(traffic: Traffic) -> MonitorResult:
    """
    The state of a task has a documented spelling; a list or the answer to a create may leave it out.

    Where creates are answered with a word in place of a state, that word is not judged here.
    """
    collector = Collector()
    tasks = traffic.contract.conventions.tasks
    if tasks is None:
        return NOTHING_TO_JUDGE
    what = f"one of {', '.join(tasks.states)}"
    for sighting in traffic.sightings:
        if (sighting.via == "create" and tasks.acknowledged) or _is_bare_error(sighting, tasks):
            continue
        if sighting.state is not None:
            collector.hold(sighting.id)
        elif sighting.full or sighting.at(tasks.status) is not ABSENT:
            collector.fail(sighting.expected(what, tasks.status), sighting.id)
    return collector.judged()


def _is_bare_error(sighting: Sighting, tasks: Tasks) -> bool:
    """Whether a task shows its error in place of a state, where the conventions allow that."""
    error = sighting.at(tasks.error) if tasks.bare_errors and tasks.error else None
    return is_given(error) and sighting.at(tasks.status) is ABSENT


@rule("task-transitions")
def task_transitions(traffic: Traffic) -> MonitorResult:
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
            collector.fail(change.expected(what, tasks.status), change.earlier.id, change.later.id)
    return collector.judged()


@rule("task-terminal-final")
def task_terminal_final(traffic: Traffic) -> MonitorResult:
    """A task that has ended keeps its state."""
    collector = Collector()
    tasks = traffic.contract.conventions.tasks
    if tasks is None:
        return NOTHING_TO_JUDGE
    for change in _changes(traffic):
        if change.was.terminal and change.now is change.was:
            collector.hold(change.earlier.id, change.later.id)
        elif change.was.terminal:
            what = f"a task that was {change.was.name!r} to stay so"
            collector.fail(change.expected(what, tasks.status), change.earlier.id, change.later.id)
    return collector.judged()


@rule("task-id-stable")
def task_id_stable(traffic: Traffic) -> MonitorResult:
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


@rule("task-ends")
def task_ends(traffic: Traffic) -> MonitorResult:
    """
    A task ends while it is watched for as long as the documents advise to poll.

    Measured on the run's own clock, so that a task which was left alone, or held on purpose for a while, is not
    blamed; waiting with another limit is judged in a test.
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


def _changes(traffic: Traffic) -> Iterator[StateChange]:
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


@rule("output-on-success")
def output_on_success(traffic: Traffic) -> MonitorResult:
    """A task that succeeded shows its output whenever it is read whole."""
    tasks = traffic.contract.conventions.tasks
    return _shows_when(traffic, "succeeded", tasks.output if tasks else None, "an output")


@rule("error-on-failure")
def error_on_failure(traffic: Traffic) -> MonitorResult:
    """A task that failed says why whenever it is read whole."""
    tasks = traffic.contract.conventions.tasks
    return _shows_when(traffic, "failed", tasks.error if tasks else None, "an error")


@rule("output-only-on-success")
def output_only_on_success(traffic: Traffic) -> MonitorResult:
    """A task that has not succeeded shows no output; an empty one is none."""
    collector = Collector()
    tasks = traffic.contract.conventions.tasks
    if tasks is None or tasks.output is None:
        return NOTHING_TO_JUDGE
    for sighting in traffic.sightings:
        shown = sighting.at(tasks.output)
        if sighting.state is None or sighting.state.phase == "succeeded":
            continue
        if not _is_blank(shown):
            what = f"no output of a task that is {sighting.state.name!r}"
            collector.fail(sighting.expected(what, tasks.output), sighting.id)
        elif sighting.full:
            collector.hold(sighting.id)
    return collector.judged()


def _shows_when(traffic: Traffic, phase: Phase, pointer: str | None, what: str) -> MonitorResult:
    collector = Collector()
    if pointer is None:
        return NOTHING_TO_JUDGE
    for sighting in traffic.sightings:
        if sighting.state is None or sighting.state.phase != phase or not sighting.full or sighting.stored:
            continue
        if is_given(sighting.at(pointer)):
            collector.hold(sighting.id)
        else:
            sentence = sighting.expected(f"{what} of a task that is {sighting.state.name!r}", pointer)
            collector.fail(sentence, sighting.id)
    return collector.judged()


def _is_blank(value: object) -> bool:
    """Whether a value says nothing: absent, null, empty, or an object of such members."""
    members = list(value.values()) if isinstance(value, dict) else [value]
    return all(not is_given(member) or member in ("", [], {}) for member in members)


@rule("list-shape", Tier.READ)
def list_shape(traffic: Traffic) -> MonitorResult:
    """A page of tasks is an array of objects, each with an id that no other one on the page has."""
    collector = Collector()
    tasks = traffic.contract.conventions.tasks
    if tasks is None or tasks.list is None:
        return NOTHING_TO_JUDGE
    for answered in traffic.answers_to(tasks.list):
        # The rest of a page that is too long to be kept may be in order.
        if answered.success and not answered.response.body.truncated:
            collector.decide(page_fault(answered, tasks), answered.id)
    return collector.judged()


def page_fault(answered: Answered, tasks: Tasks) -> Deviation | None:
    """
    What is wrong with a page of tasks, None when there is nothing.

    That a task in a list shows its id is nowhere said; one that it shows is a text, and that of one task.
    """
    pointer = tasks.items or ""
    items = answered.at(pointer)
    if not isinstance(items, list):
        return answered.expected("an array of tasks", pointer)
    seen: set[str] = set()
    for index, item in enumerate(items):
        task_id = find(item, tasks.id)
        if task_id is ABSENT and isinstance(item, dict):
            continue
        if not isinstance(task_id, str) or task_id in seen:
            what = "an id that no other task on the page has" if isinstance(task_id, str) else "the id of a task"
            place = f"{pointer}/{index}{tasks.id}"
            return fault_at(place, answered.label, what, task_id)
        seen.add(task_id)
    return None
