"""
Where in a TOML text a member is written.

The standard library's parser keeps no positions. But every prefix of a valid text that ends with a whole
statement is valid too, so the parser itself says which statement brings a member into being, whatever the way
it is spelled there.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Member = tuple[str | int, ...]


def line_of(text: str, member: Member) -> int:
    """
    The number (from 1) of the line on which the statement begins that first mentions `member`.

    `text` is valid TOML. A member is the chain of keys and array positions that leads to it; inside an array
    or inline table it is found on the line where the outermost one begins.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    ends = list(accumulate(_statements(lines), initial=0))

    def exists_by(end: int) -> bool:
        return _has(tomllib.loads("\n".join(lines[:end])), member)

    # Once a member exists it stays, so the first prefix that has it can be searched by halves.
    return ends[bisect_left(ends, x=1, lo=1, key=exists_by) - 1] + 1


def _statements(lines: Iterable[str]) -> Iterator[int]:
    """The number of lines of every statement; blank lines and comments count as statements."""
    pending: list[str] = []
    for line in lines:
        pending.append(line)
        if _is_whole("\n".join(pending)):
            yield len(pending)
            pending.clear()


def _is_whole(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _has(content: Any, member: Member) -> bool:  # noqa: ANN401 - any TOML value
    for step in member:
        try:
            content = content[step]
        except (LookupError, TypeError):
            return False
    return True
