"""
Room on Python's stack.

CPython keeps the frames of Python functions in chunks of 16 KiB, and gives a chunk back to the system as soon as its
first frame ends. Where a function that is called often happens to stand at the end of a chunk, each of its calls asks
the system for memory anew. Drawing a request takes some hundred nested calls, so there are always such places; at
worst that takes nearly half of the time. A frame that does not fit brings a chunk along with room for all that follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

# In words of 8 bytes, so more than half a MiB: the chunk has a whole one, of which no more is touched than is used.
_WORDS: Final = 66_000


def call_with_room(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function so that what it calls, some thousand frames deep, finds its memory there."""
    return function(*args, **kwargs)


call_with_room.__code__ = call_with_room.__code__.replace(co_stacksize=_WORDS)
