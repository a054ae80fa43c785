from __future__ import annotations

import asyncio
import io
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from conformance.reference.beatra.services.fetcher import Fetched, Fetcher
from conformance.reference.beatra.services.lifecycle import Lifecycle
from conformance.reference.beatra.settings import ReferenceSettings
from conformance.reference.beatra.wiring import Cast
from tests.reference.sandbox import REFERENCE_AUDIO_TO_MUSIC, SONG, Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conformance.reference.beatra.services.tasks import Task

AT_ONCE = ReferenceSettings(queued_seconds=0, running_seconds=0)


def test_the_worker_ends_tasks_that_nobody_looks_at() -> None:
    ended = asyncio.Event()

    class Telling(Lifecycle):
        def succeed(self, task: Task) -> None:
            super().succeed(task)
            ended.set()

    with Sandbox(AT_ONCE, Cast(lifecycle=Telling)) as sandbox:
        sandbox.new_account().created()
        assert not ended.is_set()

        async def serve() -> None:
            async with sandbox.app.router.lifespan_context(sandbox.app), asyncio.timeout(5):
                await ended.wait()

        sandbox.run(serve)

    assert ended.is_set()


def test_a_fetch_that_goes_on_does_not_keep_the_server_from_stopping() -> None:
    stopped = asyncio.Event()

    class Endless(Fetcher):
        async def vet(self, url: str) -> None:
            """Accept every URL."""

        @asynccontextmanager
        async def fetch(self, url: str) -> AsyncIterator[Fetched]:
            try:
                await asyncio.Event().wait()
                yield Fetched(content=io.BytesIO(), content_type=url)
            finally:
                stopped.set()

    with Sandbox(AT_ONCE, Cast(fetcher=Endless)) as sandbox:
        account = sandbox.new_account()
        reference = {"type": "url", "url": "https://music.example/a.wav"}
        task = account.created({**SONG, "reference_audio": reference}, path=REFERENCE_AUDIO_TO_MUSIC)
        assert account.task(task["task_id"])["status"] == "queued"

        async def stop() -> None:
            async with asyncio.timeout(5), sandbox.app.router.lifespan_context(sandbox.app):
                pass

        sandbox.run(stop)

    assert stopped.is_set()
