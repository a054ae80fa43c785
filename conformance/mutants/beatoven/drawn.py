"""Mutants that only requests drawn from the document find, or that break it at a place that nothing else judges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema_rs

from conformance.mutants.base import Mutant
from conformance.mutants.beatoven.compositions import Checked
from conformance.reference.beatoven.errors import NotFoundError
from conformance.reference.beatoven.handlers.reading import read_body
from conformance.reference.beatoven.handlers.tasks import TaskHandlers
from conformance.reference.beatoven.handlers.tracks import TrackHandlers
from conformance.reference.beatoven.records import COMPOSED

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse

    from conformance.reference.beatoven.accounts import Account
    from conformance.reference.beatoven.records import Task

_ANYTHING = jsonschema_rs.Draft202012Validator({"type": "object"})


class NoDancing(Checked):
    """Keeps some genres for another plan."""

    def complaint(self, body: dict[str, Any]) -> str | None:
        """Refuse to dance."""
        prompt = body.get("prompt")
        text = prompt.get("text") if isinstance(prompt, dict) else None
        return "This genre is not in your plan." if isinstance(text, str) and "dance" in text else None


class NoLoopedAac(Checked):
    """Can't cut AAC where it loops."""

    def complaint(self, body: dict[str, Any]) -> str | None:
        """Refuse both together."""
        return "AAC can't loop." if body.get("format") == "aac" and body.get("looping") is True else None


class TakesAnything(TrackHandlers):
    """Composes what it can of a request."""

    async def compose(self, request: Request) -> JSONResponse:
        """Use defaults for what is wrong."""
        account = self._guard.admit(request)
        body = await read_body(request, _ANYTHING, self._limit)
        prompt = body.get("prompt")
        text = prompt.get("text") if isinstance(prompt, dict) else prompt
        wanted = body.get("format")
        known = wanted if wanted in ("mp3", "aac", "wav") else None
        track = self._compositions.create(account, str(text))
        return self.started(self._compositions.start(account, track, known, body.get("looping") is True))


class UnknownFormats(TrackHandlers):
    """Falls back to the default where it does not know a format."""

    async def compose(self, request: Request) -> JSONResponse:
        """Look at the format after the rest."""
        account = self._guard.admit(request)
        # Kept by the request, so that it can be read again.
        await request.body()
        body = await read_body(request, _ANYTHING, self._limit)
        if isinstance(body.get("format"), str) and body["format"] not in ("mp3", "aac", "wav"):
            track = self._compositions.create(account, str(body.get("prompt")))
            return self.started(self._compositions.start(account, track, None, looping=False))
        return await super().compose(request)


class PlainText(TrackHandlers):
    """Writes its answer by hand."""

    def started(self, task: Task) -> JSONResponse:
        """Forget what it is."""
        answer = super().started(task)
        answer.headers["content-type"] = "text/plain"
        return answer


class TextVersions(TaskHandlers):
    """Writes versions as texts."""

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Put a letter in front."""
        return {**super().meta(task, origin), "version": f"v{task.version}"}


class ListedMeta(TaskHandlers):
    """Comes from a language where an empty object is a list."""

    def shown(self, task: Task, origin: str) -> dict[str, Any]:
        """Show a list where there is nothing yet."""
        found = super().shown(task, origin)
        return found if task.status == COMPOSED else {**found, "meta": []}


class ReadsTheIndex(TaskHandlers):
    """Reads tasks from the index of the search."""

    def find(self, account: Account, task_id: str) -> Task:
        """Miss those whose prompts have a word that the index leaves out."""
        task = super().find(account, task_id)
        if "of" in task.track.prompt.split():
            raise NotFoundError("There is no such task.")
        return task


MUTANTS = (
    Mutant(
        id="some-prompts-not-indexed",
        breaks="BEATOVEN-getTask-ACCEPTS",
        story="Tasks are read from the search index, which leaves out prompts with stop words.",
        front={"tasks": ReadsTheIndex},
        generated=True,
    ),
    Mutant(
        id="no-dancing",
        breaks="BEATOVEN-composeTrack-ACCEPTS",
        story="Some genres became part of another plan.",
        front={"tracks": NoDancing},
        generated=True,
        examples=30,
    ),
    Mutant(
        id="aac-does-not-loop",
        breaks="BEATOVEN-composeTrack-ACCEPTS",
        story="AAC can't be cut where it loops, so both together are refused.",
        front={"tracks": NoLoopedAac},
        generated=True,
        examples=30,
    ),
    Mutant(
        id="anything-taken",
        breaks="BEATOVEN-composeTrack-REFUSES",
        story="What is wrong in a request is replaced by defaults.",
        front={"tracks": TakesAnything},
        generated=True,
    ),
    Mutant(
        id="unknown-formats-taken",
        breaks="BEATOVEN-composeTrack-REFUSES",
        story="A format that is not known falls back to the default.",
        front={"tracks": UnknownFormats},
        generated=True,
    ),
    Mutant(
        id="started-as-plain-text",
        breaks="BEATOVEN-composeTrack-CONFORMS",
        story="The answer is written by hand, and its media type is that of the framework's default.",
        front={"tracks": PlainText},
    ),
    Mutant(
        id="version-as-text",
        breaks="BEATOVEN-getTask-CONFORMS",
        story="The version is shown as the file is called.",
        front={"tasks": TextVersions},
    ),
    Mutant(
        id="meta-as-an-empty-list",
        breaks="BEATOVEN-getTask-CONFORMS",
        story="The serializer of another language writes an object without members as a list.",
        front={"tasks": ListedMeta},
    ),
)
