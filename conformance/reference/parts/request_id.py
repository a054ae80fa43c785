"""The correlation id of a request: echoed when it is well formed, otherwise made here."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-Id"


class RequestIds:
    """ASGI middleware that puts the id into `scope["request_id"]` and on every response."""

    well_formed = re.compile(r"[A-Za-z0-9._-]{1,128}")

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = self.choose(Headers(scope=scope).get(HEADER))
        scope["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        await self.app(scope, receive, send_with_id)

    def choose(self, offered: str | None) -> str:
        """Take the client's id when it is well formed, else a new one."""
        if offered is not None and self.well_formed.fullmatch(offered):
            return offered
        return f"req_{secrets.token_hex(12)}"
