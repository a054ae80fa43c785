"""Multipart forms of drawn values: what the document calls a file is sent as one."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from conformance.client.request import Form, Upload, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

_Headers = tuple[tuple[str, str], ...]
_MULTIPART: Final = "multipart/form-data"


def encode_form(values: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[bytes, str]:
    """
    The bytes and the content type of a form.

    A property with `contentEncoding: base64` stands for the bytes that it decodes to, sent as a file of its
    `contentMediaType`; one of format `binary` is a file of unknown kind; any other value is a text field.
    """
    properties = schema.get("properties", {})
    files = {name: _file(name, value, properties[name]) for name, value in values.items() if _is_file(properties, name)}
    fields = {name: _text(value) for name, value in values.items() if name not in files}
    content, content_type = encode(None, Form(fields, files))
    return content, content_type or ""


def with_steady_boundary(content: bytes, headers: _Headers) -> tuple[bytes, _Headers]:
    """Content and headers of a form with a boundary that depends on its parts alone; libraries make one up."""
    given = next((value for name, value in headers if name.lower() == "content-type"), "")
    media_type, found, boundary = given.partition("; boundary=")
    if media_type != _MULTIPART or not found:
        return content, headers
    made_up = boundary.encode("latin-1")
    steady = hashlib.sha256(content.replace(made_up, b"")).hexdigest()[:32]
    others = [(name, value) for name, value in headers if name.lower() != "content-type"]
    return content.replace(made_up, steady.encode()), (*others, ("Content-Type", f"{_MULTIPART}; boundary={steady}"))


def with_fields(content: bytes, headers: _Headers, fields: Mapping[str, str]) -> bytes:
    """The content of a form with these text fields in place of those of the same names."""
    given = next((value for name, value in headers if name.lower() == "content-type"), "")
    media_type, found, boundary = given.partition("; boundary=")
    if media_type != _MULTIPART or not found:
        return content
    mark = f"--{boundary}".encode("latin-1")
    parts, end, rest = content.rpartition(mark + b"--")
    line, names = mark + b"\r\n", [f'; name="{name}"'.encode() for name in fields]
    first, *given_parts = parts.split(line)
    kept = [part for part in given_parts if not any(name in part.partition(b"\r\n\r\n")[0] for name in names)]
    added = [_field(name, text) for name, text in fields.items()]
    return line.join([first, *added, *kept]) + end + rest


def _field(name: str, text: str) -> bytes:
    return f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()


def _is_file(properties: Mapping[str, Any], name: str) -> bool:
    described = properties.get(name, {})
    return bool(described.get("contentEncoding") == "base64" or described.get("format") == "binary")


def _file(name: str, value: object, described: Mapping[str, Any]) -> Upload:
    media_type = described.get("contentMediaType", "application/octet-stream")
    if described.get("contentEncoding") == "base64":
        return Upload(name, base64.b64decode(str(value)), media_type)
    return Upload(name, value if isinstance(value, bytes) else _text(value).encode(), media_type)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
