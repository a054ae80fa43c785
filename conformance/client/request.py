"""From an operation and its values to the bytes that are sent; and uploads of 100 MB that take no space."""

from __future__ import annotations

import io
import json as json_module
import tempfile
import wave
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote, urlencode

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
class PreparedRequest:
    """
    A request that is ready to be sent but for the headers that only the client sets (key, ids).

    `fault` is what happens to it on its way; such a request needs a transport of its own.
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

    def with_header(self, name: str, value: str) -> PreparedRequest:
        """The same request with one more header."""
        return replace(self, headers=(*self.headers, (name, value)))

    def with_json(self, value: object) -> PreparedRequest:
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
    # As dots these would lead to another path, and HTTP libraries resolve them before sending.
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
) -> PreparedRequest:
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
    return PreparedRequest(operation.method, url, tuple(sent.items()), content, operation.id)


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


_BOUNDARY: Final = "conformance-boundary-of-a-large-form"
_RATE: Final = 44_100
_BYTES_PER_FRAME: Final = 2


@contextmanager
def silent_upload(base_url: str, operation: Operation, part: str, size: int) -> Iterator[PreparedRequest]:
    """
    A multipart request with one WAV file of `size` bytes, silence from start to end, as its part `part`.

    The request can be sent as long as the block lasts.
    """
    with tempfile.TemporaryDirectory(prefix="conformance-upload-") as folder:
        form = Path(folder) / "form"
        header = _wav_header(size)
        with form.open("wb") as file:
            file.write(_part_head(part) + header)
            file.seek(size - len(header), io.SEEK_CUR)
            file.write(f"\r\n--{_BOUNDARY}--\r\n".encode())
        headers = (("Content-Type", f"multipart/form-data; boundary={_BOUNDARY}"),)
        yield PreparedRequest(operation.method, base_url + operation.path, headers, form, operation.id)


def _part_head(part: str) -> bytes:
    disposition = f'Content-Disposition: form-data; name="{part}"; filename="silence.wav"'
    return f"--{_BOUNDARY}\r\n{disposition}\r\nContent-Type: audio/wav\r\n\r\n".encode()


def _wav_header(size: int) -> bytes:
    """The header of a WAV file of `size` bytes, which are counted in these."""
    empty = len(_header_for(0))
    return _header_for((size - empty) // _BYTES_PER_FRAME)


def _header_for(frames: int) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(_BYTES_PER_FRAME)
        audio.setframerate(_RATE)
        audio.setnframes(frames)
        audio.writeframesraw(b"")
        # Before the end of the block: then the header would be corrected to what has been written.
        return buffer.getvalue()
