"""A glance at the purse of a run, for whoever only shows it: it waits for nobody, and nobody waits for it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.client.vault import to_amount

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Glance:
    """What the run has spent net and may have at stake, in the unit of the system."""

    spent: Decimal
    cap: Decimal
    unit: str


def glance(path: Path) -> Glance | None:
    """The purse as it was committed last; None where there is none, or it can't be read at this moment."""
    try:
        # Read only and without patience: the purse itself is opened under a lock and takes turns with its writers.
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=0)) as connection:
            unit, cap = connection.execute("SELECT unit, cap FROM run").fetchone()
            (spent,) = connection.execute(
                "SELECT COALESCE(SUM(charged), 0) - COALESCE(SUM(refunded), 0) FROM tasks WHERE NOT earlier"
            ).fetchone()
    except (sqlite3.Error, TypeError):  # no file, no tables or no row yet
        return None
    return Glance(to_amount(spent), to_amount(cap), unit)
