"""Values that tell what a target does with them: easily spoilt ones, ones at the ends, and empty ones."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Style = Literal["rich", "ends", "empty", "framed", "marked", "lines"]
# Letters of several alphabets, one with two code units, a mark that combines, and blanks inside.
_RICH_TEXT: Final = "Čajová  zahrada 茶園 🎵 é “x”"
# Each style of texts with shorter ones for where little room is: blanks at the ends; what has a meaning in markup, and
# characters that some take for others; ends of lines as different systems write them.
_STYLED: Final = {
    "framed": (" a b  ",),
    "marked": ('½ ﬁ № a & b "c" it\'s', "½ & №"),
    "lines": ("a\r\nb\n\nc",),
}
_LONGEST_TEXT: Final = 5_000
_USUAL_LENGTH: Final = 300
_TIMES: Final = {
    "rich": {"date-time": "2026-03-01T10:30:00+02:00", "date": "2024-02-29", "time": "23:59:58Z"},
    "ends": {"date-time": "2038-01-20T03:14:08Z", "date": "1999-12-31", "time": "00:00:00Z"},
}
# What is counted in the smallest unit of a currency has two places.
_MONEY: Final = re.compile(r"price|amount|cost|total|fee|balance|rate", re.IGNORECASE)
_LARGE: Final = 1_000_003
_NESTED: Final = (
    {"oneKey": "värde", "list": [3, 1, 2], "deep": {"0": None}},
    {"oneKey": "värde"},
    {"oneKey": 7},
    {"oneKey": True},
)
_WORDS: Final = ("pear", "apple", "fig")
# Of an array of objects each item has its own, in no order.
_FRACTIONS: Final = (0.25, 12.75, 2.5)
_COUNTS: Final = (3, 1, 2)
_DIFFERING: Final[Mapping[str, tuple[Any, ...]]] = MappingProxyType(
    {"string": _WORDS, "number": _FRACTIONS, "integer": _COUNTS}
)


def telling_values(kind: str, member: Mapping[str, Any], name: str, style: Style) -> Iterator[Any]:
    """Values of a member that tell a lot, the most telling first; the document decides which of them it allows."""
    if "const" in member:
        return
    if "enum" in member or kind == "boolean":
        # What is the default may be there without having been stored.
        listed = [value for value in member.get("enum", (True, False)) if value is not None]
        ordered = listed if style == "ends" else list(reversed(listed))
        yield from (value for value in ordered if value != member.get("default"))
    elif style == "empty":
        yield from {"string": ("",), "array": ([],), "integer": (0,), "number": (0,), "object": ({},)}.get(kind, ())
    elif kind == "string":
        yield from _texts(member, style)
    elif style in _STYLED:
        return
    elif kind == "number":
        plain = (12.75, 2.25, 0.5) if style == "rich" else (1234.57,)
        yield from plain if style == "rich" or _MONEY.search(name) else (1234.5678, *plain)
    elif kind == "integer":
        yield from (7, 3, 2) if style == "rich" else (int(member.get("maximum", _LARGE)),)
    elif kind == "array":
        yield from _lists(member, style)
    elif kind == "object" and style == "rich":
        yield from _NESTED


def _texts(member: Mapping[str, Any], style: Style) -> Iterator[str]:
    if style in _STYLED:
        yield from () if {"format", "pattern"} & member.keys() else _STYLED[style]
        return
    form = str(member.get("format", ""))
    if form in _TIMES[style]:
        yield _TIMES[style][form]
    if style == "rich":
        yield from (_RICH_TEXT[:length].strip() for length in (len(_RICH_TEXT), 20, 12, 8, 4))
    else:
        length = min(int(member.get("maxLength", _USUAL_LENGTH)), _LONGEST_TEXT)
        yield "".join("lång" for _ in range(-(-length // 4)))[:length]
        yield "".join("long" for _ in range(-(-length // 4)))[:length]


def _lists(member: Mapping[str, Any], style: Style) -> Iterator[list[Any]]:
    listed = member.get("items", {}).get("enum", ()) if isinstance(member.get("items"), dict) else ()
    words = list(reversed(listed)) or [*_WORDS]
    if style == "ends":
        yield [words[0], words[-1], words[0]]
    yield from (words[:3], words[:2])


def telling_items(
    item: Mapping[str, Any], members: Mapping[str, Mapping[str, Any]], kinds: Mapping[str, str]
) -> Iterator[list[dict[str, Any]]]:
    """
    Arrays of objects like `item` that differ in their texts and numbers and are in no order, the longest first.

    Arrays in which only some members can differ follow; the document decides which of them it allows.
    """
    plain = {
        name: kind
        for name, kind in kinds.items()
        if name in item and kind in _DIFFERING and not {"enum", "const", "format"} & members[name].keys()
    }
    varied = [{**item, **{name: _DIFFERING[kind][number] for name, kind in plain.items()}} for number in range(3)]
    whole = {name: _COUNTS for name, kind in plain.items() if kind in ("integer", "number")}
    counted = [
        {**made, **{name: values[number] for name, values in whole.items()}} for number, made in enumerate(varied)
    ]
    for items in (varied, counted):
        yield from (items[:3], items[:2], items[:1])
