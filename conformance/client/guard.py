"""The money guard: asked before every request, told about every answer."""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from conformance.client.budget import REMEDIES, Budget, Tier, out_of_reach
from conformance.client.errors import NotOfferedError, SpendRefusedError
from conformance.client.stakes import PurseBrokenError, UnaffordableError
from conformance.contract.document import SAFE_METHODS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from conformance.client.building import Prepared
    from conformance.client.cashier import Cashier
    from conformance.client.holders import Holder
    from conformance.client.purse import Purse
    from conformance.client.sightings import Sightings
    from conformance.client.stakes import Reservation, Seen
    from conformance.contract.conventions import Money
    from conformance.journal.records import Exchange

T = TypeVar("T")
_SERVER_FAULT: Final = 500
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS, _PAUSE_GROWTH = 0.01, 0.5, 1.5
# When money is short: how long to wait for refunds, which no document dates.
_LOOKS_SECONDS: Final = (0, 1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request that the guard let through; with a reservation where it may cost something."""

    reservation: Reservation | None = None


class Guard(Protocol):
    """Decides what may be sent. Every ticket is settled or given back."""

    def admit(self, scenario: str, budget: Budget) -> AbstractContextManager[None]:
        """
        Let a scenario begin that spends no more than its budget, and end what it leaves behind.

        Raises:
            NotOfferedError: the run's tier does not go so far.
            SpendRefusedError: its budget does not fit any more.
        """

    def reserve(self, prepared: Prepared) -> Ticket:
        """
        Set aside what the request may cost at worst.

        Raises:
            SpendRefusedError: it may not be sent.
        """

    def settle(self, ticket: Ticket, exchange: Exchange, ask: Callable[[Prepared], Exchange]) -> None:
        """Replace the reservation by what the answer shows; `ask` sends what has to be asked to know."""

    def give_back(self, ticket: Ticket) -> None:
        """The request was not sent after all."""

    def lose(self, ticket: Ticket) -> None:
        """The request was interrupted, so nobody knows what became of it."""


class PlayMoney:
    """The guard of a target whose money is worthless: everything may be sent that the tier allows."""

    def __init__(self, tier: Tier = Tier.PLAY) -> None:
        self._tier = tier

    @contextmanager
    def admit(self, scenario: str, budget: Budget) -> Iterator[None]:  # noqa: ARG002 - of any scenario
        """Let every scenario begin that the tier reaches."""
        reach(self._tier, budget)
        yield

    def reserve(self, prepared: Prepared) -> Ticket:  # noqa: ARG002 - whatever it is
        """Allow the request: nothing it can spend has a price."""
        return Ticket()

    def settle(self, ticket: Ticket, exchange: Exchange, ask: Callable[[Prepared], Exchange]) -> None:
        """Keep no account: the journal has every charge."""

    def give_back(self, ticket: Ticket) -> None:
        """Nothing was set aside."""

    def lose(self, ticket: Ticket) -> None:
        """Nothing was set aside."""


class RealMoney:
    """
    The guard of a target whose money is somebody's.

    A scenario begins when its peak fits under the cap beside all that is at stake, and its requests live on that. What
    creates something is sent only within a scenario that declared it.
    """

    def __init__(
        self,
        tier: Tier,
        purse: Purse,
        holder: Holder,
        cashier: Cashier,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._tier = tier
        self._purse = purse
        self._holder = holder
        self._cashier = cashier
        self._sleep = sleep

    @property
    def _sightings(self) -> Sightings:
        return self._cashier.sightings

    @property
    def _money(self) -> Money | None:
        return self._cashier.money

    @contextmanager
    def admit(self, scenario: str, budget: Budget) -> Iterator[None]:
        """Wait until the budget fits, hold it while the scenario is on, and cancel what it leaves under way."""
        reach(self._tier, budget)
        number = self._admitted(scenario, budget) if _spends(budget, self._tier) else None
        if number is None:
            yield
            return
        before = _ADMISSION.set(_Admission(number, _refusals_only(budget), budget.doubtful))
        try:
            with demanding(budget.demanded_by):
                yield
        finally:
            _ADMISSION.reset(before)
            self._cashier.close(number)
            self._purse.dismiss(number)

    def _admitted(self, scenario: str, budget: Budget) -> int | None:
        """The number of the admission; None where the scenario has reads to judge and nothing is left to spend."""
        if self._money is None or not self._money.prices:
            sentence = (
                f"no price is known, so nothing is asked for that may cost; use {REMEDIES} with [prices] in target.toml"
            )
            raise SpendRefusedError(sentence)
        prices = self._money.prices

        def try_to_admit() -> int | None:
            # What is bought once for the whole run costs only the scenario that comes first.
            left = budget.without(self._purse.kept_models())
            return self._purse.admit(
                scenario,
                left.peak(prices),
                brief=not budget.keeps,
                holder=self._holder.name,
                lives=self._holder.lives,
            )

        try:
            return self._when_possible(try_to_admit)
        except SpendRefusedError:
            if budget.tier is Tier.READ:
                return None
            raise

    def reserve(self, prepared: Prepared) -> Ticket:
        """Allow what can't create anything; set aside the price of what can."""
        if not self._sightings.creates(prepared):
            self._check_harmless(prepared)
            return Ticket()
        if self._tier is Tier.READ:
            raise SpendRefusedError(f"the tier {self._tier} creates nothing; in place of --tier use {REMEDIES}")
        admission = _ADMISSION.get()
        if admission is None:
            raise SpendRefusedError("nothing that may cost is sent outside of a scenario that declares it")
        model, price = self._sightings.model_and_price(prepared)

        def try_to_reserve() -> Reservation | None:
            return self._purse.reserve(
                admission.number,
                model,
                price,
                key=self._cashier.key_of(prepared),
                refusal=admission.refusals_only,
                doubtful=admission.doubtful,
                holder=self._holder.name,
                lives=self._holder.lives,
            )

        return Ticket(self._when_possible(try_to_reserve))

    def settle(self, ticket: Ticket, exchange: Exchange, ask: Callable[[Prepared], Exchange]) -> None:
        """Replace the reservation by the task that was made, or drop it where the target refused."""
        seen = self._sightings.task(exchange)
        reservation = ticket.reservation
        if reservation is None:
            if seen is not None:
                self._cashier.noticed(exchange, seen, ask)
        elif exchange.response is None or exchange.status >= _SERVER_FAULT or (exchange.ok and seen is None):
            self._purse.unknown(reservation, welcomed=exchange.response is not None and exchange.ok)
        elif not exchange.ok or seen is None:
            self._purse.settled(reservation, price_seen=False)
        else:
            self._accept(reservation, seen, exchange.id, ask)

    def _accept(self, reservation: Reservation, seen: Seen, exchange: str, ask: Callable[[Prepared], Exchange]) -> None:
        if not self._purse.accepted(reservation, seen, exchange=exchange, demanded_by=_DEMANDED_BY.get()):
            self._purse.unknown(reservation)
            return
        asked = False
        try:
            self._cashier.received(seen, ask, unwanted=reservation.refusal)
            asked = True
        finally:
            self._purse.settled(reservation, price_seen=asked)

    def give_back(self, ticket: Ticket) -> None:
        """Nothing of it can cost any more."""
        if ticket.reservation is not None:
            self._purse.settled(ticket.reservation, price_seen=False)

    def lose(self, ticket: Ticket) -> None:
        """What it may have cost stays at stake."""
        if ticket.reservation is not None:
            self._purse.unknown(ticket.reservation)

    def _check_harmless(self, prepared: Prepared) -> None:
        if prepared.method in SAFE_METHODS or self._sightings.cancels(prepared):
            return
        if self._tier is Tier.READ:
            raise SpendRefusedError(
                f"the target's money is real and the tier is {self._tier}, so {prepared.method} requests are not sent; "
                f"use --tier free, {REMEDIES}"
            )
        if prepared.operation is None and prepared.content:
            raise SpendRefusedError("what no document describes is asked with an empty body only, as money is real")

    def _when_possible(self, attempt: Callable[[], T | None]) -> T:
        """Try until it is possible, as others give back what they hold, or it is clear that it never will be."""
        pause = _FIRST_PAUSE_SECONDS
        looks = iter(_LOOKS_SECONDS)
        while True:
            try:
                result = attempt()
            except PurseBrokenError as error:
                raise SpendRefusedError(f"paid work has stopped: {error}") from error
            except UnaffordableError as error:
                # A refund may be on its way.
                wait = next(looks, None) if self._cashier.awaits_refunds() else None
                if wait is None:
                    raise SpendRefusedError(str(error)) from error
                self._sleep(wait)
                self._cashier.look_again()
                continue
            if result is not None:
                return result
            self._sleep(pause)
            pause = min(pause * _PAUSE_GROWTH, _LONGEST_PAUSE_SECONDS)


@dataclass(frozen=True, slots=True)
class _Admission:
    number: int
    refusals_only: bool
    doubtful: bool


# The requirement that demands the refusal of what is sent.
_DEMANDED_BY: ContextVar[str | None] = ContextVar("demanded_by", default=None)


@contextmanager
def demanding(requirement_id: str | None) -> Iterator[None]:
    """Name the requirement that what is sent meanwhile is refused by; None leaves it as it was."""
    before = _DEMANDED_BY.set(requirement_id or _DEMANDED_BY.get())
    try:
        yield
    finally:
        _DEMANDED_BY.reset(before)


# The scenario that is on; threads that it starts are in it as well.
_ADMISSION: ContextVar[_Admission | None] = ContextVar("admission", default=None)


def _refusals_only(budget: Budget) -> bool:
    return not (budget.keeps or budget.cancels)


def _spends(budget: Budget, tier: Tier) -> bool:
    """Whether the scenario may ask for anything that has a price."""
    if tier is Tier.FREE:
        return bool(budget.refused) and _refusals_only(budget)
    return tier > Tier.FREE and bool(budget.keeps or budget.cancels or budget.refused)


def reach(tier: Tier, budget: Budget) -> None:
    """Leave the verdict open where a run does not go as far as a scenario (raises `NotOfferedError`)."""
    if budget.tier <= tier:
        return
    raise NotOfferedError(out_of_reach(budget.tier, tier))
