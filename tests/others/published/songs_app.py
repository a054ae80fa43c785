"""
A small task endpoint behind middlewares of others that make idempotency keys work; it knows nothing of keys itself.

It keeps what `contracts/songs.yaml` says. uvicorn runs one of the factories in the environment of that middleware.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

_WORKING_SECONDS = 0.3
_PROMPT, _SECONDS = range(1, 201), range(10, 241)


class Songs:
    """All songs of the process, with when they were asked for."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[float, dict[str, Any]]] = {}

    async def create(self, request: Request) -> JSONResponse:
        """Begin a song."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            return JSONResponse({"detail": "the body has to be JSON"}, 400)
        try:
            wish = json.loads(await request.body())
        except (ValueError, RecursionError):
            return JSONResponse({"detail": "the body is no JSON"}, 400)
        if not _is_valid(wish):
            return JSONResponse({"detail": "a song needs a prompt, and may have seconds, within their bounds"}, 422)
        song_id = uuid.uuid4().hex
        self._made[song_id] = (time.monotonic(), wish)
        return JSONResponse(self._shown(song_id), 202)

    async def read(self, request: Request) -> JSONResponse:
        """Show a song."""
        song_id = request.path_params["song_id"]
        if song_id not in self._made:
            return JSONResponse({"detail": "there is no such song"}, 404)
        return JSONResponse(self._shown(song_id))

    async def list(self, _: Request) -> JSONResponse:
        """Show all songs, the newest first."""
        return JSONResponse({"items": [self._shown(song_id) for song_id in reversed(self._made)]})

    def _shown(self, song_id: str) -> dict[str, Any]:
        begun, wish = self._made[song_id]
        ended = time.monotonic() - begun >= _WORKING_SECONDS
        return {"song_id": song_id, "status": "succeeded" if ended else "running", **wish}


def _is_valid(wish: object) -> bool:
    if not isinstance(wish, dict) or wish.keys() - {"prompt", "seconds"}:
        return False
    prompt, seconds = wish.get("prompt"), wish.get("seconds", 30)
    if isinstance(seconds, float) and seconds.is_integer():
        seconds = int(seconds)
    fits = isinstance(seconds, int) and not isinstance(seconds, bool) and seconds in _SECONDS
    return fits and isinstance(prompt, str) and len(prompt) in _PROMPT


def application() -> Starlette:
    """The endpoint without any middleware."""
    songs = Songs()
    return Starlette(
        routes=[
            Route("/songs", songs.create, methods=["POST"]),
            Route("/songs", songs.list, methods=["GET"]),
            Route("/songs/{song_id}", songs.read, methods=["GET"]),
        ]
    )


def behind_fastapi_idempotency() -> Starlette:
    """The endpoint behind the middleware of fastapi-idempotency, as it comes."""
    from fastapi_idempotency import IdempotencyMiddleware  # noqa: PLC0415 - in the environment of this factory alone

    app = application()
    app.add_middleware(IdempotencyMiddleware)
    return app


def behind_asgi_idempotency_header() -> Starlette:
    """The endpoint behind the middleware of asgi-idempotency-header, with its store in memory."""
    from idempotency_header_middleware import IdempotencyHeaderMiddleware  # noqa: PLC0415 - the same
    from idempotency_header_middleware.backends import MemoryBackend  # noqa: PLC0415 - the same

    app = application()
    app.add_middleware(IdempotencyHeaderMiddleware, backend=MemoryBackend())
    return app
