"""
The reference with a control interface that lies: `--app tests.suite.control_liars:create_app --factory`.

The environment variable CONFORMANCE_CONTROL_LIE names the lie. The API itself is sound.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from conformance.contract.files import system_folder
from conformance.reference.beatra.app import create_app as create_reference
from conformance.reference.beatra.settings import ReferenceSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

VARIABLE = "CONFORMANCE_CONTROL_LIE"
CONTROL = "/_control"

Body = dict[str, Any]
NOON = {"now": "2026-01-05T12:00:00.000000Z"}
# Whoever asks for these is told that it was done.
SAID: Mapping[str, tuple[str, Callable[[Body], Body]]] = {
    "clock": ("POST /clock", lambda _body: NOON),
    "hold": ("POST /tasks/hold", lambda body: body),
    "outcome": ("POST /tasks/outcome", lambda body: {"count": 1, **body}),
    "rate-limit": ("POST /rate-limit", lambda body: body),
    "wallet": ("PUT /wallet", lambda body: body),
}
# These are done otherwise than they were asked for.
HANDED_ON: Mapping[str, tuple[str, Callable[[Body], Body]]] = {
    "half-the-clock": ("POST /clock", lambda body: {"advance_seconds": body["advance_seconds"] / 2}),
}
OPENED = ("no-stranger", "one-account", "usual-balance")
LIES = (*SAID, *HANDED_ON, *OPENED)


def create_app() -> ASGIApp:
    settings = ReferenceSettings.from_environment()
    document = settings.document or system_folder("beatra") / "openapi.yaml"
    return Liar(create_reference(replace(settings, document=document)), os.environ[VARIABLE])


class Liar:
    """An application behind a control interface that does not keep one of its promises."""

    def __init__(self, app: ASGIApp, lie: str) -> None:
        assert lie in LIES
        self._app = app
        self._lie = lie
        self._opened: Body = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = f"{scope['method']} {scope['path'].removeprefix(CONTROL)}" if scope["type"] == "http" else ""
        if call == SAID.get(self._lie, ("",))[0] and call:
            said = SAID[self._lie][1](json.loads(await Request(scope, receive).body()))
            await JSONResponse(said)(scope, receive, send)
        elif call == HANDED_ON.get(self._lie, ("",))[0] and call:
            done = HANDED_ON[self._lie][1](json.loads(await Request(scope, receive).body()))
            await self._app(*_with_body(scope, json.dumps(done).encode()), send)
        elif call == "POST /tenants" and self._lie in OPENED:
            opened = self._opened or await self._tenants(scope, await Request(scope, receive).body())
            self._opened = opened if self._lie == "one-account" else {}
            await JSONResponse(opened, status_code=201)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _tenants(self, scope: Scope, asked: bytes) -> Body:
        content = b""

        async def keep(message: Any) -> None:  # noqa: ANN401 - as ASGI has it
            nonlocal content
            content += message.get("body", b"")

        await self._app(*_with_body(scope, b"" if self._lie == "usual-balance" else asked), keep)
        opened: Body = json.loads(content)
        if self._lie == "usual-balance" and asked:
            opened |= json.loads(asked)
        if self._lie == "no-stranger":
            opened["keys"]["second"] = opened["keys"]["main"]
        return opened


def _with_body(scope: Scope, content: bytes) -> tuple[Scope, Receive]:
    async def receive() -> Any:  # noqa: ANN401 - as ASGI has it
        return {"type": "http.request", "body": content, "more_body": False}

    headers = [(name, value) for name, value in scope["headers"] if name != b"content-length"]
    return {**scope, "headers": [*headers, (b"content-length", str(len(content)).encode())]}, receive
