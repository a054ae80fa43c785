"""The studio of the tests, with a count of its requests and the time from the first to the last."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from tests.cli.studio.app import create_app as create_studio

if TYPE_CHECKING:
    from starlette.applications import Starlette

MEASURED = "/measured"


class Counted:
    """An application before another one: counts, and starts anew whenever somebody asks."""

    def __init__(self, inner: Starlette) -> None:
        self._inner = inner
        self._times: list[float] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's own
        """Hand a request on, or say what was counted."""
        if scope["type"] != "http" or scope["path"] != MEASURED:
            if scope["type"] == "http":
                self._times.append(time.monotonic())
            await self._inner(scope, receive, send)
            return
        seconds = self._times[-1] - self._times[0] if self._times else 0.0
        body = json.dumps({"requests": len(self._times), "seconds": seconds}).encode()
        self._times.clear()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body})


def create_app() -> Counted:
    """The counted studio."""
    return Counted(create_studio())
