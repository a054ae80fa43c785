"""The proxy hands on what it gets, to one origin only, and keeps what went through."""

from __future__ import annotations

import asyncio
import gzip
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from conformance.journal.reader import read_recording
from conformance.traffic.proxy import Proxy
from conformance.traffic.records import Records
from tests.traffic.archives import KEY, watched

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from starlette.requests import Request

    from conformance.journal.records import Exchange

UPSTREAM = "http://upstream.test/v2"
HERE = "http://127.0.0.1:8766"
SONG = b'{"song": "s1", "state": "done"}'


@dataclass
class Upstream:
    """An API that notes what it is asked and answers the same to everything."""

    answer: Response = field(default_factory=lambda: Response(SONG, media_type="application/json"))
    asked: list[Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def say(self, request: Request) -> Response:
        self.asked.append(request)
        self.bodies.append(await request.body())
        return self.answer

    def app(self) -> Starlette:
        methods = ["GET", "HEAD", "POST", "PUT", "DELETE"]
        return Starlette(routes=[Route("/{path:path}", self.say, methods=methods)])


@dataclass
class Setting:
    """A proxy before an upstream, and the folder of what it keeps."""

    records: Records
    proxy: Proxy
    upstream: Upstream

    def ask(self, method: str = "GET", url: str = f"{HERE}/v2/songs/s1", **parts: Any) -> httpx.Response:  # noqa: ANN401 - see httpx
        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.proxy.app())) as client:
                return await client.request(method, url, **parts)

        return asyncio.run(send())

    @property
    def kept(self) -> tuple[Exchange, ...]:
        return read_recording(self.records.folder).exchanges


@pytest.fixture
def open_setting(tmp_path: Path) -> Callable[..., Any]:
    @contextmanager
    def opened(upstream: Upstream | httpx.AsyncBaseTransport) -> Iterator[Setting]:
        transport = httpx.ASGITransport(upstream.app()) if isinstance(upstream, Upstream) else upstream
        client = httpx.AsyncClient(transport=transport, trust_env=False)
        with Records.begun(watched(), UPSTREAM, tmp_path) as records:
            known = upstream if isinstance(upstream, Upstream) else Upstream()
            yield Setting(records, Proxy(UPSTREAM, records, client), known)

    return opened


@pytest.fixture
def setting(open_setting: Callable[..., Any]) -> Iterator[Setting]:
    with open_setting(Upstream()) as made:
        yield made


def test_requests_and_answers_go_through_as_they_are(setting: Setting) -> None:
    setting.upstream.answer = Response(SONG, 202, {"X-Trace": "t1", "Content-Type": "application/json"})
    body = json.dumps({"model": "loud"})

    answer = setting.ask("POST", f"{HERE}/v2/songs?a=b%20c", content=body, headers={"Idempotency-Key": "k1"})

    (asked,) = setting.upstream.asked
    assert (asked.method, asked.url.path, asked.url.query) == ("POST", "/v2/songs", "a=b%20c")
    assert (asked.headers["idempotency-key"], asked.headers["host"]) == ("k1", "upstream.test")
    assert setting.upstream.bodies == [body.encode()]
    assert (answer.status_code, answer.headers["x-trace"], answer.content) == (202, "t1", SONG)


def test_what_went_through_is_kept(setting: Setting) -> None:
    setting.ask("POST", f"{HERE}/v2/songs", json={"model": "loud"}, headers={"Authorization": f"Bearer {KEY}"})

    (exchange,) = setting.kept
    assert (exchange.operation, exchange.account) == ("createSong", "CONFORMANCE_API_KEY")
    assert exchange.request.url == f"{UPSTREAM}/songs"
    assert exchange.request.body.json == {"model": "loud"}
    assert exchange.json == json.loads(SONG)
    assert setting.upstream.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert all(KEY.encode() not in path.read_bytes() for path in setting.records.folder.rglob("*") if path.is_file())


def test_what_is_not_below_the_api_goes_through_unrecorded(setting: Setting) -> None:
    assert setting.ask(url=f"{HERE}/media/s1.mp3").status_code == 200
    assert setting.kept == ()


def test_headers_of_the_connection_stay_here(setting: Setting) -> None:
    own = {"Connection": "close, X-Hop", "X-Hop": "1", "Keep-Alive": "5", "TE": "trailers", "Proxy-Authorization": "x"}
    setting.ask(headers={**own, "X-End": "1"})

    asked = setting.upstream.asked[0].headers
    assert asked["x-end"] == "1"
    assert not {"x-hop", "keep-alive", "te", "proxy-authorization"} & set(asked)


@pytest.mark.parametrize(
    "offered, passed", [("gzip, br, zstd", "gzip"), ("br", "identity"), ("gzip;q=0.5, deflate", "gzip;q=0.5, deflate")]
)
def test_only_codings_are_offered_that_can_be_read(setting: Setting, offered: str, passed: str) -> None:
    setting.ask(headers={"Accept-Encoding": offered})

    assert setting.upstream.asked[0].headers["accept-encoding"] == passed


def test_a_coded_answer_goes_through_coded_and_is_kept_readable(setting: Setting) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    setting.upstream.answer = Response(gzip.compress(SONG), headers=headers)

    assert setting.ask().json() == json.loads(SONG)
    assert setting.kept[0].json == json.loads(SONG)


@pytest.mark.parametrize("place", ["//evil.test/songs", "/v2/../../evil.test", "/@evil.test/", "/v2/songs/s1#//evil"])
def test_nothing_goes_to_another_origin(setting: Setting, place: str) -> None:
    setting.ask(url=f"{HERE}{place}")

    assert {request.url.hostname for request in setting.upstream.asked} == {"upstream.test"}


@pytest.mark.parametrize("target", [b"http://evil.test/v2/songs", b"evil.test:443", b"*"])
def test_the_forms_of_forward_proxies_are_refused(setting: Setting, target: bytes) -> None:
    assert asyncio.run(_status_of(setting.proxy.app(), target)) in (400, 404)
    assert setting.upstream.asked == []


def test_an_upgrade_is_refused(setting: Setting) -> None:
    assert setting.ask(headers={"Connection": "upgrade", "Upgrade": "websocket"}).status_code == 501
    assert setting.upstream.asked == []


def test_redirections_are_the_clients_matter(setting: Setting) -> None:
    setting.upstream.answer = Response(status_code=307, headers={"Location": "https://evil.test/"})

    assert setting.ask().headers["location"] == "https://evil.test/"
    assert len(setting.upstream.asked) == 1


def test_an_upstream_that_does_not_answer_is_kept_as_that(open_setting: Callable[..., Any]) -> None:
    def refuse(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused")

    with open_setting(httpx.MockTransport(refuse)) as setting:
        answer = setting.ask()

    assert answer.status_code == 502
    assert [(exchange.response, exchange.failure) for exchange in setting.kept] == [
        (None, "ConnectError: connection refused")
    ]


def test_nothing_is_under_way_afterwards(setting: Setting) -> None:
    setting.ask()

    assert (setting.proxy.activity.under_way, setting.proxy.activity.done) == (0, 1)


async def _status_of(app: Callable[..., Awaitable[None]], target: bytes) -> int:
    """The status of a request whose target is no path, as a server hands it over."""
    said: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": target.decode(),
        "raw_path": target,
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1")],
        "server": ("127.0.0.1", 80),
        "scheme": "http",
        "root_path": "",
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    await app(scope, receive, send)
    return int(said[0]["status"])
