"""A share of many things: k/n is every n-th, counted from the k-th."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

_SHARE = re.compile(r"(\d+)/([1-9]\d*)")


class NoShareError(ValueError):
    """A text does not name a share."""


def share_of(things: Sequence[T], text: str) -> Sequence[T]:
    """
    The share that a text such as 3/8 names, all when it is empty; 0/8 and 8/8 are the same share.

    Raises:
        NoShareError: the text is something else.
    """
    if not text:
        return things
    named = _SHARE.fullmatch(text)
    if named is None:
        raise NoShareError(f"{text!r} is no share; write one as 3/8.")
    first, step = int(named[1]), int(named[2])
    return things[first % step :: step]
