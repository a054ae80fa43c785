"""Keys that are made to be found, and the search for them in everything that a run leaves behind."""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import json
import re
import zlib
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# Each has characters that percent-encoding, JSON, HTML or base64url change, and none has a part that
# stands in a source file or a message.
MAIN: Final = 'sk-Vq7x+/=~&<"2mWzT9rKpL4hYbN8'
SECOND: Final = "sk-j5Gd'>%&8XcRfU3/tE+wQ6=nHsZ0a"
FORBIDDEN: Final = "sk-P1yB?e:M7;kA\\Fv9&oJ/2=DtiC~6uS"
KEYS: Final[Mapping[str, str]] = {
    "CONFORMANCE_API_KEY": MAIN,
    "CONFORMANCE_SECOND_KEY": SECOND,
    "CONFORMANCE_FORBIDDEN_KEY": FORBIDDEN,
}

# Whoever reads this many characters of a spelling in a row has a part of the key; a search for every fourth such
# part finds all that are a little longer.
_PART = 12
_STEP = 4
# How many characters stand behind the key in what is encoded as base64.
_AFTER = 5
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}")
_GZIP = b"\x1f\x8b\x08"


def disguises(key: str) -> dict[str, str]:
    """The spellings in which a key may come back, by what they are called."""
    data = key.encode()
    spelled = {
        "plain": key,
        "percent-encoded": quote(key, safe=""),
        "percent-encoded throughout": "".join(f"%{byte:02X}" for byte in data),
        "JSON": json.dumps(key)[1:-1],
        "JSON with escaped slashes": json.dumps(key)[1:-1].replace("/", "\\/"),
        "JSON throughout": "".join(f"\\u{byte:04x}" for byte in data),
        "HTML": html.escape(key),
        "HTML throughout": "".join(f"&#{byte};" for byte in data),
        "HTML throughout, in hex": "".join(f"&#x{byte:x};" for byte in data),
        "hex": data.hex(),
    }
    for before in range(3):
        aligned = b"." * before + data + b"." * _AFTER
        spelled[f"base64 after {before}"] = base64.b64encode(aligned).decode()
        spelled[f"base64url after {before}"] = base64.urlsafe_b64encode(aligned).decode()
    return spelled


def parts(key: str) -> dict[str, tuple[bytes, ...]]:
    """
    The parts of each spelling that are searched for, in small letters.

    What all keys begin with is no secret, and the ends of base64 depend on what stands around the key.
    """
    return {
        name: _windows(spelled[4:-8] if name.startswith("base64") else spelled)
        for name, spelled in disguises(key.removeprefix("sk-")).items()
    }


def traces(keys: Mapping[str, str], places: Mapping[str, bytes]) -> list[tuple[str, str, str]]:
    """Where a part of a key stands: the place, whose key it is, and its disguise."""
    sought = [(owner, disguise, found) for owner, key in keys.items() for disguise, found in parts(key).items()]
    return [
        (place, owner, disguise)
        for place, content in places.items()
        for seen in [b"\n".join(unpacked(content)).lower()]
        for owner, disguise, any_of in sought
        if any(part in seen for part in any_of)
    ]


def left_behind(*folders: Path) -> dict[str, bytes]:
    """Every file below the folders, with its path, as hidden as it may be."""
    return {
        str(path): str(path).encode() + b"\n" + path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _windows(spelled: str) -> tuple[bytes, ...]:
    last = len(spelled) - _PART
    starts = {*range(0, last, _STEP), last}
    return tuple(spelled[start : start + _PART].lower().encode() for start in sorted(starts))


def unpacked(content: bytes) -> Iterator[bytes]:
    """The content, and what is compressed, in wide characters, or within base64 in it."""
    decoded = b"\n".join(binascii.a2b_base64(run[: len(run) - len(run) % 4]) for run in _BASE64.findall(content))
    for data in (content, decoded):
        yield data
        yield data.replace(b"\0", b"")
        start = data.find(_GZIP)
        while start >= 0:
            yield _inflated(data[start:])
            start = data.find(_GZIP, start + 1)


def _inflated(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(packed)
    except zlib.error:
        return b""


def packed(text: str) -> bytes:
    """A gzip stream, always the same for the same text."""
    return gzip.compress(text.encode(), mtime=0)
