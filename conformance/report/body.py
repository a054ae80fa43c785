"""Bodies of requests and responses, laid out to be read."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from conformance.report.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.journal.records import Body

TEXT_LIMIT = 4000
BINARY_LIMIT = 200
_INDENT = "  "
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def readable(body: Body) -> str:
    """
    The body as bounded, inert text: JSON indented, other text as it is, of binary content only the beginning.

    JSON keeps its own spelling of numbers, its order and its repeated keys: they may be what is at fault.
    """
    text = as_text(body)
    if text is None:
        shown = body.content[:BINARY_LIMIT].decode("utf-8", "backslashreplace")
        return f"{printable(shown, 4 * BINARY_LIMIT)}\n… ({body.size:,} bytes in all, not text)"
    shown = _indented(text) if not body.truncated and _is_json(text) else printable(text, TEXT_LIMIT)
    return f"{shown}\n… ({body.size:,} bytes in all, not all of them kept)" if body.truncated else shown


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


def _indented(text: str) -> str:
    shown = ""
    for piece in _pieces(text):
        shown += piece
        # Indentation makes deep nesting grow with its square: no more of it than is shown.
        if len(shown) > TEXT_LIMIT:
            return f"{printable(shown[:TEXT_LIMIT], TEXT_LIMIT)} … ({len(text):,} characters in all)"
    return printable(shown, TEXT_LIMIT)


def _pieces(text: str) -> Iterator[str]:
    depth = 0
    before = ""
    for match in _PIECE.finditer(text):
        piece = match[0]
        closing = piece in ("}", "]")
        depth -= closing
        opened = before in ("{", "[")
        if before == "," or opened != closing:
            yield "\n" + _INDENT * depth
        yield ": " if piece == ":" else piece
        depth += piece in ("{", "[")
        before = piece
