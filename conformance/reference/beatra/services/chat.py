"""Completions and their money: a model answers first, and the wallet pays for what it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.reference.beatra.errors import InsufficientBalanceError
from conformance.reference.beatra.services.money import UNITS_PER_CREDIT

if TYPE_CHECKING:
    from conformance.reference.beatra.services.texts import Completion, Question, Writer
    from conformance.reference.beatra.services.wallet import Wallet
    from conformance.reference.parts.database import Database

PROMPT_TOKEN = UNITS_PER_CREDIT // 100
COMPLETION_TOKEN = UNITS_PER_CREDIT // 20
"""What a token costs, in ten-thousandths of a credit."""


@dataclass(frozen=True, kw_only=True)
class Chat:
    """Has questions answered, and charges for answers."""

    database: Database
    wallet: Wallet
    writer: Writer

    def answer(self, question: Question) -> Completion:
        """The completion, not yet paid; raises InsufficientBalanceError."""
        completion = self.writer.write(question)
        if self.wallet.balance(question.tenant_id) < self.price(completion):
            raise InsufficientBalanceError("The balance is too low for this completion; nothing was charged.")
        return completion

    def price(self, completion: Completion) -> int:
        """What a completion costs."""
        return completion.prompt_tokens * PROMPT_TOKEN + completion.completion_tokens * COMPLETION_TOKEN

    def charge(self, tenant_id: str, completion: Completion) -> int:
        """Take the price of a completion that was delivered; returns it. Raises InsufficientBalanceError."""
        price = self.price(completion)
        with self.database.transaction():
            self.wallet.debit(tenant_id, price)
        return price
