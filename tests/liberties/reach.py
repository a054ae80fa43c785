"""Applications without some or all of the operations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from tests.liberties.applications import reference

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_NOT_FOUND = {"error": {"code": "not_found", "message": "There is no such path.", "retryable": False}}


def nothing() -> ASGIApp:
    """An application without any route, whose errors have the documented form."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _not_found(scope)(scope, receive, send)

    return answer


def without_covers() -> ASGIApp:
    """The reference without the operation that makes music from reference audio."""
    return _without("/v1/music/reference-audio-to-music")


def without_uploads() -> ASGIApp:
    """The reference without uploads, for a target that does not offer the surface."""
    return _without("/v1/uploads")


def _without(path: str) -> ASGIApp:
    def wrap(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["path"] == path:
                await _not_found(scope)(scope, receive, send)
            else:
                await app(scope, receive, send)

        return answer

    return reference(wrap=wrap)


def _not_found(scope: Scope) -> ASGIApp:
    sent = dict(scope["headers"]).get(b"x-request-id", b"req_1").decode("latin-1")
    return JSONResponse(json.loads(json.dumps(_NOT_FOUND)), 404, {"X-Request-Id": sent})
