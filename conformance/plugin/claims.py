"""A failed assertion of a test in words: what was expected and what came, without pytest's account of objects."""

from __future__ import annotations

import re
from typing import Final

_DECIMAL: Final = re.compile(r"Decimal\('([^']*)'\)")
_MOMENT: Final = re.compile(
    r"datetime\.datetime\((\d+), (\d+), (\d+)(?:, (\d+), (\d+)(?:, (\d+))?(?:, \d+)?)?[^()]*(?:\([^()]*\))?\)"
)
# A call, or an object without a text of its own.
_OBJECT: Final = re.compile(r"[\w.]\(|<[^<>]* at 0x|<(?:function|generator|class|module|map|filter)\b")
_SIGN: Final = re.compile(r" (==|!=|<=|>=|<|>|not in|in|is not|is) ")
_TEXT: Final = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_EXPECTED: Final = {
    "==": "",
    "is": "",
    "!=": "anything but ",
    "is not": "anything but ",
    "<=": "at most ",
    ">=": "at least ",
    "<": "less than ",
    ">": "more than ",
    "in": "one of ",
    "not in": "none of ",
}
_ASSERT: Final = "assert "


def claim_in(text: str, test: str) -> str:
    """
    What a failed assertion claims, by the text that pytest made of it; `test` is the name of the test.

    A message that the test states itself is taken as it is. Where pytest shows objects, the name of the test says what
    should have been.
    """
    lines = text.splitlines()
    explained = next((number for number, line in enumerate(lines) if line.startswith(_ASSERT)), len(lines))
    if explained:
        return "\n".join(lines[:explained]).removesuffix("\n").strip() if text != "AssertionError" else _named(test)
    shown = _MOMENT.sub(_moment, _DECIMAL.sub(r"\1", lines[0].removeprefix(_ASSERT))) if lines else ""
    compared = _compared(shown)
    if not compared or shown.startswith("not ") or _OBJECT.search(_without_texts(shown)):
        return _named(test)
    left, sign, right = compared
    return f"expected {_EXPECTED[sign]}{right}, got {left}"


def _named(test: str) -> str:
    """The name of a test as the sentence that does not hold."""
    words = test.partition("[")[0].removeprefix("test_").replace("_", " ")
    return f"expected that {words}, got otherwise"


def _without_texts(shown: str) -> str:
    """An expression with blanks in place of what stands in quotes, where signs and parentheses mean nothing."""
    return _TEXT.sub(lambda text: " " * len(text[0]), shown)


def _compared(shown: str) -> tuple[str, str, str] | None:
    """The two sides of a single comparison and its sign."""
    signs = list(_SIGN.finditer(_without_texts(shown)))
    if len(signs) != 1:
        return None
    return shown[: signs[0].start()], signs[0][1], shown[signs[0].end() :]


def _moment(found: re.Match[str]) -> str:
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
