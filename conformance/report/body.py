"""Bodies of requests and responses, laid out to be read, with some of their places marked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Final

from conformance.report.text import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from conformance.journal.records import Body


_INDENT: Final = "  "
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
# Indentation makes deep nesting grow with its square: no more of it than this is laid out, to find marks.
_LAID_OUT: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and whether it is marked."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    """A token with the white space before it, and the JSON pointer of the value that it belongs to."""

    space: str
    text: str
    pointer: str


def laid_out(text: str, marks: Collection[str], limit: int) -> tuple[Piece, ...]:
    """
    A JSON text indented, in its own spelling of numbers and order and with its repeated keys, and inert.

    At most `limit` characters of it are shown: its beginning, or what is around the first mark. Of a pointer in `marks`
    that leads nowhere, the innermost value on its way is marked. The text as a whole is never marked.
    """
    tokens, whole = _tokens(text, _LAID_OUT if marks else limit)
    found = _found(tokens, marks)
    runs = [
        Piece("".join(part for _, part in run), marked)
        for marked, run in groupby(_parts(tokens, found), key=lambda part: part[0])
    ]
    shown = _window(runs, limit)
    full = sum(len(piece.text) for piece in runs)
    cut = not whole or full > limit
    pieces = [Piece(printable(piece.text, limit), piece.marked) for piece in shown]
    return (*pieces, Piece(f" … ({len(text):,} characters in all)")) if cut else tuple(pieces)


def _parts(tokens: Sequence[_Token], found: frozenset[str]) -> Iterator[tuple[bool, str]]:
    inside = False
    for token in tokens:
        marked = any(token.pointer == mark or token.pointer.startswith(f"{mark}/") for mark in found)
        yield marked and inside, token.space
        yield marked, token.text
        inside = marked


def _window(runs: Sequence[Piece], limit: int) -> Iterator[Piece]:
    """The part of `limit` characters that begins at the top, or a little before the first mark if that is far down."""
    starts = list(accumulate((len(run.text) for run in runs), initial=0))
    mark = next((start for start, run in zip(starts, runs, strict=False) if run.marked), 0)
    first = 0 if mark < limit // 2 else mark - limit // 4
    if first:
        yield Piece("…")
    for start, run in zip(starts, runs, strict=False):
        text = run.text[max(first - start, 0) : max(first + limit - start, 0)]
        if text:
            yield Piece(text, run.marked)


def _found(tokens: Sequence[_Token], marks: Collection[str]) -> frozenset[str]:
    known = {token.pointer for token in tokens} if marks else set()
    return frozenset(filter(None, (_innermost(mark, known) for mark in marks)))


def _innermost(mark: str, known: Collection[str]) -> str:
    while mark and mark not in known:
        mark = mark.rpartition("/")[0]
    return mark


def _tokens(text: str, most: int) -> tuple[list[_Token], bool]:
    """The tokens of the first `most` characters, and whether these are all."""
    tokens: list[_Token] = []
    length = 0
    for token in _Reading().tokens(text):
        if length > most:
            return tokens, False
        tokens.append(token)
        length += len(token.space) + len(token.text)
    return tokens, True


class _Reading:
    """Follows the tokens of a valid JSON text through its objects and arrays."""

    def __init__(self) -> None:
        # Of each open object or array its pointer; of each array also how far it has been read.
        self._open: list[str] = []
        self._index: list[int | None] = []
        self._member = ""
        self._awaits_key = False

    def tokens(self, text: str) -> Iterator[_Token]:
        """The tokens, with white space that shows their depth."""
        before = ""
        for match in _TOKEN.finditer(text):
            sign = match[0]
            closing = sign in ("}", "]")
            opened = before in ("{", "[")
            depth = len(self._open) - closing
            fresh = before == "," or opened != closing
            space = "\n" + _INDENT * depth if fresh and before else ""
            yield _Token(space, ": " if sign == ":" else sign, self._pointer(sign))
            before = sign

    def _pointer(self, sign: str) -> str:
        if sign in ("{", "["):
            return self._enter(sign)
        if sign in ("}", "]"):
            self._index.pop()
            self._member = self._open.pop()
            self._awaits_key = False
            return self._member
        if sign == ",":
            return self._next()
        if self._awaits_key:
            self._awaits_key = False
            self._member = f"{self._open[-1]}/{_step(sign)}"
        return self._member

    def _enter(self, sign: str) -> str:
        pointer = self._member
        self._open.append(pointer)
        self._index.append(0 if sign == "[" else None)
        self._awaits_key = sign == "{"
        self._member = f"{pointer}/0" if sign == "[" else pointer
        return pointer

    def _next(self) -> str:
        pointer, index = self._open[-1], self._index[-1]
        if index is None:
            self._awaits_key = True
        else:
            self._index[-1] = index + 1
            self._member = f"{pointer}/{index + 1}"
        return pointer


def _step(key: str) -> str:
    """A key, as it is spelled in JSON, as a step of a JSON pointer."""
    return str(json.loads(key)).replace("~", "~0").replace("/", "~1")


TEXT_LIMIT = 4000
BINARY_LIMIT = 200


def readable(body: Body, marks: Collection[str] = ()) -> tuple[Piece, ...]:
    """
    The body as bounded, inert text: JSON indented, other text as it is, of binary content only the beginning.

    JSON keeps its own spelling of numbers, its order and its repeated keys: they may be what is at fault. `marks` are
    pointers to places of it that are to be marked.
    """
    text = as_text(body)
    if text is None:
        shown = body.content[:BINARY_LIMIT].decode("utf-8", "backslashreplace")
        return (Piece(f"{printable(shown, 4 * BINARY_LIMIT)}\n… ({body.size:,} bytes in all, not text)"),)
    if body.truncated:
        return (Piece(f"{printable(text, TEXT_LIMIT)}\n… ({body.size:,} bytes in all, not all of them kept)"),)
    return laid_out(text, marks, TEXT_LIMIT) if _is_json(text) else (Piece(printable(text, TEXT_LIMIT)),)


def as_text(body: Body) -> str | None:
    """What is kept of the body as text, None when it is not UTF-8; a character cut in two is dropped."""
    try:
        return body.content.decode("utf-8")
    except UnicodeDecodeError as error:
        cut_off = body.truncated and error.reason == "unexpected end of data"
        return body.content[: error.start].decode("utf-8") if cut_off else None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
