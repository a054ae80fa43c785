"""What lists show of a task while it goes on, between two readings of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.client.errors import BlockedError
from conformance.journal.records import Mismatch
from conformance.suite.beatra.envelopes import state_of
from conformance.suite.beatra.paging import LAG_PAUSES_SECONDS, items_of

if TYPE_CHECKING:
    from conformance.accounts.account import Followed
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.gateway import Gateway

QUEUED, RUNNING = "queued", "running"


@dataclass(frozen=True, slots=True)
class UnderWay:
    """
    A task that was in one state before and after it was listed.

    `as_running` is the list of running tasks, `listed` the whole list with all parts, as it was at last: it is asked
    for again while it shows the task in another state.
    """

    task_id: str
    before: Exchange
    as_running: Exchange
    listed: Exchange
    after: Exchange

    @property
    def state(self) -> str | None:
        """The state of the task all the time; None where it changed."""
        state = state_of(self.before)
        return state if state == state_of(self.after) else None

    def shown(self) -> str | None:
        """The state in which the whole list shows the task; None where it doesn't show it."""
        return _state_in(self.listed, self.task_id)

    def is_listed_as_running(self) -> bool:
        """Whether the task is in the list of running tasks."""
        return any(item["task_id"] == self.task_id for item in _items_of(self.as_running))


def listed_under_way(beatra: Gateway, task_id: str) -> UnderWay:
    """List a task that goes on, between two readings of it."""
    before = beatra.get_task(task_id)
    as_running = beatra.list_tasks(status=RUNNING, limit=100)
    listed = beatra.list_tasks(limit=100, expand="all")
    for pause in LAG_PAUSES_SECONDS:
        if _state_in(listed, task_id) in (None, state_of(before)):
            break
        beatra.account.pause(pause)
        listed = beatra.list_tasks(limit=100, expand="all")
    return UnderWay(task_id, before, as_running, listed, beatra.get_task(task_id))


def followed_under_way(beatra: Gateway, task_id: str) -> tuple[tuple[UnderWay, ...], Followed]:
    """Follow a task to its end, and list it while it waits and while it runs, where it is seen to do so."""
    found = [listed_under_way(beatra, task_id)]
    begun = beatra.account.follow(task_id, until=lambda seen: state_of(seen) != QUEUED)
    if not begun.ended:
        return tuple(found), begun
    if state_of(begun.last) == RUNNING:
        found.append(listed_under_way(beatra, task_id))
    return tuple(found), beatra.account.follow(task_id)


def _state_in(listed: Exchange, task_id: str) -> str | None:
    found = [item.get("status") for item in _items_of(listed) if item["task_id"] == task_id]
    return next((state for state in found if isinstance(state, str)), None)


def _items_of(listed: Exchange) -> list[dict[str, Any]]:
    """The tasks of a list; none where it can't be read, which is the subject of another requirement."""
    with suppress(BlockedError, Mismatch):
        return items_of(listed)
    return []
