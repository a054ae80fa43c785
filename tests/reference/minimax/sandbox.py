"""A reference inside the test: no sockets, and a clock that moves only when the control interface says so."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import wave
from functools import cache
from typing import TYPE_CHECKING, Any, Self

import httpx

from conformance.reference.minimax.app import create_app
from conformance.reference.minimax.settings import ReferenceSettings
from conformance.reference.minimax.wiring import Cast
from conformance.reference.parts.clock import Clock

if TYPE_CHECKING:
    from types import TracebackType

    from starlette.types import ASGIApp

    from conformance.reference.parts.bodies import Json

MUSIC = "/v1/music_generation"
PREPROCESS = "/v1/music_cover_preprocess"
LYRICS = "/v1/lyrics_generation"
SONG = {"model": "music-2.6-free", "lyrics": "[Verse]\nRain upon the river"}
COVER = {"model": "music-cover-free", "prompt": "slow folk with two guitars"}
DAY = 86_400


class StoppedClock(Clock):
    def now(self) -> int:
        return 1_800_000_000_000_000


class Sandbox:
    def __init__(self, settings: ReferenceSettings | None = None, app: ASGIApp | None = None) -> None:
        self.settings = settings or ReferenceSettings()
        app = app or create_app(self.settings, cast=Cast(clock=StoppedClock))
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox.test:8080")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()

    def send(self, method: str, path: str, **parts: Json) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **parts))

    def new_account(self, **opening: str) -> Account:
        answer = self.send("POST", "/_control/tenants", **({"json": opening} if opening else {}))
        return Account(self, answer.json()["keys"]["main"])


class Account:
    def __init__(self, sandbox: Sandbox, key: str) -> None:
        self.sandbox = sandbox
        self.key = key

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **parts: Json) -> httpx.Response:
        authorized = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        return self.sandbox.send(method, path, headers=authorized, **parts)

    def post(self, path: str, body: Json) -> Json:
        """The answer, whether it is a success or a refusal."""
        answer = self.send("POST", path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def code(self, path: str, body: Json) -> int:
        code: int = self.post(path, body)["base_resp"]["status_code"]
        return code

    def made(self, path: str, body: Json) -> Json:
        answer = self.post(path, body)
        assert answer["base_resp"] == {"status_code": 0, "status_msg": "success"}, answer
        return answer

    def frames(self, body: Json) -> list[dict[str, Any]]:
        answer = self.send("POST", MUSIC, json=body)
        assert answer.headers["content-type"].startswith("text/event-stream"), answer.text
        events = answer.text.split("\n\n")
        assert events.pop() == ""
        return [json.loads(event.removeprefix("data: ")) for event in events]

    def feature(self, content: bytes) -> str:
        found: str = self.made(PREPROCESS, {"model": "music-cover", "audio_base64": coded(content)})["cover_feature_id"]
        return found

    def control(self, method: str, path: str, body: Json = None) -> Json:
        answer = self.send(method, f"/_control{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def advance(self, seconds: float) -> None:
        self.control("POST", "/clock", {"advance_seconds": seconds})

    def balance(self) -> str:
        balance: str = self.control("GET", "/wallet")["balance_credits"]
        return balance


@cache
def sound(seconds: float, hertz: int = 440) -> bytes:
    """A WAV file of the narrowest kind, so that six minutes are small."""
    rate = 1000
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(rate)
        out.writeframes(bytes(at * hertz % 256 for at in range(round(seconds * rate))))
    return file.getvalue()


def coded(content: bytes) -> str:
    return base64.b64encode(content).decode()
