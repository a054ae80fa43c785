"""The reference of Beatoven inside the test: no sockets, and a clock that only the control interface moves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

import httpx

from conformance.reference.beatoven.app import Cast, create_app
from conformance.reference.beatoven.settings import ReferenceSettings
from conformance.reference.parts.clock import Clock

if TYPE_CHECKING:
    from types import TracebackType

COMPOSE = "/api/v1/tracks/compose"
PROMPT = {"prompt": {"text": "20 seconds calm piano"}}
QUEUED_SECONDS, RUNNING_SECONDS = 3, 17


class StoppedClock(Clock):
    def now(self) -> int:
        return 1_800_000_000_000_000


class Studio:
    def __init__(self) -> None:
        settings = ReferenceSettings(queued_seconds=QUEUED_SECONDS, running_seconds=RUNNING_SECONDS)
        app = create_app(settings, cast=Cast(clock=StoppedClock))
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://studio.test")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()

    def send(self, method: str, path: str, **parts: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        return self._runner.run(self._client.request(method, path, **parts))

    def accounts(self) -> dict[str, Account]:
        keys = self.send("POST", "/_control/tenants").json()["keys"]
        return {role: Account(self, key) for role, key in keys.items()}


class Account:
    def __init__(self, studio: Studio, key: str) -> None:
        self.studio = studio
        self.headers = {"Authorization": f"Bearer {key}"}

    def post(self, path: str, body: object) -> httpx.Response:
        return self.studio.send("POST", path, json=body, headers=self.headers)

    def started(self, body: object = PROMPT) -> str:
        answer = self.post(COMPOSE, body)
        assert answer.status_code == 200, answer.text
        task_id: str = answer.json()["task_id"]
        return task_id

    def read(self, task_id: str) -> httpx.Response:
        return self.studio.send("GET", f"/api/v1/tasks/{task_id}", headers=self.headers)

    def task(self, task_id: str) -> dict[str, Any]:
        answer = self.read(task_id)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def file(self, url: str) -> bytes:
        answer = self.studio.send("GET", url)
        assert answer.status_code == 200, answer.text
        return answer.content

    def control(self, path: str, body: object) -> None:
        answer = self.post(f"/_control{path}", body)
        assert answer.status_code == 200, answer.text

    def advance(self, seconds: float) -> None:
        self.control("/clock", {"advance_seconds": seconds})

    def composed(self, body: object = PROMPT) -> dict[str, Any]:
        task_id = self.started(body)
        self.advance(QUEUED_SECONDS + RUNNING_SECONDS)
        task = self.task(task_id)
        assert task["status"] == "composed"
        meta: dict[str, Any] = task["meta"]
        return meta
