"""A target that watches how it is treated: when requests come, how many are under way, and who sends them."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EMPTY_LIST = b'{"object": "list", "data": [], "has_more": false, "next_cursor": null}'
_REFUSED = b'{"error": {"code": "rate_limited", "message": "No.", "retryable": true, "request_id": "%s"}}'


@dataclass
class Watch:
    """What was seen: the moments of arrival, the most requests under way at once, and every User-Agent."""

    base_url: str = ""
    moments: list[float] = field(default_factory=list)
    most_at_once: int = 0
    agents: set[str] = field(default_factory=set)
    _under_way: int = 0
    _counting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def busiest_second(self) -> int:
        """The most requests that came within any one second."""
        return max(sum(1 for other in self.moments if 0 <= other - one < 1) for one in self.moments)

    def begin(self, agent: str) -> None:
        with self._counting:
            self.moments.append(time.monotonic())
            self.agents.add(agent)
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)

    def end(self) -> None:
        with self._counting:
            self._under_way -= 1


@contextmanager
def watching(*, status: int = 200, headers: Mapping[str, str] | None = None, seconds: float = 0.0) -> Iterator[Watch]:
    """Answers the same to everything, after as many seconds, for as long as the block lasts."""
    watch = Watch()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            watch.begin(self.headers.get("User-Agent", "nobody"))
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            time.sleep(seconds)
            watch.end()
            request_id = self.headers.get("X-Request-Id", "req_none")
            body = _EMPTY_LIST if status == HTTPStatus.OK else _REFUSED.replace(b"%s", request_id.encode())
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Request-Id", request_id)
            self.end_headers()
            self.wfile.write(body)

        def handle(self) -> None:
            with suppress(ConnectionError):  # who asks may hang up at any moment
                super().handle()

        def log_message(self, *_arguments: object) -> None:
            """Keep the console quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    watch.base_url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield watch
    finally:
        server.shutdown()
        server.server_close()
