"""A reference inside the test: no sockets, and a clock that moves only when the control interface says so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

import httpx

from conformance.reference.beatra.app import Front, create_app
from conformance.reference.beatra.settings import ReferenceSettings
from conformance.reference.beatra.wiring import Cast
from conformance.reference.parts.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from conformance.reference.parts.bodies import Json

SONG = {"model": "suno-5.5", "prompt": "calm piano"}
TEXT_TO_MUSIC = "/v1/music/text-to-music"
REFERENCE_AUDIO_TO_MUSIC = "/v1/music/reference-audio-to-music"
QUEUED_SECONDS = 2
TASK_SECONDS = 20


class StoppedClock(Clock):
    def now(self) -> int:
        return 1_800_000_000_000_000


class Sandbox:
    def __init__(
        self,
        settings: ReferenceSettings | None = None,
        cast: Cast | None = None,
        front: Front | None = None,
    ) -> None:
        self.settings = settings or ReferenceSettings()
        self.app = create_app(self.settings, cast=cast or Cast(clock=StoppedClock), front=front)
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://sandbox.test:8080")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()

    def send(self, method: str, path: str, **parts: Json) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **parts))

    def send_together(self, method: str, path: str, each: list[dict[str, Any]]) -> list[httpx.Response]:
        async def all_of_them() -> list[httpx.Response]:
            return await asyncio.gather(*(self._client.request(method, path, **parts) for parts in each))

        return self._runner.run(all_of_them())

    def run(self, work: Callable[[], Awaitable[Any]]) -> Json:
        async def awaited() -> Json:
            return await work()

        return self._runner.run(awaited())

    def new_account(self) -> Account:
        return self.new_accounts()["main"]

    def new_accounts(self) -> dict[str, Account]:
        keys = self.send("POST", "/_control/tenants").json()["keys"]
        return {role: Account(self, key) for role, key in keys.items()}


class Account:
    def __init__(self, sandbox: Sandbox, key: str) -> None:
        self.sandbox = sandbox
        self.key = key

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **parts: Json) -> httpx.Response:
        return self.sandbox.send(method, path, headers=self.headers(headers), **parts)

    def headers(self, more: dict[str, str] | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", **(more or {})}

    def create(self, body: Json = SONG, key: str | None = None, path: str = TEXT_TO_MUSIC) -> httpx.Response:
        return self.send("POST", path, json=body, headers={"Idempotency-Key": key} if key else {})

    def created(self, body: Json = SONG, key: str | None = None, path: str = TEXT_TO_MUSIC) -> Json:
        answer = self.create(body, key, path)
        assert answer.status_code == 202, answer.text
        return answer.json()

    def task(self, task_id: str) -> Json:
        answer = self.send("GET", f"/v1/tasks/{task_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def cancel(self, task_id: str) -> httpx.Response:
        return self.send("POST", f"/v1/tasks/{task_id}/cancel")

    def tasks(self, **query: Json) -> Json:
        answer = self.send("GET", "/v1/tasks", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def upload(self, content: bytes = b"sound", **form: str) -> httpx.Response:
        file = {"file": ("reference.mp3", content, "audio/mpeg")}
        return self.send("POST", "/v1/uploads", files=file, data=form)

    def control(self, path: str, body: Json) -> Json:
        answer = self.send("POST", f"/_control{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def advance(self, seconds: float) -> None:
        self.control("/clock", {"advance_seconds": seconds})

    def balance(self) -> str:
        answer: str = self.send("GET", "/_control/wallet").json()["balance_credits"]
        return answer

    def set_balance(self, credits_: str) -> None:
        answer = self.send("PUT", "/_control/wallet", json={"balance_credits": credits_})
        assert answer.status_code == 200, answer.text
