"""Mutants whose wallet takes the wrong amount, or lets tasks be made that it can't pay."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from conformance.mutants.base import Mutant
from conformance.reference.beatra.errors import InsufficientBalanceError
from conformance.reference.beatra.services.catalogue import AUTO, Catalogue, Model
from conformance.reference.beatra.services.creation import Creator
from conformance.reference.beatra.services.money import UNITS_PER_CREDIT
from conformance.reference.beatra.services.wallet import Wallet

if TYPE_CHECKING:
    from conformance.reference.beatra.services.creation import Creation, Order
    from conformance.reference.parts.database import Database

_MOMENT_SECONDS = 0.2


class UnknownCodeError(InsufficientBalanceError):
    """The account can't pay, told with a code of one's own."""

    code = "payment_required"


class TakesFee(Wallet):
    """Moves a credit more than the price, in both directions."""

    def debit(self, tenant_id: str, amount: int) -> None:
        """Take a fee as well."""
        super().debit(tenant_id, amount)
        super().refund(tenant_id, -UNITS_PER_CREDIT)

    def refund(self, tenant_id: str, amount: int) -> None:
        """Give the fee back as well."""
        super().refund(tenant_id, amount + UNITS_PER_CREDIT)


class PaysLater(Wallet):
    """Debits when the task ends; until then the price is only set aside."""

    def __init__(self, database: Database) -> None:
        """Keep hold of the database, to see what goes on."""
        super().__init__(database)
        self._tasks = database

    def balance(self, tenant_id: str) -> int:
        """Count what is set aside as still there."""
        statement = "SELECT SUM(charged) AS held FROM tasks WHERE tenant_id = ? AND status IN ('queued', 'running')"
        row = self._tasks.row(statement, (tenant_id,))
        return super().balance(tenant_id) + int((row and row["held"]) or 0)


class RoundsBalance(Wallet):
    """Compares whole credits."""

    def debit(self, tenant_id: str, amount: int) -> None:
        """Take the price as soon as the rounded balance suffices."""
        if round(self.balance(tenant_id) / UNITS_PER_CREDIT) * UNITS_PER_CREDIT < amount:
            raise InsufficientBalanceError("The balance is too low.")
        self.refund(tenant_id, -amount)


class OwnCode(Wallet):
    """Has a code of its own for an empty wallet."""

    def debit(self, tenant_id: str, amount: int) -> None:
        """Refuse with another code."""
        try:
            super().debit(tenant_id, amount)
        except InsufficientBalanceError as error:
            raise UnknownCodeError(str(error)) from error


class WantsMore(Wallet):
    """Refuses to empty a wallet."""

    def debit(self, tenant_id: str, amount: int) -> None:
        """Take the price only when something is left."""
        if self.balance(tenant_id) == amount:
            raise InsufficientBalanceError("The balance is too low.")
        super().debit(tenant_id, amount)


class KeepsReserve(Wallet):
    """Wants a credit to stay."""

    def debit(self, tenant_id: str, amount: int) -> None:
        """Take the price only when a credit is left."""
        if self.balance(tenant_id) < amount + UNITS_PER_CREDIT:
            raise InsufficientBalanceError("The balance is too low.")
        super().debit(tenant_id, amount)


class RemembersBalance(Wallet):
    """Looks a balance up once in a while."""

    def __init__(self, database: Database) -> None:
        """Start with nothing seen."""
        super().__init__(database)
        self._seen: dict[str, tuple[float, int]] = {}

    def set_balance(self, tenant_id: str, amount: int) -> None:
        """Forget what was seen before."""
        self._seen.pop(tenant_id, None)
        super().set_balance(tenant_id, amount)

    def debit(self, tenant_id: str, amount: int) -> None:
        """Compare the price with the balance that was seen a moment ago."""
        seen_at, balance = self._seen.get(tenant_id, (0.0, 0))
        if time.monotonic() - seen_at > _MOMENT_SECONDS:
            balance = self.balance(tenant_id)
            self._seen[tenant_id] = (time.monotonic(), balance)
        if balance < amount:
            raise InsufficientBalanceError("The balance is too low.")
        self.take(tenant_id, amount)

    def take(self, tenant_id: str, amount: int) -> None:
        """Book the price."""
        self.refund(tenant_id, -amount)


class StopsAtZero(RemembersBalance):
    """Is never overdrawn, because what is not there is not booked."""

    def take(self, tenant_id: str, amount: int) -> None:
        """Book as much of the price as is there."""
        self.refund(tenant_id, -min(amount, self.balance(tenant_id)))


@dataclass(frozen=True, kw_only=True)
class TakesTheRest(Creator):
    """Takes what it can get."""

    def create(self, order: Order) -> Creation:
        """Empty the wallet of who can't pay."""
        try:
            return super().create(order)
        except InsufficientBalanceError:
            self.wallet.set_balance(order.tenant_id, 0)
            raise


@dataclass(frozen=True, kw_only=True)
class MakesTaskFirst(Creator):
    """Makes the task before it asks for the money."""

    def create(self, order: Order) -> Creation:
        """Leave the task of who can't pay where it is."""
        try:
            return super().create(order)
        except InsufficientBalanceError:
            balance = self.wallet.balance(order.tenant_id)
            price = self.catalogue.resolve(order.model).price
            self.wallet.set_balance(order.tenant_id, price)
            super().create(replace(order, attempt=None))
            self.wallet.set_balance(order.tenant_id, balance)
            raise


@dataclass(frozen=True, kw_only=True)
class RemembersRefusals(Creator):
    """Answers a key as it did before."""

    refused: set[tuple[str, str]] = field(default_factory=set)

    def create(self, order: Order) -> Creation:
        """Refuse a key that was refused once."""
        name = (order.tenant_id, order.attempt.key if order.attempt else "")
        if name in self.refused:
            raise InsufficientBalanceError("The balance is too low.")
        try:
            return super().create(order)
        except InsufficientBalanceError:
            self.refused.add(name)
            raise


class DearLyrics(Creator):
    """Charges a tenth more for songs of suno-5.5 that come with lyrics."""

    def make(self, order: Order, now: int) -> str:
        """Take the price from a list of its own."""
        if not order.input.get("lyrics") or order.model != self.catalogue.models[0].name:
            return super().make(order, now)
        return replace(self, catalogue=DearCatalogue()).plainly(order, now)

    def plainly(self, order: Order, now: int) -> str:
        """Make the task at the prices of the catalogue."""
        return super().make(order, now)


class DearCatalogue(Catalogue):
    """Has a higher price for suno-5.5."""

    models: tuple[Model, ...] = (replace(Catalogue.models[0], price=88 * UNITS_PER_CREDIT), Catalogue.models[1])


class CheapCatalogue(Catalogue):
    """Has a lower price for suno-5.5."""

    models: tuple[Model, ...] = (replace(Catalogue.models[0], price=60 * UNITS_PER_CREDIT), Catalogue.models[1])


class CheapCovers(Creator):
    """Charges less for covers of suno-5.5."""

    def make(self, order: Order, now: int) -> str:
        """Take the price from a list of its own."""
        if order.capability != "reference_audio_to_music":
            return super().make(order, now)
        return replace(self, catalogue=CheapCatalogue()).plainly(order, now)

    def plainly(self, order: Order, now: int) -> str:
        """Make the task at the prices of the catalogue."""
        return super().make(order, now)


class DearAuto(Catalogue):
    """Takes money for choosing."""

    def resolve(self, requested: str) -> Model:
        """Add a tenth to the price of what was chosen."""
        model = super().resolve(requested)
        return replace(model, price=model.price * 11 // 10) if requested == AUTO else model


class AutoAtLowestPrice(Catalogue):
    """Looks the price up before the choice is made."""

    def resolve(self, requested: str) -> Model:
        """Choose one model at the price of the other."""
        model = super().resolve(requested)
        return replace(model, price=self.models[1].price) if requested == AUTO else model


MUTANTS = (
    Mutant(
        id="debit-with-fee",
        breaks="BEATRA-MONEY-01",
        story="A fee is debited with the price, which neither the task nor the completion shows.",
        cast={"wallet": TakesFee},
        consequences={"BEATRA-CHAT-12": "a completion is debited by the same wallet"},
    ),
    Mutant(
        id="debit-at-the-end",
        breaks="BEATRA-MONEY-01",
        story="The price is set aside when the task is created, and debited when it ends.",
        cast={"wallet": PaysLater},
    ),
    Mutant(
        id="dear-lyrics",
        breaks="BEATRA-MONEY-03",
        story="The provider charges more for songs with lyrics, and the difference is handed on.",
        cast={"creator": DearLyrics},
    ),
    Mutant(
        id="cheap-covers",
        breaks="BEATRA-MONEY-03",
        story="Covers were on offer while they were new, and the offer was never ended.",
        cast={"creator": CheapCovers},
    ),
    Mutant(
        id="balance-rounded",
        breaks="BEATRA-MONEY-15",
        story="The balance is compared in whole credits, so that almost enough is enough.",
        cast={"wallet": RoundsBalance},
    ),
    Mutant(
        id="shortage-with-own-code",
        breaks="BEATRA-MONEY-15",
        story="The refusal has the code of the billing service instead of the documented one.",
        cast={"wallet": OwnCode},
    ),
    Mutant(
        id="shortage-takes-the-rest",
        breaks="BEATRA-MONEY-16",
        story="What is left in the wallet is taken although the task is refused.",
        cast={"creator": TakesTheRest},
    ),
    Mutant(
        id="shortage-leaves-task",
        breaks="BEATRA-MONEY-16",
        story="The task is stored before the debit, and stays when the debit fails.",
        cast={"creator": MakesTaskFirst},
    ),
    Mutant(
        id="last-credit-refused",
        breaks="BEATRA-MONEY-17",
        story="The balance is compared with `>` instead of `>=`.",
        cast={"wallet": WantsMore},
    ),
    Mutant(
        id="reserve-kept",
        breaks="BEATRA-MONEY-17",
        story="A credit must stay in the wallet, which no document says.",
        cast={"wallet": KeepsReserve},
    ),
    Mutant(
        id="shortage-remembered",
        breaks="BEATRA-MONEY-18",
        story="The refusal is stored under the key and replayed after the top-up.",
        cast={"creator": RemembersRefusals},
    ),
    Mutant(
        id="overdrawn-in-parallel",
        breaks="BEATRA-MONEY-19",
        story="The balance is checked against a copy that is a moment old.",
        cast={"wallet": RemembersBalance},
    ),
    Mutant(
        id="unpaid-in-parallel",
        breaks="BEATRA-MONEY-19",
        story="The balance is checked against an old copy, and the debit stops at zero.",
        cast={"wallet": StopsAtZero},
    ),
    Mutant(
        id="auto-with-surcharge",
        breaks="BEATRA-MONEY-21",
        story="Leaving the choice to the gateway costs a tenth more.",
        cast={"catalogue": DearAuto},
    ),
    Mutant(
        id="auto-at-lowest-price",
        breaks="BEATRA-MONEY-21",
        story="The price is looked up before the model is chosen.",
        cast={"catalogue": AutoAtLowestPrice},
    ),
)
