"""From an operation of the document and its values to the bytes that are sent."""

from __future__ import annotations

import json as json_module
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote, urlencode

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conformance.client.transports.faulty import FaultPlan
    from conformance.contract.document import Operation
    from conformance.journal.records import Origin

# httpx sends no body at all for a form without parts.
_EMPTY_FORM: Final = (b"--the-end--\r\n", "multipart/form-data; boundary=the-end")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part of a multipart form."""

    filename: str
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """
    A request that is ready to be sent but for the headers that the client alone sets (key, ids).

    `fault` is what is to happen to it on its way; such a request needs a transport of its own.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes | Path = b""
    operation: str | None = None
    origin: Origin = "target"
    generated: Literal["valid", "invalid"] | None = None
    transport: str = "httpx"
    fault: FaultPlan | None = None

    def with_header(self, name: str, value: str) -> Prepared:
        """The same request with one more header."""
        return replace(self, headers=(*self.headers, (name, value)))

    def with_json(self, value: object) -> Prepared:
        """The same request with a JSON body."""
        content, content_type = encode(value, None)
        return replace(self, content=content).with_header("Content-Type", content_type or "application/json")


@dataclass(frozen=True, slots=True)
class Form:
    """A multipart form: text fields and files."""

    fields: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)


def path_of(operation: Operation, values: Mapping[str, object]) -> str:
    """The operation's path with every path parameter filled in, percent-encoded."""
    path = operation.path
    for name, value in values.items():
        path = path.replace("{" + name + "}", _segment(str(value)))
    return path


def _segment(text: str) -> str:
    quoted = quote(text, safe="", errors="surrogatepass")
    # As dots these would lead to another path, and senders resolve them before anybody sees them.
    return quoted.replace(".", "%2E") if quoted in (".", "..") else quoted


def prepare(
    base_url: str,
    operation: Operation,
    *,
    path: Mapping[str, object] | None = None,
    query: Mapping[str, Any] | None = None,
    json: object = None,
    form: Form | None = None,
    headers: Mapping[str, str] | None = None,
) -> Prepared:
    """
    A request for one operation.

    `json` None means: no body. Values are encoded as the document's media types say, nothing is validated.
    """
    asked = {name: _query_text(value) for name, value in (query or {}).items() if value is not None}
    url = base_url + path_of(operation, path or {}) + (f"?{urlencode(asked, errors='surrogatepass')}" if asked else "")
    content, content_type = encode(json, form)
    sent = dict(headers or {})
    if content_type and "content-type" not in {name.lower() for name in sent}:
        sent["Content-Type"] = content_type
    return Prepared(operation.method, url, tuple(sent.items()), content, operation.id)


def _query_text(value: object) -> str:
    return json_module.dumps(value) if isinstance(value, bool) else str(value)


def encode(json: object, form: Form | None) -> tuple[bytes, str | None]:
    """The bytes of a body and its content type; both are empty where there is neither JSON nor a form."""
    if form is not None:
        files = [(name, (part.filename, part.content, part.media_type)) for name, part in form.files.items()]
        # Without a file httpx would send a URL-encoded form; an unnamed file part keeps it multipart.
        fields = [(name, (None, value.encode(), None)) for name, value in form.fields.items()]
        if not fields and not files:
            return _EMPTY_FORM
        request = httpx.Request("POST", "http://form.invalid", files=[*fields, *files])
        return request.read(), request.headers["content-type"]
    if json is None:
        return b"", None
    return json_module.dumps(json, ensure_ascii=False).encode("utf-8", "surrogatepass"), "application/json"
