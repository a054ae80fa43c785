"""A look at the purse that waits for nobody."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING

from conformance.money.ledger_store import LEDGER_FILE, LedgerSnapshot, ledger_snapshot
from tests.client.desk import LOUD

if TYPE_CHECKING:
    from pathlib import Path

    from tests.client.desk import Desk


def test_it_tells_what_was_charged_and_not_given_back(desk: Desk) -> None:
    desk.bought(desk.admit())
    desk.give_back("s1", Decimal(10))

    assert ledger_snapshot(desk.ledger.path) == LedgerSnapshot(LOUD - 10, Decimal(100), "coins")


def test_it_waits_for_nobody_who_writes(desk: Desk) -> None:
    desk.bought(desk.admit())
    with closing(sqlite3.connect(desk.ledger.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        assert ledger_snapshot(desk.ledger.path) == LedgerSnapshot(LOUD, Decimal(100), "coins")


def test_without_a_purse_there_is_nothing_to_see_and_none_is_made(tmp_path: Path) -> None:
    assert ledger_snapshot(tmp_path / LEDGER_FILE) is None
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_none_is_nothing_to_see(tmp_path: Path) -> None:
    (tmp_path / LEDGER_FILE).write_text("no purse", "utf-8")

    assert ledger_snapshot(tmp_path / LEDGER_FILE) is None
