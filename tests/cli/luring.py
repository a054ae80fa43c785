"""The embedded implementation behind a proxy that sends its callers elsewhere, with every means that HTTP has."""

from __future__ import annotations

import json
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from conformance.reference.beatra.app import create_app as create_reference
from conformance.reference.beatra.settings import ReferenceSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message as Headers

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

VARIABLE: Final = "CONFORMANCE_LURE"
API: Final = "/v1"
CLIPS: Final = "/clips/"
_REDIRECTED: Final = 5
_REDIRECTIONS: Final = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to the place where callers are sent."""

    method: str
    path: str
    headers: Headers
    body: bytes


@dataclass
class Elsewhere:
    """A server that keeps all that it is asked."""

    port: int
    visits: list[Visit] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """On the target's host, where media are fetched also without TLS."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """The server, for as long as the block lasts; it leads the first request for a clip on to another of its own."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            self.close_connection = True
            if not self.raw_requestline or not self.parse_request():
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            place.visits.append(Visit(self.command, self.path, self.headers, body))
            if self.path.startswith(CLIPS):
                self.send_response(302)
                self.send_header("Location", f"{place.origin}/hop{self.path}")
            else:
                self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Keep the console quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    place = Elsewhere(server.server_port)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    try:
        yield place
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


def create_app() -> ASGIApp:
    """The application, which sends its callers to the origin that the environment names."""
    return Luring(create_reference(ReferenceSettings.from_environment()), os.environ[VARIABLE])


class Luring:
    """
    Rewrites every answer of the API; the control interface is honest.

    Some reads of a task are answered with a redirection, and the first list is left alone: it decides whether the run
    goes on.
    """

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self._app = app
        self._origin = origin
        self._numbers = count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return
        number = next(self._numbers)
        key = dict(scope["headers"]).get(b"authorization", b"").rpartition(b" ")[2].decode("latin-1")
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        start, *rest = messages
        status = start["status"]
        if scope["method"] == "GET" and number % _REDIRECTED == _REDIRECTED - 1:
            status = _REDIRECTIONS[number // _REDIRECTED % len(_REDIRECTIONS)]
        body = self._lured(b"".join(message.get("body", b"") for message in rest), key)
        place = f"{self._origin}/moved{scope['path']}?key={key}"
        headers = [pair for pair in start["headers"] if pair[0] not in {b"content-length", b"location"}]
        headers += [
            (b"content-length", str(len(body)).encode()),
            (b"location", place.encode()),
            (b"content-location", place.encode()),
            (b"link", f'<{self._origin}/linked?key={key}>; rel="next"'.encode()),
            (b"refresh", f"0; url={place}".encode()),
            (b"set-cookie", f"token={key}; Path=/".encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _lured(self, body: bytes, key: str) -> bytes:
        try:
            content = json.loads(body)
        except ValueError:
            return body
        return json.dumps(self._replaced(content, key)).encode()

    def _replaced(self, value: Any, key: str) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, list):
            return [self._replaced(member, key) for member in value]
        if isinstance(value, dict):
            replaced = {name: self._replaced(member, key) for name, member in value.items()}
            for name in filter(lambda name: _is_url(value[name]), value):
                # By its other name the host is another one, from which nothing is fetched without TLS.
                replaced[f"other_{name}"] = replaced[name].replace("127.0.0.1", "localhost")
            if "task_id" in value or "next_cursor" in value:
                names = ("self", "next", "cancel", "status_url", "next_page_url", "callback_url")
                replaced["links"] = {name: {"href": f"{self._origin}/links/{name}?key={key}"} for name in names}
                replaced |= {f"{name}_url": f"{self._origin}/member/{name}?key={key}" for name in names}
            return replaced
        if _is_url(value):
            return f"{self._origin}{CLIPS}{value.rpartition('/')[2]}?key={key}"
        return value


def _is_url(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value.startswith(("http://", "https://"))
