"""Ways to deliver answers that are the same for every system: slowly, compressed, in pieces, through a proxy."""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from dataclasses import dataclass, replace
from email.utils import formatdate
from itertools import count
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from jsonpointer import JsonPointer
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse

from conformance.mutants.rewriting import AnswerRewriter, as_body, is_of_the_api

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from conformance.contract.conventions import Conventions, Embedded
    from conformance.contract.liberties import Liberty
    from conformance.mutants.rewriting import Answer

    Wrap = Callable[[ASGIApp], ASGIApp]
    Change = Callable[[Message], None]

_SEED: Final = 1
_THROTTLED: Final = 429
_PAGE: Final = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"
_GATEWAY: Final = {502: "502 Bad Gateway", 503: "503 Service Temporarily Unavailable", 504: "504 Gateway Time-out"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a wrapper works: what the system's conventions say, and where the reference serves it."""

    conventions: Conventions
    embedded: Embedded

    def is_public(self, scope: Scope) -> bool:
        """Whether a request is one that a client of the API makes, and not a test's call to the control interface."""
        path = scope.get("path", "")
        return scope["type"] == "http" and not self._controls(path)

    def is_of_the_api(self, scope: Scope) -> bool:
        """Whether a request is to an operation of the API."""
        return scope["type"] == "http" and is_of_the_api(self.embedded, scope["path"])

    def controls(self, scope: Scope) -> bool:
        """Whether a request is to the control interface."""
        return scope["type"] == "http" and self._controls(scope["path"])

    def _controls(self, path: str) -> bool:
        return path == self.embedded.control_path or path.startswith(f"{self.embedded.control_path}/")

    def refusal(self, scope: Scope, status: int, message: str, headers: Mapping[str, str]) -> JSONResponse:
        """A refusal in the form of the system's errors, with the first code that the conventions have for a status."""
        ids, shape = self.conventions.request_id, self.conventions.errors
        request_id = (ids and Headers(scope=scope).get(ids.header)) or f"req_{token_hex(12)}"
        body: dict[str, Any] = {}
        if shape is not None:
            known = next((code for code in shape.codes.values() if code.has(status)), None)
            name = known.code if known else str(status)
            _set(body, shape.code, int(name) if shape.numeric else name)
            _set(body, shape.message, message)
            _set(body, shape.retryable, known and known.retryable)
            _set(body, shape.request_id, request_id)
        return JSONResponse(body, status, {**({ids.header: request_id} if ids else {}), **headers})


def wrapped(app: ASGIApp, liberties: Iterable[Liberty], surroundings: Surroundings) -> ASGIApp:
    """The application as it is delivered by a server that takes liberties; those that alter bodies come first."""
    chosen = {name: options for liberty in liberties for name, options in liberty.wrappers.items()}
    if any("control" in liberty.withholds for liberty in liberties):
        app = _without_control(app, surroundings)
    for name, wrapper in WRAPPERS.items():
        if name in chosen:
            app = wrapper(surroundings, **chosen[name])(app)
    return app


def _without_control(app: ASGIApp, surroundings: Surroundings) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if surroundings.controls(scope):
            await PlainTextResponse("Not Found", 404)(scope, receive, send)
        else:
            await app(scope, receive, send)

    return answer


def extra_headers(surroundings: Surroundings, **headers: str) -> Wrap:
    """Answers carry what servers, proxies and caches put on them."""

    def change(message: Message) -> None:
        for name, value in headers.items():
            MutableHeaders(scope=message)[name] = value

    return _heads(surroundings, change)


def json_form(surroundings: Surroundings, *, indent: int = 0, escaped: bool = False, reverse: bool = False) -> Wrap:
    """JSON is written with blanks, with escapes for what is not ASCII, or with its members from last to first."""

    def written(content: object) -> bytes:
        content = _reversed(content) if reverse else content
        # A solidus may be escaped as well, and so may every letter.
        text = json.dumps(content, indent=indent or None, ensure_ascii=escaped)
        return (text.replace("/", "\\/") if escaped else text).encode()

    return _in_json(surroundings, written)


def unknown_members(surroundings: Surroundings, *, name: str) -> Wrap:
    """Every object has a member that no document names, but the pairs of texts that belong to the client."""
    tasks = surroundings.conventions.tasks
    spared = JsonPointer(tasks.marks).parts[-1] if tasks and tasks.marks else None

    def added(content: object) -> object:
        if isinstance(content, list):
            return [added(each) for each in content]
        if not isinstance(content, dict):
            return content
        members = {key: value if key == spared else added(value) for key, value in content.items()}
        return {**members, name: {"since": 1, "of": [None, True]}}

    return _in_json(surroundings, lambda content: as_body(added(content)))


def content_type(surroundings: Surroundings, *, value: str) -> Wrap:
    """JSON is called by another name of its type."""

    def change(message: Message) -> None:
        headers = MutableHeaders(scope=message)
        if headers.get("content-type", "").startswith("application/json"):
            headers["content-type"] = value

    return _heads(surroundings, change)


def compressed(surroundings: Surroundings, *, from_bytes: int) -> Wrap:
    """Bodies are compressed for clients that can read that."""

    def wrap(app: ASGIApp) -> ASGIApp:
        squeezed = GZipMiddleware(app, minimum_size=from_bytes)

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            await (squeezed if surroundings.is_public(scope) else app)(scope, receive, send)

        return answer

    return wrap


def in_chunks(surroundings: Surroundings, *, size: int) -> Wrap:
    """Bodies come in pieces, and how long they are is not said before."""

    def wrap(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            async def cut(message: Message) -> None:
                if message["type"] == "http.response.start":
                    del MutableHeaders(scope=message)["content-length"]
                    await send(message)
                    return
                body, more = message.get("body", b""), message.get("more_body", False)
                # Of long bodies, which are files, the first bytes are cut; the rest comes as it is.
                pieces = [body[at : at + size] for at in range(0, min(len(body), size * 16), size)] or [b""]
                pieces += [body[size * 16 :]] if len(body) > size * 16 else []
                for piece in pieces[:-1]:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                await send({"type": "http.response.body", "body": pieces[-1], "more_body": more})

            public = surroundings.is_public(scope) and scope["method"] != "HEAD"
            await app(scope, receive, cut if public else send)

        return answer

    return wrap


def closing(surroundings: Surroundings) -> Wrap:
    """The connection is closed after each answer."""

    def change(message: Message) -> None:
        MutableHeaders(scope=message)["connection"] = "close"

    return _heads(surroundings, change)


def header_case(surroundings: Surroundings, *, form: str) -> Wrap:
    """The names of headers are written in capital letters ("upper") or in changing ones ("odd")."""
    written: Callable[[str], str] = str.upper if form == "upper" else _changing

    def change(message: Message) -> None:
        message["headers"] = [
            (written(name.decode("latin-1")).encode("latin-1"), value) for name, value in message["headers"]
        ]

    return _heads(surroundings, change)


def latency(surroundings: Surroundings, *, least_ms: float, most_ms: float) -> Wrap:
    """Requests and answers are under way for a while, most of them near the least."""
    dice = random.Random(_SEED)  # noqa: S311 - jitter

    def wrap(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if not surroundings.is_public(scope):
                await app(scope, receive, send)
                return
            seconds = (least_ms + (most_ms - least_ms) * dice.random() ** 4) / 1000
            before = seconds * dice.random()

            async def late(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await asyncio.sleep(seconds - before)
                await send(message)

            await asyncio.sleep(before)
            await app(scope, receive, late)

        return answer

    return wrap


def rate_limit(surroundings: Surroundings, *, per_second: int, burst: int, retry_after: str) -> Wrap:
    """
    A key makes so many requests per second, after so many at once; what is more is refused.

    When to come again is said in seconds ("seconds") or by the clock ("date"), as HTTP has it.
    """
    budgets: dict[str, tuple[float, float]] = {}

    def take(key: str) -> float:
        """How many seconds are to pass until there is room for a request; 0 takes it."""
        now = time.monotonic()
        left, since = budgets.get(key, (float(burst), now))
        left = min(float(burst), left + (now - since) * per_second)
        budgets[key] = (left - 1 if left >= 1 else left, now)
        return 0 if left >= 1 else (1 - left) / per_second

    def wrap(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            key = Headers(scope=scope).get("authorization") if surroundings.is_of_the_api(scope) else None
            wait = take(key) if key else 0
            if not wait:
                await app(scope, receive, send)
                return
            when = str(math.ceil(wait)) if retry_after == "seconds" else formatdate(time.time() + 1 + wait, usegmt=True)
            refused = surroundings.refusal(scope, _THROTTLED, "Too many requests.", {"Retry-After": when})
            await refused(scope, receive, send)

        return answer

    return wrap


def outages(surroundings: Surroundings, *, every: int, status: int, page: bool) -> Wrap:
    """Now and then a load balancer does not reach the API, and answers itself: with a page or with nothing."""
    numbers = count(every // 2)

    def wrap(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if not surroundings.is_of_the_api(scope) or next(numbers) % every:
                await app(scope, receive, send)
                return
            shown = HTMLResponse(_PAGE.format(_GATEWAY[status]), status) if page else PlainTextResponse("", status)
            await shown(scope, receive, send)

        return answer

    return wrap


WRAPPERS: Final[Mapping[str, Callable[..., Wrap]]] = {
    "unknown-members": unknown_members,
    "json-form": json_form,
    "content-type": content_type,
    "extra-headers": extra_headers,
    "gzip": compressed,
    "chunks": in_chunks,
    "rate-limit": rate_limit,
    "outages": outages,
    "latency": latency,
    "closing": closing,
    "header-case": header_case,
}
"""All wrappers by name, the innermost first."""


def _in_json(surroundings: Surroundings, written: Callable[[object], bytes]) -> Wrap:
    """Write the JSON of the API otherwise."""

    def changed(_scope: Scope, answer: Answer) -> Answer:
        if not (answer.headers.get("content-type", "").startswith("application/json") and answer.body):
            return answer
        return replace(answer, body=written(json.loads(answer.body)))

    return AnswerRewriter(surroundings.embedded, "").everywhere(changed)


def _reversed(content: object) -> object:
    if isinstance(content, list):
        return [_reversed(each) for each in content]
    if isinstance(content, dict):
        return {name: _reversed(content[name]) for name in reversed(content)}
    return content


def _heads(surroundings: Surroundings, change: Change) -> Wrap:
    """Alter the status line and headers of what clients of the API get."""

    def wrap(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            async def changed(message: Message) -> None:
                if message["type"] == "http.response.start":
                    change(message)
                await send(message)

            await app(scope, receive, changed if surroundings.is_public(scope) else send)

        return answer

    return wrap


def _changing(name: str) -> str:
    return "".join(letter.upper() if at % 2 else letter.lower() for at, letter in enumerate(name))


def _set(body: dict[str, Any], pointer: str | None, value: object) -> None:
    """Put a value where a pointer to members leads, with the objects on the way there; nothing without either."""
    if pointer is None or value is None:
        return
    *way, last = JsonPointer(pointer).parts
    for step in way:
        body = body.setdefault(step, {})
    body[last] = value
