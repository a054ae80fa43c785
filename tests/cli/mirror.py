"""A server that shows its callers their own credentials, in every place and shape that an answer has."""

from __future__ import annotations

import html
import json
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from tests.cli.canary import disguises, packed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PATIENCE_SECONDS = 30
_JSON: Final = {"Content-Type": "application/json"}
_HTML: Final = {"Content-Type": "text/html; charset=utf-8"}


def _answer(key: str, status: int, body: bytes, headers: Mapping[str, str]) -> bytes:
    """A whole answer, whose reason phrase and headers show the key as well."""
    shown = {
        "X-Debug": f"Authorization: Bearer {key}",
        "X-Debug-Hex": key.encode().hex(),
        "Set-Cookie": f"token={quote(key, safe='')}; Path=/",
        "WWW-Authenticate": f'Bearer realm="{disguises(key)["base64 after 1"]}"',
        "Content-Length": str(len(body)),
    }
    lines = [f"HTTP/1.1 {status} Bad key {key}", *(f"{name}: {value}" for name, value in {**headers, **shown}.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _told(key: str) -> dict[str, str]:
    return {**disguises(key), "within": f"x{key}y", key: "as a name"}


def _in_json(key: str) -> bytes:
    error = {"code": key, "message": f"The key {key} is bad.", "retryable": False, "details": _told(key)}
    return _answer(key, 400, json.dumps({"error": error}).encode(), _JSON)


def _in_a_task(key: str) -> bytes:
    body = {"task_id": "tsk_0123456789abcdef", "status": "queued", "metadata": _told(key)}
    return _answer(key, 202, json.dumps(body).encode(), _JSON)


def _in_gzip(key: str) -> bytes:
    return _answer(key, 400, packed(json.dumps({"error": _told(key)})), {**_JSON, "Content-Encoding": "gzip"})


def _in_gzip_that_is_not_declared(key: str) -> bytes:
    return _answer(key, 200, packed(json.dumps(_told(key))), {"Content-Type": "application/octet-stream"})


def _in_html(key: str) -> bytes:
    items = "".join(f"<li>{html.escape(name)}: {html.escape(text)}</li>" for name, text in _told(key).items())
    return _answer(key, 404, f"<!doctype html><title>{html.escape(key)}</title><ul>{items}</ul>".encode(), _HTML)


def _in_multipart(key: str) -> bytes:
    parts = (
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in _told(key).items()
    )
    return _answer(
        key, 400, ("".join(parts) + "--cut--\r\n").encode(), {"Content-Type": "multipart/form-data; boundary=cut"}
    )


def _in_a_redirection(key: str) -> bytes:
    once = quote(key, safe="")
    place = f"/login?key={once}&next={quote(once)}&token={disguises(key)['base64url after 2']}"
    return _answer(key, 307, b"", {"Location": place})


def _in_wide_characters(key: str) -> bytes:
    return _answer(key, 400, f"<p>{key}</p>".encode("utf-16"), {"Content-Type": "text/html; charset=utf-16"})


def _below_http(key: str) -> bytes:
    return f"Bearer {key} is no key.\r\n\r\n".encode()


def _in_a_header_that_is_none(key: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nBearer {key}\r\nContent-Length: {key}\r\n\r\n".encode()


def _in_an_answer_cut_off(key: str) -> bytes:
    return _in_json(key)[:-10]


SHAPES: Final[tuple[Callable[[str], bytes], ...]] = (
    _in_json,
    _in_gzip,
    _in_html,
    _in_multipart,
    _in_a_redirection,
    _in_gzip_that_is_not_declared,
    _in_wide_characters,
    _below_http,
    _in_a_header_that_is_none,
    _in_an_answer_cut_off,
)


@dataclass
class Mirror:
    """
    A running server.

    `told` counts which key was shown in which shape. With `silent_after`, it gives no answer any more once so many
    requests with a key have come, and sets `fell_silent`.
    """

    base_url: str
    silent_after: int | None = None
    told: Counter[tuple[str, str]] = field(default_factory=Counter)
    fell_silent: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    counting: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, path: str, key: str) -> bytes | None:
        """The next answer to a request with this key; None for silence."""
        with self.counting:
            if self.silent_after is not None and self.told.total() >= self.silent_after:
                self.fell_silent.set()
                return None
            # What creates a task is told that it has, so that scenarios go on; the rest gets one shape after the other.
            others = sum(self.told[key, shape.__name__] for shape in SHAPES)
            shape = _in_a_task if path.endswith("-to-music") else SHAPES[others % len(SHAPES)]
            self.told[key, shape.__name__] += 1
            return shape(key)

    @property
    def shown(self) -> set[str]:
        """The keys that were shown to anybody."""
        return {key for key, _ in self.told}


@contextmanager
def reflecting(*, silent_after: int | None = None) -> Iterator[Mirror]:
    """The server, for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.close_connection = True
            scheme, _, key = self.headers.get("Authorization", "").partition(" ")
            told = mirror.answer(self.path, key) if scheme == "Bearer" and key else _in_json("no-key-was-given")
            if told is None:
                mirror.over.wait(PATIENCE_SECONDS)
            else:
                self.wfile.write(told)

        def log_message(self, *_arguments: object) -> None:
            """Keep the console quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver has it
            """A caller that hung up, or was killed, is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    mirror = Mirror(f"http://127.0.0.1:{server.server_address[1]}/v1", silent_after)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    try:
        yield mirror
    finally:
        mirror.over.set()
        server.shutdown()
        server.server_close()
        serving.join()
