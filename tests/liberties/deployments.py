"""The reference of beatra as a deployment without a control interface."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import httpx

from conformance.reference.beatra.app import create_app
from conformance.reference.beatra.settings import ReferenceSettings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

KEY: Final = f"sk-{'ends' * 8}"
SETTINGS: Final = ReferenceSettings(main_key=KEY, queued_seconds=0.2, running_seconds=60)
LONGER_THAN_A_TASK: Final = {"advance_seconds": 3600}


def first_task_ends_early() -> ASGIApp:
    """When the first cancellation arrives, its task has ended."""
    app = create_app(SETTINGS)
    cancelled: list[str] = []

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/cancel") and not cancelled:
            cancelled.append(scope["path"])
            await end_all_tasks(app, dict(scope["headers"])[b"authorization"].decode())
        await app(scope, receive, send)

    return answer


async def end_all_tasks(app: ASGIApp, authorization: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://reference") as client:
        headers = {"Authorization": authorization, "Content-Type": "application/json"}
        answer = await client.post("/_control/clock", content=json.dumps(LONGER_THAN_A_TASK), headers=headers)
        answer.raise_for_status()
