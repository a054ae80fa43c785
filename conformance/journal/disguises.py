"""The shapes in which a secret can come back from a target, and how to look through escapes."""

from __future__ import annotations

import base64
import json
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BASE64_CHARACTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")

# Below this the base64 characters that a secret determines are so few that they would be found everywhere.
_SHORTEST_IN_BASE64 = 6
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
_BACKSLASH = re.compile(rb'\\(?:u[0-9A-Fa-f]{4}|["\\/bfnrt])')
_OTHER_CHARACTER = b"\xff"


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
    """The spellings of a secret: plain, and inside of any base64 or base64url text that contains it."""
    found = {Form(secret)}
    if len(secret) < _SHORTEST_IN_BASE64:
        return frozenset(found)
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


@cache
def _json_character(escape: bytes) -> bytes:
    character: str = json.loads(b'"' + escape + b'"')
    return character.encode("ascii") if character.isascii() else _OTHER_CHARACTER


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
