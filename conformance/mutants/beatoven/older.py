"""Mutants whose older pair of requests does not do what its document says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from conformance.mutants.base import Mutant
from conformance.reference.beatoven.compositions import Compositions
from conformance.reference.beatoven.errors import NotFoundError
from conformance.reference.beatoven.handlers.tracks import TrackHandlers

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatoven.accounts import Account
    from conformance.reference.beatoven.records import Task, Track


class TwoTracks(TrackHandlers):
    """Creates variations."""

    async def create(self, request: Request) -> JSONResponse:
        """Answer with two tracks."""
        await super().create(request)
        tracks = self._guard.admit(request).tracks
        first = next(iter(tracks))
        return JSONResponse({"status": "created", "tracks": [first, f"{first}-b"]})


class OneTrack(TrackHandlers):
    """Found the list superfluous."""

    async def create(self, request: Request) -> JSONResponse:
        """Answer with the id alone."""
        await super().create(request)
        return JSONResponse({"status": "created", "track": next(iter(self._guard.admit(request).tracks))})


class FormerWords(TrackHandlers):
    """Has the words of the API before."""

    async def create(self, request: Request) -> JSONResponse:
        """Say it in a sentence."""
        await super().create(request)
        return JSONResponse({"status": "Created successfully", "tracks": list(self._guard.admit(request).tracks)})


class LostTracks(TrackHandlers):
    """Keeps tracks in another database than it looks in."""

    async def compose_created(self, request: Request) -> JSONResponse:
        """Find none."""
        self._guard.admit(request)
        raise NotFoundError("There is no such track.")


class OtherWord(TrackHandlers):
    """Has another word for the older pair."""

    async def compose_created(self, request: Request) -> JSONResponse:
        """Answer with the word of the API before."""
        await super().compose_created(request)
        task = next(reversed(self._guard.admit(request).tasks.values()))
        return JSONResponse({"status": "queued", "task_id": task.task_id})


class CopiedTracks(Compositions):
    """Composes a copy of a track that was created before."""

    def start(self, account: Account, track: Track, asked_format: str | None, looping: bool | None) -> Task:  # noqa: FBT001 - as in the body
        """Give the copy an id of its own."""
        if len(account.tracks) == 1 and track.prompt.startswith("20 seconds quiet choir"):
            track = self.create(account, track.prompt)
        return super().start(account, track, asked_format, looping)


class ForgottenPrompts(TrackHandlers):
    """Does not carry the prompt over."""

    async def compose_created(self, request: Request) -> JSONResponse:
        """Compose something."""
        account = self._guard.admit(request)
        for track in account.tracks.values():
            track.prompt = "untitled"
        return await super().compose_created(request)


class AlwaysWav(TrackHandlers):
    """Reads no options in the older pair."""

    async def compose_created(self, request: Request) -> JSONResponse:
        """Deliver the default."""
        account = self._guard.admit(request)
        answer = await super().compose_created(request)
        for task in account.tasks.values():
            task.format = "wav"
        return answer


MUTANTS = (
    Mutant(
        id="two-tracks-created",
        breaks="BEATOVEN-OLDER-01",
        story="The list was made for several tracks, and now there is a variation.",
        front={"tracks": TwoTracks},
    ),
    Mutant(
        id="track-without-list",
        breaks="BEATOVEN-OLDER-01",
        story="There was only one track in the list, so the list was dropped.",
        front={"tracks": OneTrack},
    ),
    Mutant(
        id="created-in-a-sentence",
        breaks="BEATOVEN-OLDER-01",
        story="The answer has the words of the first version.",
        front={"tracks": FormerWords},
    ),
    Mutant(
        id="created-tracks-not-found",
        breaks="BEATOVEN-OLDER-02",
        story="Tracks are created in the former database and looked for in the new one.",
        front={"tracks": LostTracks},
    ),
    Mutant(
        id="older-composition-queued",
        breaks="BEATOVEN-OLDER-02",
        story="The older request is answered by the queue itself.",
        front={"tracks": OtherWord},
    ),
    Mutant(
        id="copy-of-the-created-track",
        breaks="BEATOVEN-OLDER-03",
        story="A created track is copied when it is composed, to keep the former one.",
        cast={"compositions": CopiedTracks},
    ),
    Mutant(
        id="prompt-of-the-created-track-lost",
        breaks="BEATOVEN-OLDER-03",
        story="The prompt is not carried over from the request that created the track.",
        front={"tracks": ForgottenPrompts},
    ),
    Mutant(
        id="older-composition-always-wav",
        breaks="BEATOVEN-OLDER-04",
        story="The older request does not hand its options on.",
        front={"tracks": AlwaysWav},
    ),
)
