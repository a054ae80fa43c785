"""The shapes in which a secret can come back from a target, and how to look through escapes."""

from __future__ import annotations

import base64
import html
import json
import re
import zlib
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BASE64_CHARACTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")

# Below this the base64 characters that a secret determines are so few that they would be found everywhere.
_SHORTEST_IN_BASE64 = 6
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
_BACKSLASH = re.compile(rb'\\(?:u[0-9A-Fa-f]{4}|["\\/bfnrt])')
_ENTITY = re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")
_OTHER_CHARACTER = b"\xff"
_PACKED = (b"\x1f\x8b", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
# zlib's own switch: recognise a gzip or a zlib header by itself.
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_MOST_UNPACKED = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Form:
    """
    One spelling of a secret.

    `leading` and `trailing` say that the base64 character just before or after it also carries bits of the
    secret.
    """

    spelled: bytes
    leading: bool = False
    trailing: bool = False


def forms(secret: bytes) -> frozenset[Form]:
    """The spellings of a secret: plain, in UTF-16, in hex, and inside of any base64 or base64url text."""
    found = {Form(secret)}
    if len(secret) < _SHORTEST_IN_BASE64:
        return frozenset(found)
    digits = secret.hex().encode()
    wide = (secret.decode("ascii").encode(encoding) for encoding in ("utf-16-le", "utf-16-be"))
    found |= {Form(spelled) for spelled in (digits, digits.upper(), *wide)}
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + secret)
        first, last = -(-8 * offset // 6), 8 * (offset + len(secret)) // 6
        core = encoded[first:last]
        ragged = offset > 0, (offset + len(secret)) % 3 > 0
        found |= {Form(core, *ragged), Form(core.translate(_URL_SAFE), *ragged)}
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Unescaped:
    """
    A text with its escapes undone, and where each of its bytes came from.

    `places` are the positions of the undone escapes in `data`, `starts` and `ends` where these stood in the
    original.
    """

    data: bytes
    places: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The part of the original that `data[start:end]` came from."""
        return self._of(start)[0], self._of(end - 1)[1]

    def _of(self, position: int) -> tuple[int, int]:
        index = bisect_right(self.places, position) - 1
        if index < 0:
            return position, position + 1
        beyond = position - self.places[index]
        if beyond == 0:
            return self.starts[index], self.ends[index]
        return self.ends[index] + beyond - 1, self.ends[index] + beyond


def percent_decoded(data: bytes) -> Unescaped | None:
    """The text without percent-encoding, None when it has none."""
    return _unescaped(data, _PERCENT, lambda escape: bytes((int(escape[1:], 16),))) if b"%" in data else None


def json_unescaped(data: bytes) -> Unescaped | None:
    """The text without JSON's escapes, None when it has none; what is not ASCII becomes 0xFF."""
    return _unescaped(data, _BACKSLASH, _json_character) if b"\\" in data else None


def html_unescaped(data: bytes) -> Unescaped | None:
    """The text without HTML's character references, None when it has none; what is not ASCII becomes 0xFF."""
    return _unescaped(data, _ENTITY, _html_character) if b"&" in data else None


def unpacked(data: bytes) -> bytes | None:
    """What is inside of a gzip or zlib stream, as much of it as an answer may be long; None when it is none."""
    if not data.startswith(_PACKED):
        return None
    try:
        return zlib.decompressobj(_GZIP_OR_ZLIB).decompress(data, _MOST_UNPACKED)
    except zlib.error:
        return None


@cache
def _json_character(escape: bytes) -> bytes:
    character: str = json.loads(b'"' + escape + b'"')
    return character.encode("ascii") if character.isascii() else _OTHER_CHARACTER


@lru_cache(maxsize=1024)
def _html_character(escape: bytes) -> bytes:
    character = html.unescape(escape.decode("ascii"))
    return character.encode("ascii") if character.isascii() and len(character) == 1 else _OTHER_CHARACTER


def _unescaped(data: bytes, pattern: re.Pattern[bytes], decode: Callable[[bytes], bytes]) -> Unescaped | None:
    pieces: list[bytes] = []
    places: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    length = end = 0
    for escape in pattern.finditer(data):
        start = escape.start()
        places.append(length + start - end)
        length = places[-1] + 1
        pieces += (data[end:start], decode(escape[0]))
        end = escape.end()
        starts.append(start)
        ends.append(end)
    if not places:
        return None
    return Unescaped(b"".join((*pieces, data[end:])), tuple(places), tuple(starts), tuple(ends))
