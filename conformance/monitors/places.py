"""Values at JSON pointers, told apart from nothing at all, and how a finding shows them."""

from __future__ import annotations

import json
import re
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import jsonpointer

from conformance.journal.records import Mismatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.journal.records import Body

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_SHOWN_CHARACTERS: Final = 120


class Absence(Enum):
    """What stands at a place where nothing stands; a JSON null is something else."""

    ABSENT = "nothing"


ABSENT: Final = Absence.ABSENT


@lru_cache
def steps(pointer: str) -> tuple[str, ...]:
    """The unescaped steps of a JSON pointer (RFC 6901) of the contract."""
    return tuple(jsonpointer.JsonPointer(pointer).parts)


def find(value: object, pointer: str) -> object:
    """What stands at a JSON pointer; `ABSENT` where the value has no such place."""
    return walk(value, steps(pointer))


def walk(value: object, path: Sequence[str]) -> object:
    """
    Where a path of steps leads; `ABSENT` where it leads nowhere.

    Steps lead through objects and arrays only: jsonpointer itself would also walk through strings and past the
    end of arrays, and a target may send any JSON value anywhere.
    """
    for step in path:
        if isinstance(value, dict):
            value = value.get(step, ABSENT)
        elif isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return ABSENT
    return value


def json_of(body: Body) -> object:
    """A body as JSON, `ABSENT` when it is none or was not kept whole."""
    if body.truncated:
        return ABSENT
    try:
        value: object = body.json
    except Mismatch:
        return ABSENT
    return value


def is_given(value: object) -> bool:
    """Whether a place holds a value at all: neither nothing nor null."""
    return value is not ABSENT and value is not None


def show(value: object) -> str:
    """A JSON value as a finding quotes it: on one line, bounded, and printable whatever the target sent."""
    if value is ABSENT:
        return "nothing"
    if isinstance(value, str):
        value = value[: _SHOWN_CHARACTERS + 1]
    try:
        return clip(json.dumps(value, ensure_ascii=False))
    except (ValueError, RecursionError):
        return "a value that is nested too deeply to be shown"


def clip(text: str) -> str:
    """A text of the target's, cut to what a sentence can hold; halves of surrogate pairs become escapes."""
    kept = text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
    return kept.encode("utf-8", "backslashreplace").decode("utf-8")
