"""Other spellings of a JSON body: the same members and values, other bytes."""

from __future__ import annotations

import json
import re
from typing import Final

# They stand for nothing in any body: marks of what is written otherwise.
_NUMBER: Final = "\0n"
_LETTER: Final = "\0l"
_MARKED_NUMBER: Final = re.compile(r'"\\u0000n(-?[0-9]+\.[0-9]+)"')
_MARKED_LETTER: Final = re.compile(r"\\u0000l([A-Za-z])")


def other_spelling(content: bytes) -> bytes | None:
    """
    A JSON object in another spelling; None where the content is no object, or an empty one.

    Its members come in another order, with other blanks and line feeds between them; numbers have a digit more behind
    the point, and texts of which each begins with a letter have it as an escape.
    """
    try:
        body = json.loads(content)
    except ValueError:
        return None
    if not isinstance(body, dict) or not body or "\\u0000" in json.dumps(body):
        return None
    text = json.dumps(_turned(body), indent=1, separators=(",", ":"))
    text = _MARKED_NUMBER.sub(r"\g<1>0", text)
    return _MARKED_LETTER.sub(lambda found: f"\\u{ord(found[1]):04x}", text).encode()


def _turned(value: object) -> object:
    """A value with its members the other way round, and with marks at numbers and letters."""
    if isinstance(value, dict):
        return {name: _turned(value[name]) for name in reversed(value)}
    if isinstance(value, list):
        return [_turned(each) for each in value]
    if isinstance(value, float) and re.fullmatch(r"-?[0-9]+\.[0-9]+", repr(value)):
        return f"{_NUMBER}{value!r}"
    if isinstance(value, str) and re.match("[A-Za-z]", value):
        return f"{_LETTER}{value}"
    return value
