"""ASGI applications that implement no contract, or not all of one, and servers that misbehave below HTTP."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.routing import Route

from tests.cli.studio.app import create_app

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator


if TYPE_CHECKING:
    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]
    Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

_JSON = b"application/json"
_ENVELOPE = b'{"error": {"code": "%s", "message": "No.", "retryable": false, "request_id": "%s"}}'
without_routes = Starlette()


def _always(status: int, body: bytes, media_type: bytes = _JSON) -> Application:
    """Answers the same to everything; `%s` in the body becomes the request's id, which is echoed as well."""

    async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        while (await receive()).get("more_body"):
            continue
        request_id = dict(scope["headers"]).get(b"x-request-id", b"req_none")
        headers = [(b"content-type", media_type), (b"x-request-id", request_id)]
        content = body.replace(b"%s", request_id)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    return application


html = _always(200, b"<!doctype html><title>Welcome</title>", b"text/html")
no_content = _always(204, b"")
empty_object = _always(200, b"{}")
empty_list = _always(200, b'{"object": "list", "data": [], "has_more": false, "next_cursor": null}')
not_found = _always(404, _ENVELOPE.replace(b"%s", b"not_found", 1))
unauthorized = _always(401, _ENVELOPE.replace(b"%s", b"invalid_api_key", 1))
raising = _always(500, b"Internal Server Error", b"text/plain; charset=utf-8")
broken = _always(500, _ENVELOPE.replace(b"%s", b"internal_error", 1))


async def moved_first(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answers a page under `/first`, and JSON elsewhere."""
    await (html if scope.get("path", "").endswith("/first") else empty_object)(scope, receive, send)


async def reflecting(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Repeats the caller's credentials in every way that a debugging page might."""
    credentials = dict(scope.get("headers", ())).get(b"authorization", b"none")
    key = credentials.rpartition(b" ")[2].decode("latin-1")
    told = {"plain": key, "quoted": quote(key), "base64": base64.b64encode(credentials).decode(), "half": f"x{key}y"}
    answer = _always(400, json.dumps({"error": {"code": key, "message": told, "retryable": key}}).encode())

    async def send_more(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] += [(b"x-debug", credentials), (b"location", quote(key).encode())]
        await send(message)

    await answer(scope, receive, send_more)


@contextmanager
def silent() -> Iterator[str]:
    """Accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


@contextmanager
def counting() -> Iterator[tuple[str, Counter[str]]]:
    """Answers an empty list to everything, and counts the methods of what it was asked."""
    methods: Counter[str] = Counter()

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            methods[self.command] += 1
            body = b'{"object": "list", "data": [], "has_more": false, "next_cursor": null}'
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Request-Id", self.headers.get("X-Request-Id", "req_none"))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Keep the console quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", methods
    finally:
        server.shutdown()
        server.server_close()


def without_voices() -> Starlette:
    """The studio without one of its operations."""
    studio = create_app()
    studio.router.routes[:] = [one for one in studio.routes if not (isinstance(one, Route) and "voices" in one.path)]
    return studio
