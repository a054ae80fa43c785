"""A tour of the reference, and what is seen on it: the same for the same server, but for what is made at random."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from conformance.liberties.beatra.app import create_app
from conformance.target.embedded import LIBERTY_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp, Message

    from conformance.reference.parts.bodies import Json

    Seen = tuple[str, object]

ORIGIN = "http://sandbox.test"
TEXT, COVER = "/v1/music/text-to-music", "/v1/music/reference-audio-to-music"
SONG = {"model": "suno-5.5", "prompt": "calm piano"}
CHEAP = {"model": "minimax-music-2.6", "prompt": "calm piano", "instrumental": True}
MADE_AT_RANDOM = re.compile(
    r"chatcmpl_[0-9a-f]{24}|(?<=\"created\":)\d+|(?<=\"created\": )\d+"
    r"|tsk_[0-9a-f]{26}|artifact_[0-9a-f]{26}|req_[0-9a-f]{24}|[0-9a-f]{32}|sk-[0-9a-f]{32}"
    r"|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z|(?<=\"percent\":)\d+"
)
CURSOR = re.compile(r'"next_cursor":"([^"]+)"')
SOON_SECONDS, SLOW_SECONDS = 30, 0.015
VARIES = {"date", "content-length", "last-modified", "etag"}


@contextmanager
def tourist_at_a_server(*liberties: str, main_key: str) -> Iterator[Tourist]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(LIBERTY_VARIABLE, ",".join(liberties))
        environment.setenv("CONFORMANCE_REFERENCE_MAIN_KEY", main_key)
        tourist = Tourist(create_app())
        try:
            yield tourist
        finally:
            tourist.close()


class Tourist:
    """Sends requests to a server in this process, one after the other."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url=ORIGIN)
        self.key = ""

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()

    def ask(self, method: str, path: str, **parts: Json) -> httpx.Response:
        headers = {"X-Request-Id": "tour", **({"Authorization": f"Bearer {self.key}"} if self.key else {})}
        headers |= parts.pop("headers", {})
        return self._runner.run(self._client.request(method, path, headers=headers, **parts))

    def together(self, count: int, method: str, path: str, **parts: Json) -> list[httpx.Response]:
        headers = {"Authorization": f"Bearer {self.key}", **parts.pop("headers", {})}

        async def all_of_them() -> list[httpx.Response]:
            each = (self._client.request(method, path, headers=headers, **parts) for _ in range(count))
            return list(await asyncio.gather(*each))

        return self._runner.run(all_of_them())

    def work(self, seconds: float) -> None:
        """Let the server's worker come round."""

        async def alive() -> None:
            sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
            done = asyncio.Event()

            async def receive() -> dict[str, Any]:
                return await sent.get()

            async def send(message: Message) -> None:
                if message["type"] == "lifespan.startup.complete":
                    await asyncio.sleep(seconds)
                    await sent.put({"type": "lifespan.shutdown"})
                else:
                    done.set()

            await sent.put({"type": "lifespan.startup"})
            await self._app({"type": "lifespan", "state": {}}, receive, send)
            await done.wait()

        self._runner.run(alive())


def seen(answer: httpx.Response) -> tuple[object, ...]:
    """An answer without what is made at random in it."""
    text = MADE_AT_RANDOM.sub("…", CURSOR.sub('"next_cursor":"…"', answer.text))
    names = sorted(
        (name.decode(), "" if name.decode().lower() in VARIES else MADE_AT_RANDOM.sub("…", value.decode()))
        for name, value in answer.headers.raw
    )
    return answer.status_code, names, text


def ids_of(answer: httpx.Response) -> str:
    return str(answer.json().get("task_id", "tsk_none"))


def tour(tourist: Tourist, main_key: str) -> Iterator[Seen]:
    """All that is seen, step by step, with the name of each step; what follows is asked for only when it is wanted."""
    yield from _documents(tourist)
    opened = tourist.ask("POST", "/_control/tenants")
    yield "tenants", opened.status_code
    keys = opened.json()["keys"] if opened.status_code == 201 else {"main": main_key, "second": "", "forbidden": ""}
    tourist.key = keys["main"]
    yield from _timing(tourist)
    yield from _lives(tourist)
    yield from _refusals(tourist, keys)
    yield from _keys(tourist)
    yield from _files(tourist, keys)
    yield from _lists(tourist)
    yield from _many(tourist)
    yield from _chats(tourist)
    tourist.key = main_key
    tourist.work(0)
    yield "the first account", len(tourist.ask("GET", "/v1/tasks").json()["data"])


def _documents(tourist: Tourist) -> Iterator[Seen]:
    for path in ("/openapi.yaml", "/v1/health", "/v1/images", "/v1/console", "/v1/nothing"):
        yield path, seen(tourist.ask("GET", path))
    yield "DELETE", seen(tourist.ask("DELETE", "/v1/tasks"))
    yield "no id", len(tourist.ask("GET", "/v1/tasks", headers={"X-Request-Id": "a b"}).headers["x-request-id"])
    yield "dotted id", seen(tourist.ask("GET", "/v1/tasks", headers={"X-Request-Id": "a.b"}))
    yield "strange id", tourist.ask("GET", "/v1/tasks", headers={"X-Request-Id": "a b"}).status_code
    yield "scope", "target" in tourist.ask("GET", "/_control").text


def _timing(tourist: Tourist) -> Iterator[Seen]:
    taken = []
    for _ in range(5):
        began = time.monotonic()
        tourist.ask("GET", "/v1/tasks")
        taken.append(time.monotonic() - began)
    yield "quick", min(taken) < SLOW_SECONDS
    yield "empty list", seen(tourist.ask("GET", "/v1/tasks"))
    created = tourist.ask("POST", TEXT, json=SONG).json().get("created_at")
    late = datetime.now(UTC) - datetime.fromisoformat(created).replace(tzinfo=UTC) if created else timedelta()
    yield "on time", abs(late.total_seconds()) < SOON_SECONDS


def _lives(tourist: Tourist) -> Iterator[Seen]:
    answer = tourist.ask("POST", TEXT, json={**SONG, "metadata": {"a": "b"}})
    yield "created", seen(answer)
    queued = ids_of(answer)
    yield "queued", seen(tourist.ask("GET", f"/v1/tasks/{queued}"))
    yield "cancelled", seen(tourist.ask("POST", f"/v1/tasks/{queued}/cancel"))
    yield "after it", seen(tourist.ask("GET", f"/v1/tasks/{queued}"))
    yield "paid back", tourist.ask("GET", "/_control/wallet").text
    yield "cancelled again", seen(tourist.ask("POST", f"/v1/tasks/{queued}/cancel"))
    yield "auto", [seen(tourist.ask("POST", TEXT, json={"prompt": "x", "title": "t"})) for _ in range(3)]
    yield "the cheap one", seen(tourist.ask("POST", TEXT, json=CHEAP))
    tourist.ask("POST", "/_control/tasks/outcome", json={"outcome": "failed"})
    failing = ids_of(tourist.ask("POST", TEXT, json=SONG))
    running = ids_of(tourist.ask("POST", TEXT, json=SONG))
    tourist.ask("GET", "/v1/tasks")
    tourist.ask("POST", "/_control/clock", json={"advance_seconds": 5})
    yield "listed", seen(tourist.ask("GET", "/v1/tasks"))
    yield "running", seen(tourist.ask("GET", f"/v1/tasks/{running}"))
    yield "failing", seen(tourist.ask("GET", f"/v1/tasks/{failing}"))
    stopped = ids_of(tourist.ask("POST", TEXT, json=SONG))
    tourist.ask("POST", "/_control/clock", json={"advance_seconds": 4})
    yield "stopped", seen(tourist.ask("POST", f"/v1/tasks/{stopped}/cancel"))
    tourist.ask("POST", "/_control/clock", json={"advance_seconds": 8.5})
    yield "nearly done", seen(tourist.ask("GET", "/v1/tasks?limit=100"))
    tourist.ask("POST", "/_control/clock", json={"advance_seconds": 60})
    done = tourist.ask("GET", f"/v1/tasks/{running}")
    yield "done", seen(done)
    yield "failed", seen(tourist.ask("GET", f"/v1/tasks/{failing}"))
    yield "refunded", tourist.ask("GET", "/_control/wallet").text
    for clip in (done.json().get("output") or {}).get("clips", ()):
        url = clip.get("url", ORIGIN).partition(ORIGIN)[2]
        yield "clip", seen(tourist.ask("GET", url, headers={"Authorization": ""}))[:2]


def _refusals(tourist: Tourist, keys: dict[str, str]) -> Iterator[Seen]:
    for name, body in {
        "no prompt": {},
        "namespace": {"prompt": "x", "model_options": {"other": {}}},
        "model": {"prompt": "x", "model": "none"},
        "both": {"model": "none"},
        "unknown field": {"prompt": "x", "colour": "red"},
        "long prompt": {**SONG, "prompt": "x" * 600},
    }.items():
        yield name, seen(tourist.ask("POST", TEXT, json=body))
    yield "no JSON", seen(tourist.ask("POST", TEXT, content="{", headers={"Content-Type": "application/json"}))
    yield "text", seen(tourist.ask("POST", TEXT, content='{"prompt": "x"}', headers={"Content-Type": "text/plain"}))
    large = tourist.ask("POST", TEXT, content=b" " * 1_100_000, headers={"Content-Type": "application/json"})
    yield "large", seen(large)
    for name, key in {"malformed": "Basic x", "unknown": f"Bearer sk-{'0' * 32}"}.items():
        yield name, seen(tourist.ask("GET", "/v1/tasks", headers={"Authorization": key}))
        yield name, seen(tourist.ask("POST", TEXT, json={}, headers={"Authorization": key}))
    forbidden = {"Authorization": f"Bearer {keys['forbidden']}"}
    yield "forbidden", seen(tourist.ask("POST", TEXT, json={}, headers=forbidden))
    mine = ids_of(tourist.ask("POST", TEXT, json=SONG))
    stranger = {"Authorization": f"Bearer {keys['second']}"}
    yield "foreign", seen(tourist.ask("GET", f"/v1/tasks/{mine}", headers=stranger))
    yield "odd id", seen(tourist.ask("GET", "/v1/tasks/7"))
    yield "no task", seen(tourist.ask("POST", "/v1/tasks/tsk_7/cancel", json={"reason": 7}))
    balance = tourist.ask("GET", "/_control/wallet").json().get("balance_credits", "0")
    tourist.ask("PUT", "/_control/wallet", json={"balance_credits": "1"})
    yield "poor", seen(tourist.ask("POST", TEXT, json={}))
    tourist.ask("PUT", "/_control/wallet", json={"balance_credits": balance})
    tourist.ask("POST", "/_control/rate-limit", json={"allow": 0, "retry_after_seconds": 3})
    yield "limited", seen(tourist.ask("GET", "/v1/tasks"))
    tourist.ask("POST", "/_control/rate-limit", json={"allow": None})


def _keys(tourist: Tourist) -> Iterator[Seen]:
    tourist.ask("PUT", "/_control/wallet", json={"balance_credits": "9000"})

    def create(key: str, body: Json = SONG, path: str = TEXT) -> httpx.Response:
        return tourist.ask("POST", path, json=body, headers={"Idempotency-Key": key})

    create("one")
    tourist.ask("POST", "/_control/clock", json={"advance_seconds": 4})
    yield "replay", seen(create("one"))
    yield "order", create("one", dict(reversed(SONG.items()))).status_code
    yield "conflict", seen(create("one", {**SONG, "prompt": "other"}))
    yield "invalid conflict", seen(create("one", {}))
    uploaded = tourist.ask("POST", "/v1/uploads", files={"file": ("a.mp3", b"tune", "audio/mpeg")}).json()
    audio = {"type": "artifact", "artifact_id": uploaded.get("artifact_id", "")}
    yield "other operation", seen(create("one", {"prompt": "x", "reference_audio": audio}, COVER))
    create("two", {})
    yield "after a refusal", seen(create("two"))
    yield "long key", seen(create("k" * 100))
    tourist.ask("POST", "/_control/tasks/outcome", json={"outcome": "failed"})
    failed = ids_of(create("three"))
    tourist.ask("POST", "/_control/clock", json={"advance_seconds": 60})
    tourist.ask("GET", "/v1/tasks")
    yield "of a failure", ids_of(create("three")) == failed
    first = ids_of(create("four"))
    tourist.ask("POST", "/_control/clock", json={"advance_seconds": 80_000})
    yield "within", ids_of(create("four")) == first
    tourist.ask("POST", "/_control/clock", json={"advance_seconds": 8_000})
    yield "beyond", ids_of(create("four")) == first
    both = tourist.together(2, "POST", TEXT, json=SONG, headers={"Idempotency-Key": "five"})
    yield "together", sorted(answer.status_code for answer in both)


def _files(tourist: Tourist, keys: dict[str, str]) -> Iterator[Seen]:
    def upload(content: bytes = b"sound", kind: str = "audio/mpeg", **form: str) -> httpx.Response:
        return tourist.ask("POST", "/v1/uploads", files={"file": ("a.mp3", content, kind)}, data=form)

    first = upload()
    yield "upload", seen(first)
    artifact_id = first.json().get("artifact_id")
    yield "kept once", upload().json().get("artifact_id") == artifact_id
    yield "wav", seen(upload(kind="audio/wav"))
    yield "empty", seen(upload(b""))
    yield "metadata", seen(upload(metadata="[]"))
    yield "purpose", seen(upload(purpose="decoration"))
    cover = {"prompt": "a cover of this", "reference_audio": {"type": "artifact", "artifact_id": artifact_id}}
    yield "cover", seen(tourist.ask("POST", COVER, json=cover))
    stranger = {"Authorization": f"Bearer {keys['second']}"}
    yield "foreign artifact", seen(tourist.ask("POST", COVER, json=cover, headers=stranger))
    cover["reference_audio"] = {"type": "artifact", "artifact_id": "artifact_7"}
    yield "unknown artifact", seen(tourist.ask("POST", COVER, json=cover))
    url = str(first.json().get("url", "")).partition(ORIGIN)[2] or "/"
    yield "delivered", seen(tourist.ask("GET", url, headers={"Authorization": ""}))


def _lists(tourist: Tourist) -> Iterator[Seen]:
    for query in ("limit=101", "status=lost", "colour=red", "cursor=x", "limit=2", "expand=all&limit=1"):
        answer = tourist.ask("GET", f"/v1/tasks?{query}")
        yield query, seen(answer)
    found = tourist.ask("GET", "/v1/tasks?limit=100").json()["data"]
    yield "all", len(found)
    oldest = found[-1].get("created_at", "")
    yield "at once", len(tourist.ask("GET", "/v1/tasks", params={"created_before": oldest}).json().get("data", ()))
    page = tourist.ask("GET", f"/v1/tasks?limit={len(found)}").json()
    yield "exactly", (page.get("has_more"), page.get("next_cursor") is None)
    cursor = tourist.ask("GET", "/v1/tasks?limit=1").json()["next_cursor"]
    tourist.ask("POST", TEXT, json=SONG)
    following = tourist.ask("GET", "/v1/tasks", params={"limit": 1, "cursor": cursor}).json()["data"]
    yield "goes on", [task.get("task_id") for task in following] == [found[1].get("task_id")]


def _many(tourist: Tourist) -> Iterator[Seen]:
    tourist.ask("PUT", "/_control/wallet", json={"balance_credits": "90000"})
    yield "many", [tourist.ask("POST", TEXT, json=SONG).status_code for _ in range(60)]
    tourist.ask("POST", "/_control/clock", json={"advance_seconds": 60})
    states = [task["status"] for task in tourist.ask("GET", "/v1/tasks?limit=100").json()["data"]]
    yield "ends", (len(states), sorted(set(states)))
    yield "a page", len(tourist.ask("GET", "/v1/tasks").json()["data"])
    yield "hurry", {answer.status_code for answer in tourist.together(40, "GET", "/v1/tasks?limit=1")}
    yield "long", {tourist.ask("GET", "/v1/nothing").status_code for _ in range(200)}


def _chats(tourist: Tourist) -> Iterator[Seen]:
    asked = {"model": "auto", "messages": [{"role": "user", "content": "Name a key."}]}
    for change in ({}, {"stream": True}, {"max_tokens": 2}, {"stream": True, "model": "lost"}):
        yield f"chat {change}", seen(tourist.ask("POST", "/v1/chat/completions", json={**asked, **change}))
    for path in ("models", "catalog/models", "catalog/capabilities", "health"):
        yield path, seen(tourist.ask("GET", f"/v1/{path}"))
    key, tourist.key = tourist.key, ""
    yield "health without a key", seen(tourist.ask("GET", "/v1/health"))
    tourist.key = key
    tourist.ask("PUT", "/_control/wallet", json={"balance_credits": "0"})
    yield "broke", seen(tourist.ask("POST", "/v1/chat/completions", json=asked))
