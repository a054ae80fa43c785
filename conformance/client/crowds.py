"""Which requests are made at the same time on purpose, so that nobody knows which comes first."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """So many requests at the same time; every crowd is another one."""

    size: int


CROWD: Final[ContextVar[Crowd | None]] = ContextVar("crowd", default=None)


@contextmanager
def crowded(size: int) -> Iterator[None]:
    """What is begun meanwhile is sent at the same time."""
    before = CROWD.set(Crowd(size))
    try:
        yield
    finally:
        CROWD.reset(before)
