"""One SQLite database in memory, shared by all requests, in which every transaction stands alone."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Row = sqlite3.Row
Values = tuple[Any, ...] | dict[str, Any]


class Database:
    """
    A connection with a lock: who is inside `transaction` is alone in the database.

    Transactions begin IMMEDIATE, so a read inside one is never overtaken by another's write.
    """

    def __init__(self, schema: str) -> None:
        """Create an empty database with the tables that `schema` (SQL) makes."""
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(schema)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all statements of the block, or none when it raises; a block inside a block joins it."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def change(self, statement: str, values: Values = ()) -> int:
        """Run a statement that writes, and say how many rows it touched."""
        with self._lock:
            return self._connection.execute(statement, values).rowcount

    def insert(self, table: str, values: Mapping[str, Any]) -> None:
        """Add one row; the names of the columns come from our own code, never from a request."""
        columns = ", ".join(values)
        places = ", ".join(f":{name}" for name in values)
        statement = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608 - see above
        self.change(statement, dict(values))

    def row(self, statement: str, values: Values = ()) -> Row | None:
        """Return the first row of a query, None when there is none."""
        with self._lock:
            found: Row | None = self._connection.execute(statement, values).fetchone()
            return found

    def rows(self, statement: str, values: Values = ()) -> list[Row]:
        """Return all rows of a query."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def close(self) -> None:
        """Forget everything."""
        self._connection.close()
