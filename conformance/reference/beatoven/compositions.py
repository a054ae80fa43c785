"""How tracks are composed: tasks that wait, run and end."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.reference.beatoven.records import COMPOSED, COMPOSING, DEFAULT_FORMAT, FAILED, RUNNING, Task, Track
from conformance.reference.parts.clock import seconds

if TYPE_CHECKING:
    from conformance.reference.beatoven.accounts import Account, Accounts
    from conformance.reference.beatoven.settings import ReferenceSettings


@dataclass(frozen=True)
class Compositions:
    """Makes tracks and tasks, and brings tasks to the state that they have by now."""

    accounts: Accounts
    settings: ReferenceSettings

    def create(self, account: Account, prompt: str) -> Track:
        """A track that is not composed yet."""
        track = Track(str(uuid.uuid4()), str(uuid.uuid4()), prompt)
        account.tracks[track.track_id] = track
        return track

    def start(self, account: Account, track: Track, asked_format: str | None, looping: bool | None) -> Task:  # noqa: FBT001 - as in the body
        """A task that composes the next version of a track."""
        track.versions += 1
        now = self.accounts.now(account)
        starts_at = now + seconds(self.settings.queued_seconds)
        task = Task(
            task_id=f"{track.track_id}_{track.versions}",
            track=track,
            version=track.versions,
            format=asked_format or self.default_format(),
            looping=bool(looping),
            starts_at=starts_at,
            ends_at=starts_at + seconds(self.settings.running_seconds),
            fails=account.failing > 0,
        )
        account.failing = max(0, account.failing - 1)
        account.tasks[task.task_id] = task
        return task

    def default_format(self) -> str:
        """The format where none is asked for."""
        return DEFAULT_FORMAT

    def find(self, account: Account, task_id: str) -> Task | None:
        """The account's task as it is by now."""
        task = account.tasks.get(task_id)
        if task is not None:
            self.settle(account, task)
        return task

    def settle(self, account: Account, task: Task) -> None:
        """Take the steps of a task that are due."""
        now = self.accounts.now(account)
        if task.status == COMPOSING and account.hold != COMPOSING and task.starts_at <= now:
            task.status = RUNNING
        if task.status == RUNNING and account.hold != RUNNING and task.ends_at <= now:
            self.end(task)

    def end(self, task: Task) -> None:
        """Let a task end as planned."""
        task.status = FAILED if task.fails else COMPOSED

    def hold(self, account: Account, state: str | None) -> None:
        """Stop the account's tasks in a state; those that stood still in another one go on from now."""
        for task in account.tasks.values():
            self.settle(account, task)
        released, account.hold = account.hold, state
        now = self.accounts.now(account)
        for task in account.tasks.values():
            if released is None or released == state or task.status != released:
                continue
            if task.status == COMPOSING:
                late = max(0, now - task.starts_at)
                task.starts_at, task.ends_at = task.starts_at + late, task.ends_at + late
            else:
                task.ends_at = max(task.ends_at, now)
