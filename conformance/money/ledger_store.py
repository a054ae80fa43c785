"""The ledger's file: tables, transactions, amounts that SQLite can add up, entries as frozen values."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from conformance.client.locks import locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Reservation:
    """A request that may be sent, until it is settled: its number, and the most that it may cost."""

    number: int
    admission: int
    model: str
    price: Decimal
    key: str | None
    refusal: bool
    doubtful: bool


@dataclass(frozen=True, slots=True)
class TaskSnapshot:
    """What an answer shows of a task: amounts and state, None or empty where it does not show them."""

    task_id: str
    charged: Decimal | None = None
    refunded: Decimal | None = None
    state: str = ""
    ended: bool = False


@dataclass(frozen=True, slots=True)
class PurchasedTask:
    """
    A task of this run, with what it may have cost in the end, and whether it has ended.

    `kept` says that it was bought for good.
    """

    task_id: str
    admission: int
    scenario: str
    model: str
    at_stake: Decimal
    charged: Decimal | None
    refunded: Decimal
    state: str
    ended: bool
    kept: bool


@dataclass(frozen=True, slots=True)
class LedgerBalance:
    """
    The ledger at one moment; amounts are in the system's unit.

    `purchases` counts what was accepted and what may have been: how much was bought, whatever it cost.
    """

    unit: str
    cap: Decimal
    charged: Decimal
    refunded: Decimal
    exposure: Decimal
    broken: str | None
    purchases: int
    unaffordable: tuple[tuple[str, Decimal], ...]


class BreakerTrippedError(Exception):
    """Something cost more than it may, or was accepted that must be refused: nothing more is spent."""


class UnwritableLedgerError(Exception):
    """The ledger's file can't be read or written; the message is one sentence for the user."""


class OverCapError(Exception):
    """What is asked for does not fit under the cap; the amounts are in the system's unit."""

    def __init__(self, needed: Decimal, left: Decimal) -> None:
        super().__init__(f"needs {needed:f}, of which the cap leaves {max(left, Decimal(0)):f}")
        self.needed = needed
        self.left = left


LEDGER_FILE: Final = "ledger.sqlite"
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


class LedgerStore:
    """The file, open to all threads of a process; `on_failure` gets one sentence when it can't be written any more."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = RLock()
        self.on_failure: Callable[[str], None] = lambda _: None
        try:
            self._connection = _connection(path)
        except (sqlite3.DatabaseError, OSError) as error:
            raise UnwritableLedgerError(f"{path} can't be kept: {error}.") from error

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
        """Carry statements out, all or none of them (raises `UnwritableLedgerError`)."""
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
                    raise UnwritableLedgerError(sentence) from error
                raise


def _connection(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    # SQLite does not wait for a lock when it changes the mode: processes that begin together take turns.
    with locked(path.with_suffix(".opening")):
        connection.execute("PRAGMA journal_mode=WAL")
    # A reservation must be on disk before its request leaves.
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def check_readable(path: Path) -> None:
    """
    Make sure that a file is the ledger of a run.

    Raises:
        UnwritableLedgerError: it is damaged.
    """
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            (sound,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            for statement in _TABLES.split(";\n")[:-1]:
                table = statement.split()[5]
                connection.execute(f"SELECT * FROM {table} LIMIT 1").fetchone()  # noqa: S608 - a constant
    except (sqlite3.DatabaseError, OverflowError) as error:
        raise UnwritableLedgerError(f"{path} can't be read: {error}.") from error
    if sound != "ok":
        raise UnwritableLedgerError(f"{path} is damaged.")


def to_parts(amount: Decimal) -> int:
    """Millionths of the unit, rounded up, from 0 to what SQLite can add up: a target may name any amount."""
    return min(max(0, int((amount * _PARTS).to_integral_value(rounding="ROUND_CEILING"))), _MOST_PARTS)


def to_optional_parts(amount: Decimal | None) -> int | None:
    """The same, None where there is no amount."""
    return None if amount is None else to_parts(amount)


def to_amount(parts: int) -> Decimal:
    """Back to the system's unit, rounded up."""
    return (Decimal(parts) / _PARTS).quantize(Decimal("0.0001"), rounding="ROUND_CEILING")


@dataclass(frozen=True, slots=True)
class LedgerSnapshot:
    """What the run has spent net and may have at stake, in the unit of the system."""

    spent: Decimal
    cap: Decimal
    unit: str


def ledger_snapshot(path: Path) -> LedgerSnapshot | None:
    """The ledger as it was committed last; None where there is none, or it can't be read at this moment."""
    try:
        # Read only and without waiting: writers open the ledger under a lock and take turns.
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=0)) as connection:
            unit, cap = connection.execute("SELECT unit, cap FROM run").fetchone()
            (spent,) = connection.execute(
                "SELECT COALESCE(SUM(charged), 0) - COALESCE(SUM(refunded), 0) FROM tasks WHERE NOT earlier"
            ).fetchone()
    except (sqlite3.Error, TypeError):  # no file, no tables or no row yet
        return None
    return LedgerSnapshot(to_amount(spent), to_amount(cap), unit)


def to_purchased_task(row: tuple[Any, ...]) -> PurchasedTask:
    """A task from its row, with what it may have cost in the end."""
    task_id, admission, scenario, model, charged, refunded, state, ended, at_stake, kept = row
    return PurchasedTask(
        task_id=task_id,
        admission=admission,
        scenario=scenario,
        model=model,
        at_stake=to_amount(at_stake),
        charged=None if charged is None else to_amount(charged),
        refunded=to_amount(refunded),
        state=state,
        ended=bool(ended),
        kept=bool(kept),
    )
