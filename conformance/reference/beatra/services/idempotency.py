"""Idempotency keys: what was created with them, for as long as they are remembered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.reference.beatra.errors import IdempotencyConflictError
from conformance.reference.parts.clock import SECOND

if TYPE_CHECKING:
    from conformance.reference.parts.database import Database

WINDOW = 86_400 * SECOND
"""Microseconds for which a key is remembered."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request with an Idempotency-Key: whose it is, the operation's path, and a digest of its body."""

    tenant_id: str
    operation: str
    key: str
    fingerprint: str


class Idempotency:
    """Finds what an earlier attempt created; to be used inside the transaction that creates."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def recall(self, attempt: Attempt, now: int) -> str | None:
        """
        The id of what the same request created before, None when the key is new or no longer remembered.

        Raises IdempotencyConflictError when the key was used with another body.
        """
        row = self._database.row(
            "SELECT * FROM idempotency WHERE tenant_id = ? AND operation = ? AND key = ?",
            (attempt.tenant_id, self.scope(attempt), attempt.key),
        )
        if row is None or self.is_over(row["created_at"], now):
            return None
        if not self.is_same(row["fingerprint"], attempt):
            raise IdempotencyConflictError("The Idempotency-Key was already used with a different body.")
        resource_id: str = row["resource_id"]
        return resource_id

    def remember(self, attempt: Attempt, resource_id: str, now: int) -> None:
        """Keep what the attempt created, in place of what an expired one did."""
        self._database.change(
            "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?, ?)",
            (attempt.tenant_id, self.scope(attempt), attempt.key, attempt.fingerprint, resource_id, now),
        )

    def forget(self, tenant_id: str) -> None:
        """Forget all keys of an account."""
        self._database.change("DELETE FROM idempotency WHERE tenant_id = ?", (tenant_id,))

    def scope(self, attempt: Attempt) -> str:
        """Within which operations a key means the same."""
        return attempt.operation

    def is_over(self, created_at: int, now: int) -> bool:
        """Whether a key of that age is forgotten."""
        return now >= created_at + WINDOW

    def is_same(self, fingerprint: str, attempt: Attempt) -> bool:
        """Whether the attempt repeats the request that left this fingerprint."""
        return fingerprint == attempt.fingerprint
