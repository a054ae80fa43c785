"""The prepaid wallet of an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.reference.beatra.errors import InsufficientBalanceError

if TYPE_CHECKING:
    from conformance.reference.parts.database import Database


class Wallet:
    """Moves credits, counted in ten-thousandths; the caller's transaction decides what belongs together."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def balance(self, tenant_id: str) -> int:
        """What the account can spend."""
        row = self._database.row("SELECT balance FROM tenants WHERE tenant_id = ?", (tenant_id,))
        return 0 if row is None else int(row["balance"])

    def set_balance(self, tenant_id: str, amount: int) -> None:
        """Make the account hold exactly this much."""
        self._database.change("UPDATE tenants SET balance = ? WHERE tenant_id = ?", (amount, tenant_id))

    def debit(self, tenant_id: str, amount: int) -> None:
        """Take the price of a task; raises InsufficientBalanceError and takes nothing when there is less."""
        taken = self._database.change(
            "UPDATE tenants SET balance = balance - :amount WHERE tenant_id = :tenant AND balance >= :amount",
            {"amount": amount, "tenant": tenant_id},
        )
        if not taken:
            raise InsufficientBalanceError("The balance is too low to create this task; nothing was charged.")

    def refund(self, tenant_id: str, amount: int) -> None:
        """Give back the price of a task."""
        self._database.change("UPDATE tenants SET balance = balance + ? WHERE tenant_id = ?", (amount, tenant_id))
