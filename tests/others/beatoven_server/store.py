"""Tasks and the tracks that they make."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
import uuid
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.others.beatoven_server.audio import FORMATS, STEMS, render

if TYPE_CHECKING:
    from tests.others.beatoven_server.settings import Settings


@dataclass(frozen=True)
class Order:
    """What was asked for."""

    text: str
    format: str
    looping: bool


@dataclass
class Task:
    task_id: str
    account: str
    order: Order
    fails: bool
    parts: dict[str, Future[bytes]]
    made_at: float = field(default_factory=time.monotonic)
    project_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    track_id: str = field(default_factory=lambda: str(uuid.uuid4()))


class Store:
    """The tasks of all accounts, and the signatures of their addresses."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._tasks: OrderedDict[str, Task] = OrderedDict()
        self._by_track: dict[str, Task] = {}
        self._studio = ThreadPoolExecutor(max_workers=2, thread_name_prefix="studio")
        self._secret = secrets.token_bytes(32)

    def compose(self, account: str, order: Order) -> Task:
        """A new task of an account."""
        fails = any(word in order.text.lower() for word in self._settings.failing_words)
        task = Task(secrets.token_urlsafe(16), account, order, fails, {})
        if not fails:
            form = FORMATS[order.format]
            for part in ("track", *STEMS):
                task.parts[part] = self._studio.submit(render, task.track_id, part, form, looping=order.looping)
        with self._lock:
            self._tasks[task.task_id] = self._by_track[task.track_id] = task
            if len(self._tasks) > self._settings.kept_tasks:
                _, dropped = self._tasks.popitem(last=False)
                del self._by_track[dropped.track_id]
        return task

    def view(self, account: str, task_id: str, base: str) -> dict[str, Any] | None:
        """What polling a task shows, or nothing if the account has no such task."""
        with self._lock:
            task = self._tasks.get(task_id)
        if task is None or task.account != account:
            return None
        age = time.monotonic() - task.made_at
        if age < self._settings.queue_seconds:
            return {"status": "composing"}
        if age < self._settings.queue_seconds + self._settings.run_seconds:
            return {"status": "running"}
        if task.fails:
            return {"status": "failed", "error": "The prompt could not be composed."}
        if not all(part.done() for part in task.parts.values()):
            return {"status": "running"}
        return {"status": "composed", "meta": self._meta(task, base)}

    def audio(self, track_id: str, part: str, expires: str, signature: str) -> tuple[bytes, str] | None:
        """The audio of a signed address and its media type, or nothing if there is none, or its time is over."""
        with self._lock:
            task = self._by_track.get(track_id)
        expected = self._signature(track_id, part, expires)
        if not hmac.compare_digest(expected.encode(), signature.encode()) or int(expires) < time.time():
            return None
        if task is None or part not in task.parts:
            return None
        return task.parts[part].result(), FORMATS[task.order.format].media_type

    def _meta(self, task: Task, base: str) -> dict[str, Any]:
        return {
            "project_id": task.project_id,
            "track_id": task.track_id,
            "prompt": {"text": task.order.text},
            "version": 1,
            "track_url": self._address(task, "track", base),
            "stems_url": {part: self._address(task, part, base) for part in STEMS},
        }

    def _address(self, task: Task, part: str, base: str) -> str:
        expires = str(int(time.time() + self._settings.address_seconds))
        query = f"expires={expires}&signature={self._signature(task.track_id, part, expires)}"
        return f"{base}/assets/{task.track_id}/{part}.{FORMATS[task.order.format].suffix}?{query}"

    def _signature(self, track_id: str, part: str, expires: str) -> str:
        return hmac.new(self._secret, f"{track_id} {part} {expires}".encode(), hashlib.sha256).hexdigest()
