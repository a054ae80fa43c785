"""A reverse proxy that misbehaves below HTTP: some answers are cut off, are no HTTP, or never come."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_HOP = {"connection", "content-length", "transfer-encoding", "host"}


def _answer_all_methods(handler: Any) -> None:  # noqa: ANN401 - methods are looked up by name
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"):
        setattr(handler, f"do_{method}", handler.handle_any)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Those that hang go on until the process ends.
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Clients hang up on it, and rightly so."""


@contextmanager
def misbehaving(upstream: str, mode: str, strikes: Callable[[int], bool]) -> Iterator[str]:
    """The base URL of a proxy that misbehaves in a `mode` at those answers, counted from 0, that `strikes` names."""
    over = threading.Event()
    counting = threading.Lock()
    count = iter(range(10**9))
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(upstream))
    client = httpx.Client(trust_env=False, timeout=30)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = [(name, value) for name, value in self.headers.items() if name.lower() not in _HOP]
            answer = client.request(self.command, origin + self.path, headers=headers, content=body)
            with counting:
                number = next(count)
            if not strikes(number):
                self.hand_on(answer, len(answer.content))
                return
            self.close_connection = True
            if mode == "hangs":
                over.wait()
            elif mode == "no HTTP":
                self.wfile.write(b"\x16\x03\x01\x02\x00 no HTTP at all\r\n\r\n")
            else:
                self.hand_on(answer, len(answer.content) + 100)

        def hand_on(self, answer: httpx.Response, length: int) -> None:
            self.send_response_only(answer.status_code)
            for name, value in answer.headers.multi_items():
                if name.lower() not in _HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    _answer_all_methods(Handler)
    with _Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}{urlsplit(upstream).path}"
        finally:
            over.set()
            server.shutdown()
            thread.join()
            client.close()
