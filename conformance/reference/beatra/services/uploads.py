"""Uploading a file: idempotency and the artifact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.reference.beatra.services.artifacts import Artifact, Artifacts, Incoming
    from conformance.reference.beatra.services.idempotency import Attempt, Idempotency
    from conformance.reference.beatra.services.overrides import AccountClock
    from conformance.reference.parts.database import Database


@dataclass(frozen=True, kw_only=True)
class Uploads:
    """Turns uploaded files into artifacts."""

    database: Database
    artifacts: Artifacts
    idempotency: Idempotency
    clock: AccountClock

    def keep(self, tenant_id: str, incoming: Incoming, attempt: Attempt | None) -> Artifact:
        """Store the file, or return the artifact of an earlier attempt; raises IdempotencyConflictError."""
        with self.database.transaction():
            now = self.clock.now(tenant_id)
            known = self._recall(tenant_id, attempt, now)
            if known is not None:
                return known
            artifact = self.artifacts.keep(tenant_id, incoming, now)
            if attempt is not None:
                self.idempotency.remember(attempt, artifact.artifact_id, now)
            return artifact

    def _recall(self, tenant_id: str, attempt: Attempt | None, now: int) -> Artifact | None:
        known = None if attempt is None else self.idempotency.recall(attempt, now)
        return None if known is None else self.artifacts.owned(tenant_id, known)
