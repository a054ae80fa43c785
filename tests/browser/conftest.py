from __future__ import annotations

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import chromium, installed
from tests.browser.looking import Canary, Onlooker, Windows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = installed()
    if path is None and any(os.environ.get(name) for name in ("CI", "CONFORMANCE_NEED_CHROMIUM")):
        pytest.fail("There is no Chromium, and CI never passes over the tests that need it: run tools/need-chromium.")
    if path is None:
        pytest.skip("there is no Chromium here; tools/need-chromium installs it")
    with chromium(path) as found:
        yield found


@pytest.fixture(scope="package")
def windows(browser: Browser) -> Windows:
    return Windows(browser)


@pytest.fixture
def look(windows: Windows, tmp_path: Path) -> Onlooker:
    """Opens pages as if they had come with a mail: as files."""
    return Onlooker(windows, tmp_path)


@pytest.fixture(scope="package")
def canary() -> Iterator[Canary]:
    """A server on this machine that nobody may call."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that it has there
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield Canary(f"http://127.0.0.1:{server.server_address[1]}", seen)
        server.shutdown()
        thread.join()
