"""A document that is named by its URL is fetched once, within bounds, and every failure is one clear sentence."""

from __future__ import annotations

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from conformance.target.errors import InvalidUrlError, UnfetchableDocumentError
from conformance.target.remote_document import fetched, is_remote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOCUMENT = b"openapi: 3.1.0\npaths: {}\n"
MORE_THAN_ALLOWED = 17 * 1024 * 1024


class Shelf(BaseHTTPRequestHandler):
    """Documents of all kinds."""

    def do_GET(self) -> None:
        large = self.path == "/large"
        status = {"/gone": 404, "/moved": 307, "/circle": 307}.get(self.path, 200)
        body = {"/empty": b"", "/json": b' {"openapi": "3.1.0"}', "/large": b"#" * MORE_THAN_ALLOWED}
        content = body.get(self.path, DOCUMENT)
        self.send_response(status)
        if status == 307:
            self.send_header("Location", "/yaml" if self.path == "/moved" else "/circle")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            assert large

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""


@pytest.fixture(scope="module")
def shelf() -> Iterator[str]:
    with served() as address:
        yield address


@contextmanager
def served() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    "place, name", [("/yaml", "openapi.yaml"), ("/moved", "openapi.yaml"), ("/json", "openapi.json")]
)
def test_a_document_is_kept_in_the_folder_as_it_came(shelf: str, place: str, name: str, tmp_path: Path) -> None:
    file = fetched(f"{shelf}{place}", tmp_path / "run")

    assert file == tmp_path / "run" / name
    assert b"openapi" in file.read_bytes()


@pytest.mark.parametrize(
    "place, sentence",
    [
        ("/gone", "was answered with 404"),
        ("/empty", "is empty"),
        ("/large", "is larger than 16 MiB"),
        ("/circle", "leads on more than 5 times"),
    ],
)
def test_what_is_no_document_is_refused_in_a_sentence_and_leaves_nothing(
    shelf: str, place: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(UnfetchableDocumentError, match=sentence):
        fetched(f"{shelf}{place}", tmp_path / "run")

    assert not (tmp_path / "run").exists()


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    with served() as address:
        pass

    with pytest.raises(UnfetchableDocumentError, match="connection refused"):
        fetched(f"{address}/yaml", tmp_path)


def test_a_url_with_a_password_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidUrlError):
        fetched("http://user:secret@127.0.0.1/openapi.yaml", tmp_path)


def test_files_are_not_taken_for_urls() -> None:
    assert [is_remote(named) for named in ("HTTPS://a.example/o.json", "openapi.yaml", "http.yaml", None)] == [
        True,
        False,
        False,
        False,
    ]
