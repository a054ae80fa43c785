"""Mutants that take other requests for compositions than they should, or make other tasks of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from conformance.mutants.base import Mutant
from conformance.reference.beatoven.compositions import Compositions
from conformance.reference.beatoven.errors import BadRequestError
from conformance.reference.beatoven.handlers.tracks import TrackHandlers

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatoven.accounts import Account
    from conformance.reference.beatoven.records import Task, Track


class Checked(TrackHandlers):
    """Looks at the body before everything else."""

    async def compose(self, request: Request) -> JSONResponse:
        """Refuse what `complaint` has a sentence for."""
        self._guard.admit(request)
        try:
            body = json.loads(await request.body())
        except ValueError:
            body = None
        complaint = self.complaint(body) if isinstance(body, dict) else None
        if complaint is not None:
            raise BadRequestError(complaint)
        return await super().compose(request)

    def complaint(self, body: dict[str, Any]) -> str | None:
        """What is wrong with a body."""
        raise NotImplementedError


class WantsTitle(Checked):
    """Wants a title for the dashboard."""

    def complaint(self, body: dict[str, Any]) -> str | None:
        """Miss it."""
        return None if "title" in body else "The track has no title."


class WantsFormat(Checked):
    """Has no default for the format."""

    def complaint(self, body: dict[str, Any]) -> str | None:
        """Miss it."""
        return None if "format" in body else "The format is missing."


class WantsLooping(Checked):
    """Has no default for looping."""

    def complaint(self, body: dict[str, Any]) -> str | None:
        """Miss it."""
        return None if "looping" in body else "The field looping is missing."


class WithoutAac(Checked):
    """Knows the formats of the first release."""

    def complaint(self, body: dict[str, Any]) -> str | None:
        """Refuse the one that came later."""
        return "The format is mp3 or wav." if body.get("format") == "aac" else None


class WithoutWav(Checked):
    """Does not let the default be named."""

    def complaint(self, body: dict[str, Any]) -> str | None:
        """Take wav for something that is left out."""
        return "The format is mp3 or aac." if body.get("format") == "wav" else None


class WithoutMp3(Checked):
    """Lost its licence."""

    def complaint(self, body: dict[str, Any]) -> str | None:
        """Refuse mp3."""
        return "The format is aac or wav." if body.get("format") == "mp3" else None


class LoopingAsText(Checked):
    """Reads the flag as forms have it."""

    def complaint(self, body: dict[str, Any]) -> str | None:
        """Refuse booleans."""
        return "The field looping is not valid." if isinstance(body.get("looping"), bool) else None


class LoopingForPlans(Checked):
    """Sells looping apart."""

    def complaint(self, body: dict[str, Any]) -> str | None:
        """Refuse to loop."""
        return "Looping is not in your plan." if body.get("looping") is True else None


class NumberedTasks(TrackHandlers):
    """Counts its tasks."""

    def started(self, task: Task) -> JSONResponse:
        """Show the number of the row."""
        del task
        return JSONResponse({"status": "started", "task_id": 41})


class ShortName(TrackHandlers):
    """Calls the id of a task id."""

    def started(self, task: Task) -> JSONResponse:
        """Use the name of the column."""
        return JSONResponse({"status": "started", "id": task.task_id})


class EmptyIds(TrackHandlers):
    """Answers before the task has an id."""

    def started(self, task: Task) -> JSONResponse:
        """Show the default."""
        del task
        return JSONResponse({"status": "started", "task_id": ""})


class StateAtOnce(TrackHandlers):
    """Answers with the state of the task."""

    def started(self, task: Task) -> JSONResponse:
        """Take it for the status."""
        return JSONResponse({"status": task.status, "task_id": task.task_id})


class SaysNothing(TrackHandlers):
    """Answers with the id alone."""

    def started(self, task: Task) -> JSONResponse:
        """Leave the status out."""
        return JSONResponse({"task_id": task.task_id})


class Capitals(TrackHandlers):
    """Writes the name of the enumeration."""

    def started(self, task: Task) -> JSONResponse:
        """Spell it as the code does."""
        return JSONResponse({"status": "STARTED", "task_id": task.task_id})


class Remembering(Compositions):
    """Does not compose twice what it has composed."""

    def start(self, account: Account, track: Track, asked_format: str | None, looping: bool | None) -> Task:  # noqa: FBT001 - as in the body
        """Return the task of an earlier request that was the same."""
        for task in account.tasks.values():
            if self.same(task, track, asked_format or self.default_format(), looping=bool(looping)):
                return task
        return super().start(account, track, asked_format, looping)

    def same(self, task: Task, track: Track, asked_format: str, *, looping: bool) -> bool:
        """Whether all of the request is the same."""
        return task.track.prompt == track.prompt and task.format == asked_format and task.looping == looping


class RememberingAll(Remembering):
    """Keeps one queue for all accounts."""

    def start(self, account: Account, track: Track, asked_format: str | None, looping: bool | None) -> Task:  # noqa: FBT001 - as in the body
        """Hand out the next id of the second."""
        task = super().start(account, track, asked_format, looping)
        del account.tasks[task.task_id]
        task.task_id = f"task_{task.starts_at // 3_600_000_000}"
        account.tasks[task.task_id] = task
        return task


MUTANTS = (
    Mutant(
        id="title-wanted",
        breaks="BEATOVEN-TRACK-01",
        story="The dashboard shows tracks by their titles, so the new validation wants one.",
        front={"tracks": WantsTitle},
    ),
    Mutant(
        id="numbered-tasks",
        breaks="BEATOVEN-TRACK-01",
        story="The new queue counts its tasks, and the number goes out as it is.",
        front={"tracks": NumberedTasks},
    ),
    Mutant(
        id="id-by-its-short-name",
        breaks="BEATOVEN-TRACK-01",
        story="The column is called id, and so is the member since the serializer writes the answer.",
        front={"tracks": ShortName},
    ),
    Mutant(
        id="empty-task-id",
        breaks="BEATOVEN-TRACK-01",
        story="The answer is written before the queue has given an id.",
        front={"tracks": EmptyIds},
    ),
    Mutant(
        id="state-in-place-of-started",
        breaks="BEATOVEN-TRACK-02",
        story="One serializer writes both answers, so a composition is answered with its state.",
        front={"tracks": StateAtOnce},
    ),
    Mutant(
        id="started-left-out",
        breaks="BEATOVEN-TRACK-02",
        story="The status of the answer says no more than its 200, so it was left out.",
        front={"tracks": SaysNothing},
    ),
    Mutant(
        id="started-in-capitals",
        breaks="BEATOVEN-TRACK-02",
        story="The name of the enumeration goes out in place of its value.",
        front={"tracks": Capitals},
    ),
    Mutant(
        id="format-wanted",
        breaks="BEATOVEN-TRACK-03",
        story="The validation takes every field of the example for required.",
        front={"tracks": WantsFormat},
    ),
    Mutant(
        id="looping-wanted",
        breaks="BEATOVEN-TRACK-03",
        story="A flag without a default is required in the new validation.",
        front={"tracks": WantsLooping},
    ),
    Mutant(
        id="aac-unknown",
        breaks="BEATOVEN-TRACK-04",
        story="The validation has the formats of the first release.",
        front={"tracks": WithoutAac},
    ),
    Mutant(
        id="wav-not-to-be-named",
        breaks="BEATOVEN-TRACK-04",
        story="The enumeration lists only what differs from the default.",
        front={"tracks": WithoutWav},
    ),
    Mutant(
        id="mp3-unknown",
        breaks="BEATOVEN-TRACK-04",
        story="The new encoder was built without mp3, and the validation follows what it has.",
        front={"tracks": WithoutMp3},
    ),
    Mutant(
        id="looping-as-text",
        breaks="BEATOVEN-TRACK-05",
        story='The flag is read as forms have it, so true is not valid and "true" is.',
        front={"tracks": LoopingAsText},
    ),
    Mutant(
        id="looping-for-some-plans",
        breaks="BEATOVEN-TRACK-05",
        story="Looping became part of another plan.",
        front={"tracks": LoopingForPlans},
    ),
    Mutant(
        id="same-request-remembered",
        breaks="BEATOVEN-TRACK-06",
        story="A cache against double clicks returns the task of the same request.",
        cast={"compositions": Remembering},
    ),
    Mutant(
        id="one-task-an-hour",
        breaks="BEATOVEN-TRACK-06",
        story="The id of a task is made from the time, rounded.",
        cast={"compositions": RememberingAll},
    ),
)
