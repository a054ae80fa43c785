"""What a test may do to an account: put time ahead, stop tasks, start over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.reference.beatra.services.accounts import Accounts
    from conformance.reference.beatra.services.artifacts import Artifacts
    from conformance.reference.beatra.services.idempotency import Idempotency
    from conformance.reference.beatra.services.lifecycle import Lifecycle
    from conformance.reference.beatra.services.overrides import Overrides
    from conformance.reference.beatra.services.rehosting import Rehosting
    from conformance.reference.beatra.services.tasks import Tasks
    from conformance.reference.beatra.services.wallet import Wallet
    from conformance.reference.parts.database import Database


@dataclass(frozen=True, kw_only=True)
class Control:
    """Acts on the caller's account, or on all accounts when `shared`."""

    database: Database
    accounts: Accounts
    wallet: Wallet
    tasks: Tasks
    artifacts: Artifacts
    idempotency: Idempotency
    overrides: Overrides
    lifecycle: Lifecycle
    rehosting: Rehosting
    shared: bool
    starting_balance: int

    async def advance(self, tenant_id: str, microseconds: int) -> None:
        """Put the clock ahead and let everything happen that is due by then."""
        # Reference audio that is still on its way arrives before the leap, as it would in real time.
        await self.rehosting.finish()
        self.overrides.advance_clock(tenant_id, microseconds)
        self._settle(tenant_id)

    def hold(self, tenant_id: str, state: str | None) -> None:
        """Stop tasks in a state; those that stood still in another one go on from now."""
        self._settle(tenant_id)
        with self.database.transaction():
            released = self.overrides.hold(tenant_id)
            self.overrides.set_hold(tenant_id, state)
            if released is not None and released != state:
                for reached in self._reached(tenant_id):
                    self.lifecycle.release(reached, released)

    def reset(self, tenant_id: str) -> None:
        """Forget tasks, artifacts, keys' uses and all changes, and restore the balance."""
        with self.database.transaction():
            self.overrides.clear(tenant_id)
            for reached in self._reached(tenant_id):
                self.tasks.forget(reached)
                self.artifacts.forget(reached)
                self.idempotency.forget(reached)
                self.wallet.set_balance(reached, self.starting_balance)

    def _settle(self, tenant_id: str) -> None:
        for reached in self._reached(tenant_id):
            self.lifecycle.settle(reached)

    def _reached(self, tenant_id: str) -> list[str]:
        return self.accounts.all_tenants() if self.shared else [tenant_id]
