"""Places of answers: which of them somebody looked at, and what was wrong there."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Part = Literal["body", "status", "header"]
# What was looked at long before a claim failed has nothing to do with it.
_REMEMBERED: Final = 8


@dataclass(frozen=True, slots=True)
class Spot:
    """
    A place of an answer that a verdict turns on.

    `name` is a JSON pointer into the body, or the name of a header; a status has none. `expected` and `actual` say in
    words what should stand there and what does, empty where nobody put it into words.
    """

    part: Part
    name: str = ""
    expected: str = ""
    actual: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """That the code of a test read a place of an exchange, and the value that it found there."""

    exchange: str
    spot: Spot
    value: object


_LOOKS: ContextVar[deque[Look] | None] = ContextVar("looks", default=None)


@contextmanager
def looking() -> Iterator[deque[Look]]:
    """Remember the last places that are read meanwhile, in their order."""
    looks: deque[Look] = deque(maxlen=_REMEMBERED)
    token = _LOOKS.set(looks)
    try:
        yield looks
    finally:
        _LOOKS.reset(token)


def looked(exchange: str, part: Part, name: str, value: object) -> None:
    """A place of an exchange was read."""
    looks = _LOOKS.get()
    if looks is not None:
        looks.append(Look(exchange, Spot(part, name), value))
