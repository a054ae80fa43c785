"""A reverse proxy that hands everything on as it came, keeps what went through, and is served until it is stopped."""

from __future__ import annotations

import asyncio
import signal
import ssl
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread
import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from conformance.client.transports.base import Gathering
from conformance.client.transports.connections import tls_context
from conformance.journal.reader import Recording
from conformance.journal.records import Body, Exchange, Headers, Request, Response
from conformance.journal.writer import KEPT_BYTES
from conformance.target.kinds import seconds_of
from conformance.target.urls import check_base
from conformance.traffic.errors import UnusableTimeLimitError, UnusableUpstreamError
from conformance.traffic.judge import failing

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable

    import starlette.requests
    from starlette.responses import Response as Answer

    from conformance.traffic.records import Records, Watched
    from conformance.verdicts.model import RequirementOutcome


# What belongs to one connection, not to the message (RFC 9110, section 7.6.1).
_OF_CONNECTION: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# Those that can be undone here: what can't be read can't be judged.
_READABLE_CODINGS: Final = frozenset({"gzip", "x-gzip", "deflate", "identity"})
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_CONNECT_SECONDS: Final = 30.0
# Music takes its time, and the client that waits for it knows best when to give up.
_SILENCE_SECONDS: Final = 600.0
_LEFT: Final = "the client went away before there was an answer"
_BAD_GATEWAY, _BAD_REQUEST, _NOT_IMPLEMENTED = 502, 400, 501
_POLL_SECONDS: Final = 0.1
# Judging all that was seen takes longer the more it is; it must not take more than a part of the time.
_SHARE: Final = 10
_GRACE_SECONDS: Final = 5


def place_of(upstream: str, watched: Watched) -> str:
    """
    The base URL of the API; where only a host is named, with the path of the external document.

    Raises:
        TargetError: it is no URL.
    """
    base = check_base("--upstream", upstream)
    bare = not httpx.URL(base).path.strip("/")
    return f"{base}{watched.contract.base_path}" if bare and watched.document is not None else base


def client_of(ca_file: str | None) -> httpx.AsyncClient:
    """
    A client that follows nothing, adds nothing and takes nothing from the environment.

    Raises:
        UnusableUpstreamError: the certificates can't be loaded.
    """
    try:
        context: ssl.SSLContext = tls_context(ca_file)
    except (OSError, ssl.SSLError) as error:
        raise UnusableUpstreamError(f"--ca-file: {ca_file} holds no certificates that can be read.") from error
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
    return httpx.AsyncClient(verify=context, trust_env=False, follow_redirects=False, limits=limits)


@dataclass
class Activity:
    """What is going on: requests under way, those that went through, and when the last one ended."""

    under_way: int = 0
    done: int = 0
    last: float = field(default_factory=time.monotonic)

    def begin(self) -> None:
        """A request has come."""
        self.under_way += 1

    def end(self) -> None:
        """A request is answered, or never will be."""
        self.under_way -= 1
        self.done += 1
        self.last = time.monotonic()

    def idle_seconds(self) -> float:
        """For how long nothing has happened."""
        return 0.0 if self.under_way else time.monotonic() - self.last


@dataclass
class _Passage:
    """One request on its way through, with what is known of it so far."""

    request: Request
    at: datetime
    started: float
    sent: Gathering
    answer: httpx.Response | None = None
    received: Gathering = field(default_factory=lambda: Gathering(KEPT_BYTES))
    failure: str | None = None

    def exchange(self) -> Exchange:
        """The exchange as far as it came."""
        whole = self.sent.incoming(0, ())
        asked = Body(whole.content, whole.size, None, whole.truncated)
        return Exchange(
            id="seen-0",
            at=self.at,
            elapsed_seconds=time.perf_counter() - self.started,
            request=Request(self.request.method, self.request.url, self.request.headers, asked),
            response=None if self.failure is not None else self._response(),
            transport="proxy",
            failure=self.failure,
        )

    def _response(self) -> Response | None:
        if self.answer is None:
            return None
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in self.answer.headers.raw)
        came = self.received.incoming(self.answer.status_code, headers)
        return Response(came.status, Headers(headers), Body(came.content, came.size, came.sha256, came.truncated))


class Proxy:
    """Hands requests on to one origin and to no other, answers as they come, and keeps both."""

    def __init__(self, upstream: str, records: Records, client: httpx.AsyncClient) -> None:
        self.activity = Activity()
        self._upstream = httpx.URL(upstream)
        self._records = records
        self._client = client

    def app(self) -> Starlette:
        """The proxy as an application to be served."""

        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            async with self._client:
                yield

        return Starlette(routes=[Route("/{path:path}", self._handle, methods=list(_METHODS))], lifespan=lifespan)

    async def _handle(self, request: starlette.requests.Request) -> Answer:
        target = request.scope["raw_path"]
        if not target.startswith(b"/"):
            # The form for forward proxies names an origin of its own.
            return PlainTextResponse("This proxy knows one upstream only.\n", _BAD_REQUEST)
        if request.headers.get("upgrade"):
            return PlainTextResponse("This proxy speaks HTTP only.\n", _NOT_IMPLEMENTED)
        query = request.scope["query_string"]
        url = self._upstream.copy_with(raw_path=target + (b"?" + query if query else b""))
        headers = list(_passed(request.headers.raw))
        passage = _Passage(
            Request(request.method, str(url), _as_text(request.headers.raw)),
            datetime.now(UTC),
            time.perf_counter(),
            Gathering(KEPT_BYTES),
        )
        self.activity.begin()
        outgoing = httpx.Request(
            request.method,
            url,
            headers=[*headers, (b"host", self._upstream.netloc)],
            content=_gathered(request, passage.sent) if _has_body(request) else None,
            extensions={"timeout": _patience()},
        )
        return await self._answered(passage, outgoing)

    async def _answered(self, passage: _Passage, outgoing: httpx.Request) -> Answer:
        try:
            passage.answer = await self._client.send(outgoing, stream=True)
        except httpx.HTTPError as error:
            passage.failure = _words(error)
            await self._keep(passage)
            return PlainTextResponse(f"The upstream did not answer: {passage.failure}.\n", _BAD_GATEWAY)
        except ClientDisconnect:
            passage.failure = _LEFT
            await self._keep(passage)
            return PlainTextResponse("", _BAD_REQUEST)
        except BaseException:
            passage.failure = _LEFT
            await self._keep(passage)
            raise
        answer = StreamingResponse(self._streamed(passage, passage.answer), passage.answer.status_code)
        answer.raw_headers = list(_passed(passage.answer.headers.raw))
        return answer

    async def _streamed(self, passage: _Passage, answer: httpx.Response) -> AsyncIterator[bytes]:
        try:
            async for chunk in answer.aiter_raw():
                passage.received.add(chunk)
                yield chunk
        except httpx.HTTPError as error:
            passage.failure = _words(error)
            raise
        except BaseException:
            # Half an answer says nothing about the whole.
            passage.failure = "the client went away within the answer"
            raise
        finally:
            with anyio.CancelScope(shield=True):
                await answer.aclose()
                await self._keep(passage)

    async def _keep(self, passage: _Passage) -> None:
        with anyio.CancelScope(shield=True):
            try:
                # Looking for keys in a long body takes a while, and others are on their way.
                await anyio.to_thread.run_sync(self._records.keep, passage.exchange())
            finally:
                self.activity.end()


async def _gathered(request: starlette.requests.Request, into: Gathering) -> AsyncIterator[bytes]:
    async for chunk in request.stream():
        into.add(chunk)
        yield chunk


def _has_body(request: starlette.requests.Request) -> bool:
    return "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"


def _passed(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of a message that go on with it; of its codings only those that can be read here."""
    named = [value for name, value in headers if name.lower() == b"connection"]
    dropped = {part.strip().lower() for value in named for part in value.decode("latin-1").split(",")}
    dropped |= _OF_CONNECTION | {"host"}
    kept = [(name, value) for name, value in headers if name.decode("latin-1").lower() not in dropped]
    return [(name, _readable(value) if name.lower() == b"accept-encoding" else value) for name, value in kept]


def _readable(codings: bytes) -> bytes:
    offered = [part.strip() for part in codings.decode("latin-1").split(",")]
    kept = [part for part in offered if part.partition(";")[0].strip().lower() in _READABLE_CODINGS]
    return (", ".join(kept) or "identity").encode("latin-1")


def _as_text(headers: list[tuple[bytes, bytes]]) -> Headers:
    return Headers(tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers))


def _patience() -> dict[str, float | None]:
    return {"connect": _CONNECT_SECONDS, "read": _SILENCE_SECONDS, "write": _SILENCE_SECONDS, "pool": None}


def _words(error: httpx.HTTPError) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")[:200]


@dataclass(frozen=True, slots=True)
class Until:
    """When watching ends on its own: after so many seconds, or so many seconds after the last answer (None: never)."""

    over_seconds: float | None = None
    idle_seconds: float | None = None

    def is_reached(self, started: float, activity: Activity) -> bool:
        """Whether it has ended; before the first request nothing counts as idle."""
        if self.over_seconds is not None and time.monotonic() - started >= self.over_seconds:
            return True
        return self.idle_seconds is not None and activity.done > 0 and activity.idle_seconds() >= self.idle_seconds


def duration(text: str) -> float:
    """
    The seconds of a duration such as `90s`, `10m`, `2h` or `1.5` (seconds).

    Raises:
        UnusableTimeLimitError: it is none.
    """
    seconds = seconds_of(text)
    if seconds is None:
        raise UnusableTimeLimitError(f"{text[:40]!r} is no duration; write it like 90s, 10m or 2h, at most 30 days.")
    return seconds


def serve(
    proxy: Proxy, listener: socket.socket, records: Records, until: Until, show: Callable[[RequirementOutcome], None]
) -> None:
    """Serve the proxy on a socket until the end, and `show` each requirement as soon as it is seen to fail."""
    config = uvicorn.Config(
        proxy.app(),
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    # Ctrl-C is how watching usually ends, and a signal to the process means the same; uvicorn passes both on.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        asyncio.run(_watch(uvicorn.Server(config), listener, proxy, records=records, until=until, show=show))


async def _watch(
    server: uvicorn.Server,
    listener: socket.socket,
    proxy: Proxy,
    *,
    records: Records,
    until: Until,
    show: Callable[[RequirementOutcome], None],
) -> None:
    serving = asyncio.create_task(server.serve([listener]))
    shown: set[str] = set()
    seen, started, next_judgement = 0, time.monotonic(), 0.0
    while not serving.done():
        if until.is_reached(started, proxy.activity):
            server.should_exit = True
        count = len(records.kept)
        if count > seen and time.monotonic() >= next_judgement:
            seen, began = count, time.monotonic()
            found = await asyncio.to_thread(failing, records.kept[:count], Recording(), records.watched)
            for outcome in found:
                if outcome.requirement not in shown:
                    shown.add(outcome.requirement)
                    show(outcome)
            next_judgement = time.monotonic() + _SHARE * (time.monotonic() - began)
        await asyncio.wait((serving,), timeout=_POLL_SECONDS)
    await serving
