"""POST /api/v1/tracks/compose, and the older pair that creates a track first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsonschema_rs
from starlette.responses import JSONResponse

from conformance.reference.beatoven.errors import NotFoundError
from conformance.reference.beatoven.handlers.reading import read_body

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatoven.compositions import Compositions
    from conformance.reference.beatoven.handlers.guard import Guard
    from conformance.reference.beatoven.records import Task
    from conformance.reference.beatoven.settings import ReferenceSettings

_PROMPT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
_DELIVERY = {"format": {"enum": ["mp3", "aac", "wav"]}, "looping": {"type": "boolean"}}
COMPOSITION = jsonschema_rs.Draft202012Validator(
    {"type": "object", "required": ["prompt"], "properties": {"prompt": _PROMPT, **_DELIVERY}}
)
TRACK_PROMPT = jsonschema_rs.Draft202012Validator(
    {"type": "object", "required": ["prompt"], "properties": {"prompt": _PROMPT}}
)
DELIVERY = jsonschema_rs.Draft202012Validator({"type": "object", "properties": _DELIVERY})


class TrackHandlers:
    """Starts compositions."""

    def __init__(self, compositions: Compositions, guard: Guard, settings: ReferenceSettings) -> None:
        self._compositions = compositions
        self._guard = guard
        self._limit = settings.json_bytes

    async def compose(self, request: Request) -> JSONResponse:
        """POST /api/v1/tracks/compose."""
        account = self._guard.admit(request)
        body = await read_body(request, COMPOSITION, self._limit)
        track = self._compositions.create(account, body["prompt"]["text"])
        task = self._compositions.start(account, track, body.get("format"), body.get("looping"))
        return self.started(task)

    async def create(self, request: Request) -> JSONResponse:
        """POST /api/v1/tracks, the first request of the older pair."""
        account = self._guard.admit(request)
        body = await read_body(request, TRACK_PROMPT, self._limit)
        track = self._compositions.create(account, body["prompt"]["text"])
        return JSONResponse({"status": "created", "tracks": [track.track_id]})

    async def compose_created(self, request: Request) -> JSONResponse:
        """POST /api/v1/tracks/compose/{track_id}, the second request of the older pair."""
        account = self._guard.admit(request)
        body = await read_body(request, DELIVERY, self._limit)
        track = account.tracks.get(request.path_params["track_id"])
        if track is None:
            raise NotFoundError("There is no such track.")
        return self.started(self._compositions.start(account, track, body.get("format"), body.get("looping")))

    def started(self, task: Task) -> JSONResponse:
        """The answer to a composition."""
        return JSONResponse({"status": "started", "task_id": task.task_id})
