"""How many requests a part of the run may send, over all of its processes."""

from __future__ import annotations

import struct
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Final, Protocol

from conformance.client.errors import RequestLimitError
from conformance.client.locks import locked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# How many requests were sent, and how many more are set aside for scenarios that are on.
_COUNTS: Final = struct.Struct("<qq")


@dataclass
class _Share:
    """What is set aside for one scenario and not yet sent; its threads send at the same time."""

    left: int
    changing: Lock = field(default_factory=Lock)


_SHARE: Final[ContextVar[_Share | None]] = ContextVar("share", default=None)


class Allowance(Protocol):
    """Asked by each limited scenario before it begins, and before each of its requests."""

    @contextmanager
    def admitted(self, requests: int) -> Iterator[None]:
        """
        The time in which a scenario that sends about so many requests is on.

        Raises:
            RequestLimitError: there is no room for them.
        """

    def take(self) -> None:
        """
        Count one request, which is about to be sent; those of scenarios that are not limited don't count.

        Raises:
            RequestLimitError: there is no room for it.
        """


class NoLimit:
    """The allowance of a run that is not limited."""

    @contextmanager
    def admitted(self, requests: int) -> Iterator[None]:  # noqa: ARG002 - see `Allowance`
        """See `Allowance`."""
        yield

    def take(self) -> None:
        """See `Allowance`."""


class SharedAllowance:
    """
    At most so many requests of all processes that name the same file; its folder must exist.

    A scenario begins only where what it declares fits, so that it is seldom broken off and takes away what it made.
    """

    def __init__(self, path: Path, most: int) -> None:
        self._path = path
        self._most = most

    @contextmanager
    def admitted(self, requests: int) -> Iterator[None]:
        """See `Allowance`."""
        share = _Share(max(1, requests))
        self._change(0, share.left, need=share.left)
        before = _SHARE.set(share)
        try:
            yield
        finally:
            _SHARE.reset(before)
            with share.changing:
                left, share.left = share.left, 0
            self._change(0, -left, need=0)

    def take(self) -> None:
        """See `Allowance`."""
        share = _SHARE.get()
        if share is None:
            return
        with share.changing:
            kept = min(share.left, 1)
            share.left -= kept
        self._change(1, -kept, need=1 - kept)

    def _change(self, sent: int, reserved: int, *, need: int) -> None:
        with locked(self._path.with_suffix(".lock")), self._path.open("a+b") as file:
            file.seek(0)
            written = file.read(_COUNTS.size)
            before, aside = _COUNTS.unpack(written) if written else (0, 0)
            if need and before + aside + need > self._most:
                raise RequestLimitError(f"left out, as --requests {self._most} has no room for it")
            file.truncate(0)
            file.write(_COUNTS.pack(before + sent, aside + reserved))
