"""The prepaid wallet of an account."""

from __future__ import annotations

from conformance.reference.beatra.errors import InsufficientBalanceError as EmptyWalletError
from conformance.reference.beatra.services.wallet import Wallet as SharedWallet
from conformance.reference.minimax.errors import InsufficientBalanceError


class Wallet(SharedWallet):
    """Moves credits, counted in ten-thousandths."""

    def debit(self, tenant_id: str, amount: int) -> None:
        """Take the price of a request; raises InsufficientBalanceError and takes nothing when there is less."""
        try:
            super().debit(tenant_id, amount)
        except EmptyWalletError as problem:
            raise InsufficientBalanceError from problem
