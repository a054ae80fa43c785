"""A small HTTPS server with one audio file, for targets that are to fetch reference audio by URL."""

from __future__ import annotations

import io
import ssl
import tempfile
import threading
import wave
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

AUDIO_PATH = "/reference.wav"
AUDIO_SECONDS = 8
"""Longer than the 6 seconds that some models ask for."""

_RATE = 8000
_BYTES_PER_FRAME = 2
_PERIOD = b"\x00\x00\x00\x10\x00\x1c\x00\x10\x00\x00\x00\xf0\x00\xe4\x00\xf0"
_CLIENT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class ReferenceAudio:
    """Where the file is, and the certificates that vouch for the server."""

    url: str
    ca_file: Path


@contextmanager
def serve_reference_audio() -> Iterator[ReferenceAudio]:
    """One valid WAV file under an HTTPS URL on loopback, as long as the block lasts, with a throwaway CA."""
    authority = trustme.CA()
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(trust)
    with (
        tempfile.TemporaryDirectory(prefix="conformance-ca-") as folder,
        _Server(trust) as server,
    ):
        ca_file = Path(folder) / "ca.pem"
        authority.cert_pem.write_to_path(str(ca_file))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield ReferenceAudio(f"https://localhost:{server.server_port}{AUDIO_PATH}", ca_file)
        finally:
            server.shutdown()
            thread.join()


@cache
def reference_wav() -> bytes:
    """The file: a steady tone of 1 kHz, 8 kHz mono."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(_BYTES_PER_FRAME)
        out.setframerate(_RATE)
        out.writeframes(_PERIOD * (AUDIO_SECONDS * _RATE * _BYTES_PER_FRAME // len(_PERIOD)))
    return file.getvalue()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, trust: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._trust = trust

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, address = super().get_request()
        connection.settimeout(_CLIENT_SECONDS)
        # The client's own thread does the handshake, where no other client waits for it.
        wrapped = self._trust.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return wrapped, address

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: the target's answers show what it made of this file."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path != AUDIO_PATH:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        content = reference_wav()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "audio/wav")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Write no log."""
