"""What a run saw of each task: one history per account and task id, from every answer that shows the task."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

from conformance.contract.outcomes import is_whole
from conformance.monitors.monitor import ABSENT, fault_at, find

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from conformance.contract.conventions import Conventions, Tasks, TaskState
    from conformance.monitors.answer import Answered
    from conformance.monitors.monitor import Deviation

Via = Literal["create", "get", "list", "cancel"]


@dataclass(frozen=True, slots=True)
class Sighting:
    """
    What one answer says of one task.

    `state` is None for a spelling that is not documented. `stored` marks an answer that may be a stored copy of
    an earlier one, as answers to a repeated idempotency key may be: it shows what the task once was, not is. `place` is
    the pointer to the envelope within the answer. `word` is what a create was acknowledged with in place of a state.
    """

    answered: Answered
    envelope: Mapping[str, Any]
    via: Via
    state: TaskState | None
    stored: bool
    place: str = ""
    word: str = ""

    @property
    def id(self) -> str:
        """The id of the exchange."""
        return self.answered.id

    @property
    def sent_at(self) -> datetime:
        """When the task was asked for."""
        return self.answered.sent_at

    @property
    def received_at(self) -> datetime:
        """When the answer was there."""
        return self.answered.received_at

    @property
    def full(self) -> bool:
        """Whether this shows the whole task; a list may be brief, and so may what only says that it was accepted."""
        return self.via == "get" or (self.via == "cancel" and is_whole(self.answered.status))

    def at(self, pointer: str) -> object:
        """What stands at a JSON pointer of the task's envelope."""
        return find(self.envelope, pointer)

    def expected(self, what: str, pointer: str) -> Deviation:
        """The fault of one place of the envelope."""
        of = "a task in " if self.via == "list" else ""
        fault = fault_at(pointer, f"{of}{self.answered.label}", what, self.at(pointer))
        return replace(fault, location=replace(fault.location, name=f"{self.place}{pointer}"))


@dataclass(frozen=True, slots=True)
class StateChange:
    """Two sightings of one task in their order, and the states that they show; these may be the same."""

    earlier: Sighting
    was: TaskState
    later: Sighting
    now: TaskState

    def expected(self, what: str, pointer: str) -> Deviation:
        """The fault of this change; `pointer` is where a task shows its state."""
        sentence = f"expected {what}, got {self.now.name!r} in {self.later.answered.label}"
        return replace(self.later.expected(what, pointer), sentence=sentence)


@dataclass(frozen=True)
class TaskHistory:
    """All sightings of one task, in the order in which their answers came."""

    account: str | None
    task_id: str
    sightings: tuple[Sighting, ...]

    @cached_property
    def live(self) -> tuple[Sighting, ...]:
        """The sightings that show what the task was at that time."""
        return tuple(sighting for sighting in self.sightings if not sighting.stored)

    @cached_property
    def creation(self) -> Sighting | None:
        """The answer to the request that made the task; None where another client made it, or an earlier run."""
        return next((sighting for sighting in self.sightings if sighting.via == "create"), None)

    @cached_property
    def end(self) -> TaskState | None:
        """The state in which the task ended; None while it has not, or when answers contradict each other."""
        known = [sighting.state for sighting in self.live if sighting.state is not None]
        ends = {state.name for state in known if state.terminal}
        return known[-1] if len(ends) == 1 and known[-1].terminal else None

    def changes(self) -> Iterator[StateChange]:
        """
        Each live sighting of a documented state against what was seen before: the ends, else every other state.

        Before means: answered before this one was sent. Requests that overlap have no order. A stored answer is
        never the later one, because its age is not known, and neither is a list, which may lag behind. Of the earlier
        sightings the latest of each state counts.
        """
        answered = [(s, s.state) for s in self.sightings if s.state is not None]
        asked = sorted((pair for pair in answered if not (pair[0].stored or pair[0].via == "list")), key=_by_sending)
        latest: dict[str, tuple[Sighting, TaskState]] = {}
        position = 0
        for later, now in asked:
            while position < len(answered) and answered[position][0].received_at < later.sent_at:
                earlier, was = answered[position]
                latest[was.name] = (earlier, was)
                position += 1
            ends = [pair for pair in latest.values() if pair[1].terminal]
            yield from (StateChange(earlier, was, later, now) for earlier, was in ends or latest.values())


def read_histories(answers: Iterable[Answered], conventions: Conventions) -> tuple[TaskHistory, ...]:
    """The histories of all tasks that successful answers show, in the order of their first sighting."""
    tasks = conventions.tasks
    if tasks is None:
        return ()
    found: dict[tuple[str | None, str], list[Sighting]] = {}
    reader = _Reader(conventions, tasks)
    for answered in answers:
        for task_id, sighting in reader.sightings(answered):
            found.setdefault((answered.exchange.account, task_id), []).append(sighting)
    return tuple(
        TaskHistory(account, task_id, tuple(sorted(seen, key=lambda s: (s.received_at, s.id))))
        for (account, task_id), seen in found.items()
    )


def _by_sending(seen: tuple[Sighting, TaskState]) -> tuple[datetime, str]:
    return seen[0].sent_at, seen[0].id


def asked_task_id(answered: Answered, tasks: Tasks) -> str | None:
    """The task id in the path of a request, None where the operation has none in its path."""
    if answered.operation is None:
        return None
    path = re.split(r"[?#]", answered.exchange.request.url, maxsplit=1)[0]
    match = _id_in_path(answered.operation.path, tasks.id_parameter).search(path)
    return unquote(match["id"]) if match and "id" in match.groupdict() else None


@lru_cache
def _id_in_path(template: str, parameter: str) -> re.Pattern[str]:
    pattern = re.escape(template).replace(re.escape("{" + parameter + "}"), "(?P<id>[^/]+)")
    return re.compile(re.sub(r"\\{[^/]+?\\}", "[^/]+", pattern) + "$")


class _Reader:
    """Turns answers, in the order in which they were asked for, into sightings."""

    def __init__(self, conventions: Conventions, tasks: Tasks) -> None:
        self._tasks = tasks
        self._key_header = conventions.idempotency.header if conventions.idempotency else None
        self._used_keys: set[tuple[str | None, str]] = set()
        self._via: dict[str | None, Via] = dict.fromkeys(tasks.create, "create")
        self._via |= {tasks.get: "get"}
        self._via |= {tasks.list: "list"} if tasks.list else {}
        self._via |= {tasks.cancel: "cancel"} if tasks.cancel else {}

    def sightings(self, answered: Answered) -> Iterator[tuple[str, Sighting]]:
        """The tasks that one answer shows, with their ids."""
        if not answered.success or answered.operation is None:
            return
        via = self._via.get(answered.operation.id)
        if via is None:
            return
        stored = self._may_be_stored(answered, via)
        for place, envelope in self._envelopes(answered, via):
            task_id = self._id_of(envelope, answered)
            if isinstance(task_id, str) and self._is_the_one_asked_for(answered, task_id):
                spelling = find(envelope, self._tasks.status)
                state = self._tasks.states.get(spelling) if isinstance(spelling, str) else None
                word = str(spelling) if via == "create" and spelling in self._tasks.acknowledged else ""
                yield task_id, Sighting(answered, envelope, via, state, stored, place, word)

    def _id_of(self, envelope: dict[str, Any], answered: Answered) -> object:
        shown = find(envelope, self._tasks.id)
        if shown is ABSENT and not self._tasks.shows_id:
            return asked_task_id(answered, self._tasks)
        return shown

    def _envelopes(self, answered: Answered, via: Via) -> Iterator[tuple[str, dict[str, Any]]]:
        """The tasks that an answer shows, each with the pointer to its place."""
        items = self._tasks.items or ""
        if via != "list":
            shown = {"": answered.json}
        else:
            listed = answered.at(items)
            shown = {f"{items}/{index}": item for index, item in enumerate(listed)} if isinstance(listed, list) else {}
        yield from ((place, item) for place, item in shown.items() if isinstance(item, dict))

    def _is_the_one_asked_for(self, answered: Answered, task_id: str) -> bool:
        asked = asked_task_id(answered, self._tasks)
        return asked is None or asked == task_id

    def _may_be_stored(self, answered: Answered, via: Via) -> bool:
        key = self._key_header and answered.exchange.request.headers.get(self._key_header)
        if not key:
            return via == "create"
        used = (answered.exchange.account, key)
        again = used in self._used_keys
        self._used_keys.add(used)
        return again or via == "create"
