"""The file of the purse: its tables, its transactions, and amounts as SQLite can add them up."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from decimal import Decimal
from threading import RLock
from typing import TYPE_CHECKING, Final

from conformance.client.locks import locked
from conformance.client.stakes import UnwritablePurseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PURSE_FILE: Final = "purse.sqlite"
# SQLite adds up integers exactly: amounts are kept as millionths of the unit.
_PARTS: Final = 1_000_000
_MOST_PARTS: Final = 10**15
_BUSY_SECONDS: Final = 60.0
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS run (
    run_id TEXT NOT NULL, base_url TEXT NOT NULL, system TEXT NOT NULL, unit TEXT NOT NULL,
    cap INTEGER NOT NULL, broken TEXT
);
CREATE TABLE IF NOT EXISTS admissions (
    id INTEGER PRIMARY KEY, scenario TEXT NOT NULL, holder TEXT NOT NULL,
    peak INTEGER NOT NULL, brief INTEGER NOT NULL, ended INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS requests (
    id INTEGER PRIMARY KEY, admission INTEGER NOT NULL, holder TEXT NOT NULL, key TEXT, model TEXT NOT NULL,
    price INTEGER NOT NULL, alone INTEGER NOT NULL, refusal INTEGER NOT NULL, state TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY, admission INTEGER NOT NULL, key TEXT, model TEXT NOT NULL, price INTEGER NOT NULL,
    charged INTEGER, refunded INTEGER NOT NULL DEFAULT 0, earlier INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '', ended INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS acceptances (exchange TEXT NOT NULL, requirement TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS prices (model TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS unaffordable (scenario TEXT PRIMARY KEY, needed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS purchases (
    name TEXT PRIMARY KEY, key TEXT NOT NULL, holder TEXT NOT NULL, content BLOB, exchange TEXT
);
"""
# Of the columns of `tasks`, t. What an earlier run paid for costs this one nothing.
AT_STAKE: Final = (
    "(NOT t.earlier) * MAX(CASE WHEN t.ended THEN COALESCE(t.charged, t.price)"
    " ELSE MAX(COALESCE(t.charged, 0), t.price) END - t.refunded, 0)"
)


class Vault:
    """The file, open to all threads of a process; `on_failure` is told in a sentence that it can't be kept any more."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = RLock()
        self.on_failure: Callable[[str], None] = lambda _: None
        try:
            self._connection = _connection(path)
        except (sqlite3.DatabaseError, OSError) as error:
            raise UnwritablePurseError(f"{path} can't be kept: {error}.") from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def make_tables(self, do: Callable[..., sqlite3.Cursor]) -> None:
        """Make the tables that are not there yet, within a transaction."""
        for statement in _TABLES.split(";\n"):
            do(statement)

    @contextmanager
    def transaction(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
        """Carry statements out, all or none of them (raises `UnwritablePurseError`)."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection.execute
                self._connection.execute("COMMIT")
            except BaseException as error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.DatabaseError):
                    sentence = f"{self._path} can't be kept: {error}."
                    self.on_failure(sentence)
                    raise UnwritablePurseError(sentence) from error
                raise


def _connection(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    # SQLite does not wait for others when it changes the mode: processes that begin together take turns.
    with locked(path.with_suffix(".opening")):
        connection.execute("PRAGMA journal_mode=WAL")
    # A reservation must be on disk before its request leaves.
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def check_readable(path: Path) -> None:
    """
    Make sure that a file is the purse of a run.

    Raises:
        UnwritablePurseError: it is damaged.
    """
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            (sound,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            for statement in _TABLES.split(";\n")[:-1]:
                table = statement.split()[5]
                connection.execute(f"SELECT * FROM {table} LIMIT 1").fetchone()  # noqa: S608 - a constant
    except (sqlite3.DatabaseError, OverflowError) as error:
        raise UnwritablePurseError(f"{path} can't be read: {error}.") from error
    if sound != "ok":
        raise UnwritablePurseError(f"{path} is damaged.")


def to_parts(amount: Decimal) -> int:
    """Rounded up, never below nothing, and within what SQLite can add up: a target may name any amount."""
    return min(max(0, int((amount * _PARTS).to_integral_value(rounding="ROUND_CEILING"))), _MOST_PARTS)


def to_optional_parts(amount: Decimal | None) -> int | None:
    """The same, None where there is no amount."""
    return None if amount is None else to_parts(amount)


def to_amount(parts: int) -> Decimal:
    """Back to the system's unit, rounded up."""
    return (Decimal(parts) / _PARTS).quantize(Decimal("0.0001"), rounding="ROUND_CEILING")
