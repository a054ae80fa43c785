"""Liberties in what answers show beside what is documented."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.liberties.base import Taken
from conformance.reference.beatoven.compositions import Compositions
from conformance.reference.beatoven.handlers.tasks import TaskHandlers
from conformance.reference.beatoven.handlers.tracks import TrackHandlers
from conformance.reference.beatoven.records import COMPOSED

if TYPE_CHECKING:
    from starlette.responses import JSONResponse

    from conformance.reference.beatoven.accounts import Account
    from conformance.reference.beatoven.records import Task, Track


class StartedAs202(TrackHandlers):
    """Answers a composition 202."""

    def started(self, task: Task) -> JSONResponse:
        """Say that it goes on."""
        answer = super().started(task)
        answer.status_code = 202
        return answer


class StartedAs201(TrackHandlers):
    """Answers a composition 201, with where the task is."""

    def started(self, task: Task) -> JSONResponse:
        """Say that there is a task now."""
        answer = super().started(task)
        answer.status_code = 201
        answer.headers["location"] = f"/api/v1/tasks/{task.task_id}"
        return answer


class ShowsItsId(TaskHandlers):
    """Shows the id of a task in its answer."""

    def shown(self, task: Task, origin: str) -> dict[str, Any]:
        """Add it."""
        return {"task_id": task.task_id, **super().shown(task, origin)}


class MetaFromTheStart(TaskHandlers):
    """Shows what a task is about before it is composed."""

    def shown(self, task: Task, origin: str) -> dict[str, Any]:
        """Leave the URLs empty."""
        found = super().shown(task, origin)
        if task.status == COMPOSED:
            return found
        return {**found, "meta": {**self.meta(task, origin), "track_url": None, "stems_url": None}}


class NullMeta(TaskHandlers):
    """Says null of what is not there yet."""

    def shown(self, task: Task, origin: str) -> dict[str, Any]:
        """Keep the member."""
        return {"meta": None, **super().shown(task, origin)}


class Progress(TaskHandlers):
    """Shows how far a task is."""

    def shown(self, task: Task, origin: str) -> dict[str, Any]:
        """Add it in percent."""
        return {**super().shown(task, origin), "progress": 100 if task.status == COMPOSED else 40}


class MoreStems(TaskHandlers):
    """Has more stems than four."""

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Add strings."""
        meta = super().meta(task, origin)
        return {**meta, "stems_url": {**meta["stems_url"], "strings": meta["stems_url"]["chords"]}}


class WithoutPercussion(TaskHandlers):
    """Has only the stems that a track is made of."""

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Leave one out, and have another that is silent."""
        meta = super().meta(task, origin)
        stems = {name: url for name, url in meta["stems_url"].items() if name != "percussion"}
        return {**meta, "stems_url": {**stems, "bass": None}}


class LaterVersions(Compositions):
    """Counts versions from two."""

    def create(self, account: Account, prompt: str) -> Track:
        """Take the draft for the first."""
        track = super().create(account, prompt)
        track.versions += 1
        return track


class OneProject(Compositions):
    """Keeps all tracks of an account in one project."""

    def create(self, account: Account, prompt: str) -> Track:
        """Use the account's."""
        track = super().create(account, prompt)
        track.project_id = account.account_id
        return track


TAKEN = (
    Taken(id="started-as-202", front={"tracks": StartedAs202}),
    Taken(id="started-as-201", front={"tracks": StartedAs201}),
    Taken(id="tasks-show-their-ids", front={"tasks": ShowsItsId}),
    Taken(id="meta-from-the-start", front={"tasks": MetaFromTheStart}),
    Taken(id="meta-is-null-at-first", front={"tasks": NullMeta}),
    Taken(id="progress-in-percent", front={"tasks": Progress}),
    Taken(id="more-stems", front={"tasks": MoreStems}),
    Taken(id="fewer-stems", front={"tasks": WithoutPercussion}),
    Taken(id="later-versions", cast={"compositions": LaterVersions}),
    Taken(id="one-project", cast={"compositions": OneProject}),
)
