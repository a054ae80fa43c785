"""The encodings in which a target may return a secret, and undoing escapes to find it."""

from __future__ import annotations

import base64
import html
import json
import re
import zlib
from array import array
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BASE64_CHARACTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")

# A shorter secret determines so few base64 characters that they would be found everywhere.
_SHORTEST_IN_BASE64 = 6
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
_BACKSLASH = re.compile(rb'\\(?:u[0-9A-Fa-f]{4}|["\\/bfnrt])')
_ENTITY = re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")
_OTHER_CHARACTER = b"\xff"
_PACKED = (b"\x1f\x8b", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
# zlib's own switch: recognise a gzip or a zlib header by itself.
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_MOST_UNPACKED = 4 * 1024 * 1024
_UNPACKED_AT_ONCE = 1024 * 1024


class EndlessStreamError(Exception):
    """A compressed stream holds more than is looked through for secrets."""


@dataclass(frozen=True, slots=True)
class SecretForm:
    """
    One spelling of a secret.

    `leading` and `trailing` say that the base64 character just before or after it also carries bits of the
    secret.
    """

    spelled: bytes
    leading: bool = False
    trailing: bool = False


def secret_forms(secret: bytes) -> frozenset[SecretForm]:
    """The spellings of a secret: plain, in UTF-16, in hex, and inside of any base64 or base64url text."""
    found = {SecretForm(secret)}
    if len(secret) < _SHORTEST_IN_BASE64:
        return frozenset(found)
    wide = (secret.decode("ascii").encode(encoding) for encoding in ("utf-16-le", "utf-16-be"))
    found |= {SecretForm(spelled) for spelled in (*wide, *_in_numbers(secret), *_in_base32(secret))}
    once = _in_base64(secret)
    # What was encoded once is encoded again by a proxy or a log: of the inner text only the middle is known.
    twice = (form for inner in once for form in _in_base64(inner.spelled))
    return frozenset({*found, *once, *(SecretForm(form.spelled, leading=True, trailing=True) for form in twice)})


def _in_base64(secret: bytes) -> set[SecretForm]:
    """The part of a base64 or base64url text that a secret determines, at each of the three alignments."""
    found: set[SecretForm] = set()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + secret)
        first, last = -(-8 * offset // 6), 8 * (offset + len(secret)) // 6
        core = encoded[first:last]
        ragged = offset > 0, (offset + len(secret)) % 3 > 0
        found |= {SecretForm(core, *ragged), SecretForm(core.translate(_URL_SAFE), *ragged)}
    return found


def _in_base32(secret: bytes) -> set[bytes]:
    """The same for base32, in capital and in small letters."""
    found: set[bytes] = set()
    for offset in range(5):
        encoded = base64.b32encode(b"\0" * offset + secret)
        core = encoded[-(-8 * offset // 5) : 8 * (offset + len(secret)) // 5]
        found |= {core, core.lower()}
    return found


def _in_numbers(secret: bytes) -> set[bytes]:
    """A secret byte by byte: in hex, also with what debuggers put between two bytes, and as decimal numbers."""
    hexes = {secret.hex(*between) for between in ((), (" ",), (":",), ("-",))}
    decimals = {between.join(map(str, secret)) for between in (" ", ",", ", ")}
    return {spelled.encode() for digits in hexes for spelled in (digits, digits.upper())} | {
        decimal.encode() for decimal in decimals
    }


@dataclass(frozen=True, slots=True)
class Unescaped:
    """
    A text with its escapes undone, and where each of its bytes came from.

    `places` are the positions of the undone escapes in `data`, `starts` and `ends` where these stood in the
    original.
    """

    data: bytes
    places: array[int]
    starts: array[int]
    ends: array[int]

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
    return _unescaped(data, _PERCENT, _percent_character) if b"%" in data else None


def json_unescaped(data: bytes) -> Unescaped | None:
    """The text without JSON's escapes, None when it has none; what is not ASCII becomes 0xFF."""
    return _unescaped(data, _BACKSLASH, _json_character) if b"\\" in data else None


def html_unescaped(data: bytes) -> Unescaped | None:
    """The text without HTML's character references, None when it has none; what is not ASCII becomes 0xFF."""
    return _unescaped(data, _ENTITY, _html_character) if b"&" in data else None


def is_packed(data: bytes) -> bool:
    """Whether the data begins as a gzip or zlib stream does."""
    return data.startswith(_PACKED)


def unpacked(data: bytes, overlap: int) -> Iterator[bytes]:
    """
    What is inside of a gzip or zlib stream, piece by piece; nothing when it is none.

    Each piece begins with the last `overlap` bytes of the one before.

    Raises:
        EndlessStreamError: there is more in it than is looked through.
    """
    if not is_packed(data):
        return
    stream = zlib.decompressobj(_GZIP_OR_ZLIB)
    piece = b""
    with suppress(zlib.error):
        for _ in range(_MOST_UNPACKED // _UNPACKED_AT_ONCE):
            more = stream.decompress(data, _UNPACKED_AT_ONCE)
            if not more:
                return
            data = stream.unconsumed_tail
            piece = piece[-overlap:] + more
            yield piece
        if stream.decompress(data, 1):
            raise EndlessStreamError


@cache
def _percent_character(escape: bytes) -> bytes:
    return bytes((int(escape[1:], 16),))


@cache
def _json_character(escape: bytes) -> bytes:
    character: str = json.loads(b'"' + escape + b'"')
    return character.encode("ascii") if character.isascii() else _OTHER_CHARACTER


@lru_cache(maxsize=1024)
def _html_character(escape: bytes) -> bytes:
    character = html.unescape(escape.decode("ascii"))
    return character.encode("ascii") if character.isascii() and len(character) == 1 else _OTHER_CHARACTER


def _unescaped(data: bytes, pattern: re.Pattern[bytes], decode: Callable[[bytes], bytes]) -> Unescaped | None:
    # A body may consist of escapes alone: arrays take eight bytes for each number, and no objects.
    unescaped = bytearray()
    places, starts, ends = array("q"), array("q"), array("q")
    end = 0
    for escape in pattern.finditer(data):
        start = escape.start()
        unescaped += data[end:start]
        places.append(len(unescaped))
        unescaped += decode(escape[0])
        end = escape.end()
        starts.append(start)
        ends.append(end)
    if not places:
        return None
    unescaped += data[end:]
    return Unescaped(bytes(unescaped), places, starts, ends)
