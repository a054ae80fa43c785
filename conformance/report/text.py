"""Text that may come from a hostile target, made inert and bounded for whatever shows it."""

from __future__ import annotations

import re

# Control characters but tab and line feed, marks that reorder text on screen, lone surrogates, and the two
# characters that XML forbids: none of them is visible, and terminals, browsers and parsers act on them.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def escaped(text: str) -> str:
    r"""The text with every invisible character written as its escape (`\x1b`, `\ud800`)."""
    return INVISIBLE.sub(_escape, text)


def printable(text: str, limit: int) -> str:
    r"""
    The text with every invisible character written as its escape (`\x1b`, `\ud800`).

    At most `limit` characters of it are shown; what is left out is counted at the end.
    """
    shown = escaped(text[:limit])
    if len(text) <= limit and len(shown) <= limit:
        return shown
    return f"{shown[:limit]} … ({len(text):,} characters in all)"


def one_line(text: str, limit: int) -> str:
    """The text as `printable` gives it, with every run of white space as one blank."""
    return printable(" ".join(text.split()), limit)


def unicode_text(text: str) -> str:
    """The text with lone surrogates written as escapes, so that it can be encoded as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004 - two digits are enough up to here
