"""What the translation desk has charged, in a file of its own: the one place that the suite never sees."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """A request that arrived at a priced operation (`amount` is None), or what one was charged."""

    key: str
    operation: str
    digest: str
    amount: Decimal | None


class MoneyTotals:
    """Lines of a file; each is on disk before the answer leaves, so a look at it is true at any moment."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def enter(self, entry: Entry) -> None:
        amount = None if entry.amount is None else f"{entry.amount:f}"
        line = json.dumps([entry.key, entry.operation, entry.digest, amount]) + "\n"
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self.after(0)

    @property
    def size(self) -> int:
        """Where the next entry will begin."""
        return self._path.stat().st_size if self._path.exists() else 0

    def after(self, position: int) -> tuple[Entry, ...]:
        """The entries from there on."""
        if self.size <= position:
            return ()
        with self._path.open("rb") as file:
            file.seek(position)
            lines = file.read().decode().splitlines(keepends=True)
        rows = [json.loads(line) for line in lines if line.endswith("\n")]
        return tuple(Entry(key, name, digest, amount and Decimal(amount)) for key, name, digest, amount in rows)

    @property
    def spent(self) -> Decimal:
        """All that was charged, whatever was answered."""
        return charged(self.entries)

    @property
    def arrivals(self) -> tuple[Entry, ...]:
        """The requests that came to priced operations, in their order."""
        return arrived(self.entries)


def charged(entries: Iterable[Entry]) -> Decimal:
    return sum((entry.amount for entry in entries if entry.amount is not None), Decimal(0))


def arrived(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry.amount is None)
