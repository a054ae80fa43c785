"""
All that a deployment keeps: tasks, keys for retries, wallets.

One lock guards it, and no method waits while it holds it.
"""

from __future__ import annotations

import base64
import binascii
import re
import threading
import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from tests.others.beatra_deployment.accounts import Wallet
from tests.others.beatra_deployment.refusals import RefusedError, invalid, missing
from tests.others.beatra_deployment.tasks import Task, now

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from tests.others.beatra_deployment.bodies import Order
    from tests.others.beatra_deployment.settings import Settings

WINDOW = timedelta(hours=24)


@dataclass(frozen=True)
class Retry:
    """A key for retries: whose it is and where it was used, and a digest of what came with it."""

    project: str
    path: str
    key: str
    digest: bytes

    @property
    def place(self) -> tuple[str, str, str]:
        return self.project, self.path, self.key


@dataclass(frozen=True)
class Page:
    """What is asked of the list."""

    limit: int = 20
    ascending: bool = False
    status: str | None = None
    capability: str | None = None
    after: datetime | None = None
    before: datetime | None = None
    cursor: int | None = None

    def holds(self, task: Task) -> bool:
        return (
            (self.status is None or task.status == self.status)
            and (self.capability is None or task.order.capability == self.capability)
            and (self.after is None or task.created_at > self.after)
            and (self.before is None or task.created_at < self.before)
            and (self.cursor is None or (task.number > self.cursor if self.ascending else task.number < self.cursor))
        )


class Store:
    """Tasks, retries and wallets of all projects."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._number = 0
        self._tasks: dict[str, dict[str, Task]] = defaultdict(dict)
        self._unsettled: dict[str, dict[str, Task]] = defaultdict(dict)
        self._wallets = {name: Wallet(balance) for name, balance in settings.balances.items()}
        self._retries: dict[tuple[str, str, str], tuple[bytes, datetime, Any]] = {}

    def create(
        self,
        project: str,
        read: Callable[[], Order],
        retry: Retry | None,
        fetch: Callable[[Order], Future[str | None] | None],
    ) -> Task:
        """The task of a request: the one that its key stands for, or a new one that is paid."""
        with self._lock:
            self._settle(project)
            known = self._known(retry)
            if isinstance(known, Task):
                return known
            order = read()
            if (
                sum(not task.has_ended for task in self._unsettled[project].values())
                >= self._settings.limits.unfinished_tasks
            ):
                raise RefusedError(
                    429, "rate_limited", "Too many tasks are unfinished.", retryable=True, headers={"Retry-After": "1"}
                )
            self._wallets[project].debit(order.price)
            self._number += 1
            task = Task(
                str(uuid.uuid4()), self._number, project, order, self._settings.pace, now(), self._trouble(order)
            )
            task.reference = fetch(order)
            self._tasks[project][task.task_id] = self._unsettled[project][task.task_id] = task
            self._forget_the_oldest(project)
            self._remember(retry, task)
            return task

    def once(self, retry: Retry | None, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What `make` makes, or made when this key was used before."""
        with self._lock:
            known = self._known(retry)
            if isinstance(known, dict):
                return known
            made = make()
            self._remember(retry, made)
            return made

    def task(self, project: str, task_id: str) -> Task:
        with self._lock:
            self._settle(project)
            return self._task(project, task_id)

    def cancel(self, project: str, task_id: str) -> Task:
        with self._lock:
            self._settle(project)
            task = self._task(project, task_id)
            if task.has_ended:
                raise RefusedError(409, "task_already_terminal", f"The task is {task.status} already.")
            if task.cancel_requested_at is None:
                task.cancel_requested_at = now()
            return task

    def page(self, project: str, asked: Page) -> tuple[list[Task], str | None]:
        """The tasks of a page, and the cursor of the next one."""
        with self._lock:
            self._settle(project)
            tasks = list(self._tasks[project].values())
        ordered = tasks if asked.ascending else reversed(tasks)
        found = list(islice((task for task in ordered if asked.holds(task)), asked.limit + 1))
        if len(found) <= asked.limit:
            return found, None
        return found[: asked.limit], cursor_at(found[asked.limit - 1].number)

    def _task(self, project: str, task_id: str) -> Task:
        task = self._tasks[project].get(task_id)
        if task is None:
            raise missing("task")
        return task

    def _settle(self, project: str) -> None:
        moment = now()
        for task in list(self._unsettled[project].values()):
            if task.bring_up_to(moment):
                self._wallets[project].credit(task.order.price)
            if task.status == "succeeded" or task.refunded:
                del self._unsettled[project][task.task_id]

    def _known(self, retry: Retry | None) -> object:
        if retry is None:
            return None
        digest, moment, made = self._retries.get(retry.place, (b"", None, None))
        if moment is None or now() - moment >= WINDOW:
            return None
        if digest != retry.digest:
            raise RefusedError(409, "idempotency_conflict", "This Idempotency-Key was used with a different body.")
        return made

    def _remember(self, retry: Retry | None, made: object) -> None:
        if retry is None:
            return
        moment = now()
        for place, (_, before, _) in list(islice(self._retries.items(), 8)):
            if moment - before >= WINDOW:
                del self._retries[place]
        self._retries.pop(retry.place, None)
        self._retries[retry.place] = (retry.digest, moment, made)

    def _forget_the_oldest(self, project: str) -> None:
        tasks = self._tasks[project]
        if len(tasks) > self._settings.limits.tasks_per_project:
            oldest = next(iter(tasks))
            if oldest not in self._unsettled[project]:
                del tasks[oldest]

    def _trouble(self, order: Order) -> dict[str, Any] | None:
        texts = " ".join(str(order.body.get(name) or "") for name in ("prompt", "lyrics", "title")).lower()
        if any(artist in texts for artist in self._settings.refused_artists):
            return {"code": "safety_rejected", "message": "The request names a real artist.", "retryable": False}
        return None


def cursor_at(number: int) -> str:
    return base64.urlsafe_b64encode(f"after {number}".encode()).decode().rstrip("=")


def number_at(cursor: str) -> int:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise invalid("There is no such cursor.") from error
    found = re.fullmatch(r"after ([0-9]{1,18})", text, re.ASCII)
    if found is None:
        raise invalid("There is no such cursor.")
    return int(found[1])
