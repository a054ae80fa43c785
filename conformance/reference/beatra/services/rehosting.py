"""Bringing reference audio from its URL into an artifact before the task runs."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.reference.beatra.services.artifacts import REFERENCE_AUDIO, Incoming
from conformance.reference.beatra.services.fetcher import FetchError
from conformance.reference.parts.places import ForbiddenUrlError

if TYPE_CHECKING:
    from conformance.reference.beatra.services.artifacts import Artifacts
    from conformance.reference.beatra.services.fetcher import Fetcher
    from conformance.reference.beatra.services.lifecycle import Lifecycle
    from conformance.reference.beatra.services.overrides import AccountClock
    from conformance.reference.beatra.services.tasks import Task, Tasks
    from conformance.reference.parts.database import Database

FETCH_FAILED = "fetch_failed"
"""The error code of a task whose reference audio could not be fetched."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Rehosting:
    """Fetches in the background; the task stays queued until its audio is here."""

    database: Database
    fetcher: Fetcher
    artifacts: Artifacts
    tasks: Tasks
    lifecycle: Lifecycle
    clock: AccountClock
    under_way: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    def begin(self, task: Task, url: str) -> None:
        """Start fetching for a task."""
        job = asyncio.get_running_loop().create_task(self._bring(task, url))
        self.under_way.add(job)
        job.add_done_callback(self.under_way.discard)

    async def finish(self) -> None:
        """Wait until nothing is being fetched, each fetch being bounded in time."""
        if self.under_way:
            await asyncio.wait(self.under_way)

    async def abandon(self) -> None:
        """Stop all fetches."""
        for job in self.under_way:
            job.cancel()
        await self.finish()

    async def _bring(self, task: Task, url: str) -> None:
        try:
            await self.rehost(task, url)
        except (FetchError, ForbiddenUrlError) as problem:
            _logger.info("Reference audio of %s could not be fetched: %s", task.task_id, problem)
            self.failed(task)
        except Exception:
            # Whatever went wrong, neither the task nor its money may be left waiting.
            _logger.exception("Fetching the reference audio of %s failed", task.task_id)
            self.failed(task)

    async def rehost(self, task: Task, url: str) -> None:
        """Fetch the audio and hand it to the task; raises FetchError and ForbiddenUrlError."""
        async with self.fetcher.fetch(url) as fetched:
            staged = await asyncio.to_thread(self.artifacts.stage, fetched.content)
        try:
            self.arrived(task, Incoming(staged, REFERENCE_AUDIO, fetched.content_type, fetched.content_type))
        finally:
            self.artifacts.discard(staged)

    def arrived(self, task: Task, incoming: Incoming) -> None:
        """Keep the audio and let the task go on, unless it has ended meanwhile."""
        now = self.clock.now(task.tenant_id)
        with self.database.transaction():
            current = self.tasks.find(task.tenant_id, task.task_id)
            if current is None or current.is_terminal:
                return
            artifact = self.artifacts.keep(task.tenant_id, incoming, now)
            reference = {**current.input["reference_audio"], "artifact_id": artifact.artifact_id}
            self.tasks.change(task.task_id, input={**current.input, "reference_audio": reference})
            self.lifecycle.audio_arrived(current, now)

    def failed(self, task: Task) -> None:
        """End the task with a refund, unless it has ended meanwhile."""
        with self.database.transaction():
            current = self.tasks.find(task.tenant_id, task.task_id)
            if current is not None and not current.is_terminal:
                self.lifecycle.fail(current, FETCH_FAILED, self.clock.now(task.tenant_id))
