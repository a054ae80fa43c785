"""Small ASGI applications to serve in tests."""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]

SHOWN = "CONFORMANCE_REFERENCE_"


async def echo(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answers with the path and the variables of the environment that the suite sets; knows no lifespan."""
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    shown = {name: value for name, value in os.environ.items() if name.startswith(SHOWN)}
    body = json.dumps({"path": scope["path"], "environment": shown}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def make_echo() -> Callable[[dict[str, Any], Receive, Send], Awaitable[None]]:
    """A factory."""
    return echo


def make_nothing() -> None:
    """A factory that fails."""
    raise RuntimeError("no database\nanywhere")


async def failing_startup(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Says that its startup failed."""
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "the disk is full"})


async def endless_startup(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Never gets ready."""
    await asyncio.Event().wait()


NOT_CALLABLE = 3
