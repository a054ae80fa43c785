"""Mutants whose tasks take other ways than the specification says, or can't be found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants.base import Mutant
from conformance.reference.beatoven.compositions import Compositions
from conformance.reference.beatoven.errors import NotFoundError
from conformance.reference.beatoven.handlers.tasks import TaskHandlers
from conformance.reference.beatoven.records import COMPOSED, COMPOSING, RUNNING
from conformance.reference.parts.clock import SECOND

if TYPE_CHECKING:
    from conformance.reference.beatoven.accounts import Account
    from conformance.reference.beatoven.records import Task

_HOUR = 3_600 * SECOND


class ByTrack(TaskHandlers):
    """Looks tasks up by the id of their track."""

    def find(self, account: Account, task_id: str) -> Task:
        """Find nothing by the id of a task."""
        for task in account.tasks.values():
            if task.track.track_id == task_id:
                return super().find(account, task.task_id)
        raise NotFoundError("There is no such task.")


class NotYetThere(TaskHandlers):
    """Reads tasks from the table of the workers."""

    def find(self, account: Account, task_id: str) -> Task:
        """Miss those that no worker has taken."""
        task = super().find(account, task_id)
        if task.status == COMPOSING:
            raise NotFoundError("There is no such task.")
        return task


class Queue(TaskHandlers):
    """Calls waiting tasks queued."""

    def status(self, task: Task) -> str:
        """Use the word of the queue."""
        return "queued" if task.status == COMPOSING else task.status


class Capitals(TaskHandlers):
    """Writes the names of the enumeration."""

    def status(self, task: Task) -> str:
        """Spell running as the code does."""
        return task.status.upper() if task.status == RUNNING else task.status


class InProgress(TaskHandlers):
    """Calls running tasks in progress."""

    def status(self, task: Task) -> str:
        """Use the word of the dashboard."""
        return "in_progress" if task.status == RUNNING else task.status


class Done(TaskHandlers):
    """Calls composed tasks done."""

    def status(self, task: Task) -> str:
        """Use the word of the former API."""
        return "success" if task.status == COMPOSED else task.status


class ImpatientQueue(Compositions):
    """Puts a task back into the queue that runs for long."""

    restarted: set[str] = set()  # noqa: RUF012 - a mutant is one instance in a process of its own

    def settle(self, account: Account, task: Task) -> None:
        """Give it to another worker, once."""
        super().settle(account, task)
        if task.status == RUNNING and task.task_id not in self.restarted:
            shown = getattr(task, "seen_running", False)
            if shown:
                self.restarted.add(task.task_id)
                task.status = COMPOSING
                task.starts_at = self.accounts.now(account) + SECOND
            task.seen_running = True  # type: ignore[attr-defined] # a note of the mutant's own


class BackAndForth(TaskHandlers):
    """Takes the state from whichever replica answers."""

    seen: set[str] = set()  # noqa: RUF012 - a mutant is one instance in a process of its own
    lagged: set[str] = set()  # noqa: RUF012 - as above

    def status(self, task: Task) -> str:
        """Let the second answer about a running task lag behind."""
        if task.status != RUNNING:
            return task.status
        if task.task_id in self.lagged:
            return RUNNING
        (self.lagged if task.task_id in self.seen else self.seen).add(task.task_id)
        return COMPOSING if task.task_id in self.lagged else RUNNING


class Archive(Compositions):
    """Takes tracks that are an hour old back to be compressed."""

    def settle(self, account: Account, task: Task) -> None:
        """Let the task run again."""
        super().settle(account, task)
        if task.status == COMPOSED and self.accounts.now(account) > task.ends_at + _HOUR:
            task.status, task.ends_at = RUNNING, self.accounts.now(account) + _HOUR


class StaleReplica(TaskHandlers):
    """Takes the state from whichever replica answers."""

    composed: set[str] = set()  # noqa: RUF012 - a mutant is one instance in a process of its own

    def status(self, task: Task) -> str:
        """Let the second answer about a composed task lag behind."""
        if task.status == COMPOSED and task.task_id in self.composed:
            self.composed.discard(task.task_id)
            return RUNNING
        if task.status == COMPOSED:
            self.composed.add(task.task_id)
        return task.status


class Retention(TaskHandlers):
    """Deletes tasks after an hour."""

    def find(self, account: Account, task_id: str) -> Task:
        """Miss those that are older."""
        task = super().find(account, task_id)
        if self._compositions.accounts.now(account) > task.ends_at + _HOUR:
            raise NotFoundError("There is no such task.")
        return task


MUTANTS = (
    Mutant(
        id="tasks-by-track",
        breaks="BEATOVEN-TASK-01",
        story="The version was split off the id where tasks are read, and not where they are made.",
        front={"tasks": ByTrack},
    ),
    Mutant(
        id="waiting-tasks-not-found",
        breaks="BEATOVEN-TASK-01",
        story="Tasks are read from the table of the workers, which has them once one is free.",
        front={"tasks": NotYetThere},
    ),
    Mutant(
        id="queued",
        breaks="BEATOVEN-TASK-02",
        story="The library of the queue came with its own word for waiting.",
        front={"tasks": Queue},
    ),
    Mutant(
        id="running-in-capitals",
        breaks="BEATOVEN-TASK-02",
        story="The name of the enumeration goes out in place of its value.",
        front={"tasks": Capitals},
    ),
    Mutant(
        id="in-progress",
        breaks="BEATOVEN-TASK-02",
        story="The dashboard says in progress, and so does the API since they share a serializer.",
        front={"tasks": InProgress},
    ),
    Mutant(
        id="success-in-place-of-composed",
        breaks="BEATOVEN-TASK-02",
        story="The status of the former API came back with its worker.",
        front={"tasks": Done},
    ),
    Mutant(
        id="back-into-the-queue",
        breaks="BEATOVEN-TASK-03",
        story="A task that runs for long is given to another worker and waits again.",
        cast={"compositions": ImpatientQueue},
    ),
    Mutant(
        id="lagging-while-running",
        breaks="BEATOVEN-TASK-03",
        story="Reads go to replicas, one of which lags behind.",
        front={"tasks": BackAndForth},
    ),
    Mutant(
        id="composed-again-for-the-archive",
        breaks="BEATOVEN-TASK-04",
        story="Tracks are compressed after an hour by the task that made them.",
        cast={"compositions": Archive},
    ),
    Mutant(
        id="lagging-once-composed",
        breaks="BEATOVEN-TASK-04",
        story="Reads go to replicas, one of which lags behind.",
        front={"tasks": StaleReplica},
    ),
    Mutant(
        id="tasks-kept-for-an-hour",
        breaks="BEATOVEN-TASK-11",
        story="The table of tasks is swept every hour.",
        front={"tasks": Retention},
    ),
)
