"""Putting a process's guard together: none for play money, else the purse that all processes of the run share."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.client.budget import ANY, Tier, price_of
from conformance.client.cashier import Cashier
from conformance.client.guard import PlayMoney, RealMoney
from conformance.client.holders import Holder
from conformance.client.purchases import Purchases
from conformance.client.purse import Purse
from conformance.client.stopping import StopSignal
from conformance.client.vault import PURSE_FILE

if TYPE_CHECKING:
    from conformance.client.guard import Guard
    from conformance.contract.contract import Contract
    from conformance.plugin.settings import RunSettings


@dataclass(frozen=True, slots=True)
class Till:
    """What a process needs to spend somebody's money; for play money there is a guard only."""

    guard: Guard
    purchases: Purchases | None = None
    purse: Purse | None = None
    holder: Holder | None = None
    stopping: StopSignal = field(default_factory=StopSignal)

    def close(self) -> None:
        """Give up all leases and close the purse."""
        if self.holder is not None:
            self.holder.close()
        if self.purse is not None:
            self.purse.close()


def till_of(settings: RunSettings, worker: str, contract: Contract, stopping: StopSignal) -> Till:
    """The till of one process; one that can't keep its book ends the run, and its leases so that no other waits."""
    if settings.play:
        return Till(PlayMoney(settings.tier), stopping=stopping)
    purse = purse_of(settings, contract)
    holder = Holder(settings.path, worker)
    purse.on_failure(stopping.fail)
    stopping.give_up = holder.close
    cashier = Cashier(purse, contract, settings.base_url.rstrip("/"))
    guard = RealMoney(settings.tier, purse, holder, cashier, sleep=stopping.sleep)
    return Till(guard, Purchases(purse, holder, sleep=stopping.sleep), purse, holder, stopping)


def purse_of(settings: RunSettings, contract: Contract) -> Purse:
    """The purse of the run, with what an earlier run paid for where this one repeats it."""
    pricing = contract.conventions.pricing
    first = not (settings.path / PURSE_FILE).exists()
    purse = Purse.open(
        settings.path,
        run_id=settings.run_id,
        base_url=settings.base_url,
        system=settings.system,
        unit=pricing.unit if pricing else "",
        cap=_cap(settings, contract),
    )
    earlier = Path(settings.repeats) / PURSE_FILE if settings.repeats else None
    # Without keys nothing can be asked for once more without buying it.
    if first and earlier is not None and earlier.exists() and contract.conventions.idempotency is not None:
        other = Purse(earlier)
        purse.inherit(other)
        other.close()
    return purse


def _cap(settings: RunSettings, contract: Contract) -> Decimal:
    """What may be spent: nothing when only reading; one task, should it be made against the documents; or the cap."""
    pricing = contract.conventions.pricing
    if settings.tier is Tier.READ or pricing is None:
        return Decimal(0)
    if settings.tier is Tier.FREE:
        return price_of(ANY, pricing.known)
    return Decimal(settings.max_credits or 0)
