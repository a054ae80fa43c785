"""What a scenario may spend at most: declared next to it, quoted before a run, held by the guard while it is on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from conformance.contract.operations import ANY_VALUE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# Stands for a model that the target chooses: priced as the dearest one until it is known.
ANY: Final = ANY_VALUE
# The options of the command line that say what may be spent at a target.
REMEDIES: Final = "--play-money if the account's money is worthless, --max-credits N or --max-purchases N"


class Tier(IntEnum):
    """
    How much a run may spend at the target; each tier includes those before it.

    `read` creates nothing. `free` also asks for what must be refused. `paid` also buys, up to a cap. `play` is for
    what only worthless money can pay for, or only the control interface can do.
    """

    READ = 0
    FREE = 1
    PAID = 2
    PLAY = 3

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """
    The tasks that a scenario asks for, by the models that they are asked of.

    - `tier` is the lowest in which it is carried out; what a tier does not allow it leaves out by itself.
    - `keeps` shall succeed and are paid for.
    - `spends` are answered at once and paid for, each for itself.
    - `cancels` are cancelled and cost nothing where that is honoured; at most `open_at_once` of them are open, or asked
      for, at the same time.
    - `repeats` counts requests that repeat the key of a task that is open: they might make another one.
    - `refused` is a number of requests that must be refused, and `demanded_by` the requirement that says so. `doubtful`
      means that no document of the first rank does: an acceptance is a cost as that of a task that is cancelled, and
      ends no spending. The scenario leaves the rest out after `most_accepted` of them (None: it sends all). `followed`
      means that an acceptance decides nothing, as only the end of the task does: it is let go on where something may be
      bought, and is paid for if it succeeds.
    - `requests` is about how many there are of all kinds, apart from looking at tasks until they end.
    """

    tier: Tier = Tier.READ
    keeps: tuple[str, ...] = ()
    spends: tuple[str, ...] = ()
    cancels: tuple[str, ...] = ()
    refused: int = 0
    doubtful: bool = False
    followed: bool = False
    most_accepted: int | None = None
    demanded_by: str | None = None
    open_at_once: int = 1
    repeats: int = 0
    requests: int = 0

    def without(self, kept: Collection[str]) -> Budget:
        """What is left of it when tasks of these models are bought already."""
        return replace(self, keeps=tuple(model for model in self.keeps if model not in kept))

    def payable(self, unpriced: Collection[str]) -> Budget:
        """What is left of it where some operations are not sent, as what they cost is not known."""
        left = tuple(model for model in self.spends if model not in unpriced)
        return replace(self, spends=left, requests=self.requests - len(self.spends) + len(left))

    def net(self, prices: Mapping[str, Decimal]) -> Decimal:
        """What it costs when refunds and cancellations are honoured."""
        return sum((price_of(model, prices) for model in (*self.keeps, *self.spends)), Decimal(0))

    @property
    def acceptances(self) -> int:
        """How many of the requests whose refusal is in doubt may cost."""
        return min(self.refused, self.most_accepted or self.refused) if self.doubtful else 0

    def worst(self, prices: Mapping[str, Decimal]) -> Decimal:
        """
        What it costs when no refund and no cancellation is honoured.

        Of the requests that must be refused at most one can cost: the first that is accepted ends all others. Only
        those whose refusal is in doubt can cost more often.
        """
        accepted = price_of(ANY, prices) * (self.acceptances or min(self.refused, 1))
        return self.net(prices) + sum((price_of(model, prices) for model in self.cancels), accepted)

    def peak(self, prices: Mapping[str, Decimal]) -> Decimal:
        """The most that is at stake at any moment when refunds and cancellations are honoured."""
        dearest = sorted((price_of(model, prices) for model in self.cancels), reverse=True)
        repeated = self.repeats * max(dearest, default=price_of(ANY, prices))
        followed = price_of(ANY, prices) * self.refused if self.followed else Decimal(0)
        return self.net(prices) + sum(dearest[: self.open_at_once], Decimal(0)) + repeated + followed


def out_of_reach(needed: Tier, given: Tier) -> str:
    """Why a run of the tier that is given does not do what needs the other one, as a sentence without its end."""
    if needed is Tier.PLAY:
        return (
            "needs play money (a control interface with a wallet, or --play-money if the account's money is worthless)"
        )
    option = REMEDIES if needed is Tier.PAID else f"--tier {needed}"
    return f"needs the tier {needed} ({option}); this run's tier is {given}"


def price_of(model: str | None, prices: Mapping[str, Decimal]) -> Decimal:
    """The price of a model; that of the dearest where the model or its price is not known."""
    known = prices.get(model) if model is not None else None
    return known if known is not None else max(prices.values(), default=Decimal(0))


def reads(requests: int = 0) -> Budget:
    """Only safe requests."""
    return Budget(requests=requests)


def harmless(requests: int = 0) -> Budget:
    """Requests that change something but cost nothing: uploads, cancellations of what is not there."""
    return Budget(tier=Tier.FREE, requests=requests)


def refuses(
    refused: int,
    requests: int = 0,
    *,
    demanded_by: str | None = None,
    tier: Tier = Tier.FREE,
    doubtful: bool = False,
    most_accepted: int | None = None,
) -> Budget:
    """Requests that must be refused; with the tier `read` for scenarios that also have reads to judge."""
    return Budget(
        tier=tier,
        refused=refused,
        doubtful=doubtful,
        most_accepted=most_accepted,
        demanded_by=demanded_by,
        requests=requests,
    )


def refuses_in_the_end(refused: int, requests: int = 0) -> Budget:
    """Requests that must be refused, or whose tasks must not succeed."""
    return Budget(tier=Tier.FREE, refused=refused, doubtful=True, followed=True, requests=requests)


def spends(*models: str, requests: int = 0) -> Budget:
    """Requests that are answered at once and paid for."""
    return Budget(tier=Tier.PAID, spends=models, requests=requests)


def cancels(*models: str, open_at_once: int = 1, refused: int = 0, requests: int = 0) -> Budget:
    """Tasks that are cancelled before they are done."""
    return Budget(tier=Tier.PAID, cancels=models, refused=refused, open_at_once=open_at_once, requests=requests)


def keeps(
    *models: str, cancelled: tuple[str, ...] = (), open_at_once: int = 1, repeats: int = 0, requests: int = 0
) -> Budget:
    """Tasks that succeed and are paid for."""
    return Budget(
        tier=Tier.PAID,
        keeps=models,
        cancels=cancelled,
        open_at_once=open_at_once,
        repeats=repeats,
        requests=requests,
    )


PLAY: Final = Budget(tier=Tier.PLAY)
