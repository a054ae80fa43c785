"""Bodies of requests and responses, laid out to be read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conformance.report.layout import Piece, laid_out
from conformance.report.text import printable

if TYPE_CHECKING:
    from collections.abc import Collection

    from conformance.journal.records import Body

TEXT_LIMIT = 4000
BINARY_LIMIT = 200


def readable(body: Body, marks: Collection[str] = ()) -> tuple[Piece, ...]:
    """
    The body as bounded, inert text: JSON indented, other text as it is, of binary content only the beginning.

    JSON keeps its own spelling of numbers, its order and its repeated keys: they may be what is at fault. `marks` are
    pointers to places of it that are to be looked at.
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
