"""What a test may do to an account: put time ahead, start over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.reference.beatra.services.accounts import Accounts
    from conformance.reference.beatra.services.overrides import Overrides
    from conformance.reference.minimax.services.features import FeatureStore
    from conformance.reference.minimax.services.plans import Plans
    from conformance.reference.minimax.services.songs import Songs
    from conformance.reference.minimax.services.wallet import Wallet
    from conformance.reference.parts.database import Database


@dataclass(frozen=True, kw_only=True)
class Control:
    """Acts on the caller's account, or on all accounts when `shared`."""

    database: Database
    accounts: Accounts
    wallet: Wallet
    plans: Plans
    songs: Songs
    features: FeatureStore
    overrides: Overrides
    shared: bool
    starting_balance: int

    def reset(self, tenant_id: str) -> None:
        """Forget songs, features and all changes, and restore the balance."""
        with self.database.transaction():
            self.overrides.clear(tenant_id)
            for reached in self.accounts.all_tenants() if self.shared else [tenant_id]:
                self.songs.forget(reached)
                self.features.forget(reached)
                self.plans.limit(reached, None)
                self.wallet.set_balance(reached, self.starting_balance)
