"""A synchronous, priced API of our own: no tasks, no keys for retries, numeric codes inside HTTP 200, one stream."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY: Final = "sk-0123456789abcdef0123456789abcdef"
VOICES: Final = {"deep": 3, "high": 5}
OK, UNKNOWN_KEY, MALFORMED, BROKEN = 0, 1004, 2013, 1000
_STATE: Final = {
    "type": "object",
    "required": ["code", "text"],
    "properties": {"code": {"type": "integer"}, "text": {"type": "string"}},
}
_ANSWER: Final = {
    "200": {
        "description": "What became of it",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["base"],
                    "properties": {"base": _STATE, "sound": {"type": "string"}, "cost": {"type": "string"}},
                }
            },
            "text/event-stream": {"schema": {"type": "string"}},
        },
    }
}
_SOUND: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": ["words", "voice"],
    "properties": {
        "words": {"type": "string", "minLength": 1, "maxLength": 40},
        "voice": {"enum": sorted(VOICES)},
        "stream": {"type": "boolean"},
    },
}
DOCUMENT: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "info": {"title": "Chime", "version": "1"},
    "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    "security": [{"key": []}],
    "paths": {
        "/sounds": {
            "post": {
                "operationId": "makeSound",
                "requestBody": {"required": True, "content": {"application/json": {"schema": _SOUND}}},
                "responses": _ANSWER,
            }
        },
        "/voices": {"get": {"operationId": "listVoices", "responses": _ANSWER}},
    },
}
CONVENTIONS: Final[dict[str, Any]] = {
    "outcomes": [
        {"outcome": "accepted", "status": 200, "body": {"/base/code": [OK]}},
        {"outcome": "unauthenticated", "body": {"/base/code": [UNKNOWN_KEY]}},
        {"outcome": "failed", "body": {"/base/code": [BROKEN]}},
        {"outcome": "refused", "body": {"/base/code": [MALFORMED]}},
    ],
    "errors": {"object": "/base", "code": "/base/code", "message": "/base/text", "numeric": True},
    "money": {"unit": "coins"},
    "operations": {
        "makeSound": {
            "price": {
                "by": "/voice",
                "table": {name: str(price) for name, price in VOICES.items()},
                "charged": "/cost",
            },
            "stream": {"when": {"/stream": True}, "format": "sse", "ends": {"/base/code": [OK]}},
            "makes": {"audio": "/sound"},
        }
    },
    "generated": {kind: {"level": "MUST"} for kind in ("accepts", "refuses", "credentials", "conforms", "envelope")},
}


@dataclass
class MoneyTotals:
    """What was sold, by the server's own account; `breaks` says that it sells and then answers that it failed."""

    breaks: bool = False
    lenient: bool = False
    origin: str = ""
    sold: int = 0
    sales: list[bytes] = field(default_factory=list)
    refused: int = 0
    lock: Lock = field(default_factory=Lock)

    def answer(self, method: str, path: str, key: str, content: bytes) -> tuple[list[dict[str, Any]], bool]:
        """The frames of the answer, and whether it is a stream."""
        if key != f"Bearer {KEY}":
            return [_state(UNKNOWN_KEY)], False
        if (method, path) == ("GET", "/voices"):
            return [_state(OK)], False
        wanted = _wanted(content)
        with self.lock:
            if not _is_valid(wanted) and not self.lenient:
                self.refused += 1
                return [_state(MALFORMED)], False
            voice = wanted.get("voice") if isinstance(wanted, dict) else None
            price = VOICES.get(str(voice), max(VOICES.values()))
            self.sold += price
            self.sales.append(content)
        if self.breaks:
            return [_state(BROKEN)], False
        done = {**_state(OK), "sound": "ding", "cost": str(price)}
        streams = isinstance(wanted, dict) and wanted.get("stream") is True
        return ([{"part": 1}, {"part": 2}, done] if streams else [done]), streams


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up."""


@contextmanager
def chiming(books: MoneyTotals) -> Iterator[MoneyTotals]:
    """Serve on loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path, media_type = self.path.partition("?")[0], self.headers.get("Content-Type", "")
            known = content if media_type.partition(";")[0] == "application/json" else b""
            frames, streams = books.answer(self.command, path, self.headers.get("Authorization", ""), known)
            texts = [json.dumps(frame) for frame in frames]
            said = "".join(f"data: {text}\n\n" for text in texts) if streams else texts[0]
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream" if streams else "application/json")
            self.send_header("Content-Length", str(len(said.encode())))
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    serving = Thread(target=server.serve_forever, daemon=True)
    serving.start()
    books.origin = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield books
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


def described(folder: Path) -> tuple[str, ...]:
    """The options that name its document and conventions, written to a folder."""
    (folder / "chime.json").write_text(json.dumps(DOCUMENT), "utf-8")
    (folder / "chime.yaml").write_text(yaml.safe_dump(CONVENTIONS), "utf-8")
    return "--spec", "chime.json", "--conventions", "chime.yaml"


def _state(code: int) -> dict[str, Any]:
    return {"base": {"code": code, "text": "fine" if code == OK else "not so"}}


def _wanted(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _is_valid(wanted: object) -> bool:
    return (
        isinstance(wanted, dict)
        and set(wanted) <= {"words", "voice", "stream"}
        and isinstance(wanted.get("words"), str)
        and 1 <= len(wanted["words"]) <= 40
        and wanted.get("voice") in list(VOICES)
        and isinstance(wanted.get("stream", False), bool)
    )
