"""The first line of a journal: which run it belongs to and which versions made it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

JOURNAL_VERSION = 1


@dataclass(frozen=True, slots=True)
class Header:
    """
    What every file of a run's journal begins with.

    `seed` is None when the run drew nothing at random.
    """

    run: str
    system: str
    contract_version: str
    suite_version: str
    started_at: datetime
    seed: int | None = None
