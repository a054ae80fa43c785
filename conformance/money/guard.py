"""The money guard: asked before every request, told about every answer."""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from conformance.client.client import RequestGuard
from conformance.client.errors import NotOfferedError, ReservationError
from conformance.contract.document import SAFE_METHODS
from conformance.contract.outcomes import Outcome
from conformance.money.budget import REMEDIES, Budget, Tier, out_of_reach
from conformance.money.ledger_store import BreakerTrippedError, OverCapError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from decimal import Decimal

    from conformance.client.locks import ProcessLease
    from conformance.client.request import PreparedRequest
    from conformance.journal.records import Exchange
    from conformance.money.charges import ChargeReader, ChargeTracker
    from conformance.money.ledger import SpendLedger
    from conformance.money.ledger_store import Reservation, TaskSnapshot

T = TypeVar("T")
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS, _PAUSE_GROWTH = 0.01, 0.5, 1.5
# When money is short: the pauses in which refunds are waited for; no document says when they come.
_REFUND_PAUSES_SECONDS: Final = (0, 1, 2, 4, 8)


class _RefundWait:
    """How long to wait for refunds: each gets the same time, also one that comes due while others are waited for."""

    def __init__(self) -> None:
        self._awaited: set[str] = set()
        self._pauses: Iterator[float] = iter(())
        self._none_was_due = False

    def pause(self, due: frozenset[str]) -> float | None:
        """For how many seconds to wait before the next look, None where that is in vain; `due` names tasks."""
        if not due:
            # What was due may have arrived just now, and what came in vain so far may be there after all.
            wait = None if self._none_was_due else 0
            self._none_was_due = True
            return wait
        self._none_was_due = False
        if not due <= self._awaited:
            self._awaited |= due
            self._pauses = iter(_REFUND_PAUSES_SECONDS)
        return next(self._pauses, None)


@dataclass(frozen=True, slots=True)
class SpendPermit:
    """A request that the guard let through; with a reservation where it may cost something."""

    reservation: Reservation | None = None


class SpendGuard(RequestGuard[SpendPermit], Protocol):
    """Decides what may be sent, and which scenarios may begin."""

    def admit(self, scenario: str, budget: Budget) -> AbstractContextManager[None]:
        """
        Let a scenario begin that spends no more than its budget, and cancel the tasks that it leaves behind.

        Raises:
            NotOfferedError: the run's tier does not go so far.
            ReservationError: its budget does not fit any more.
        """


class PlayMoneyGuard:
    """The guard of a target whose money is worthless: everything may be sent that the tier allows."""

    def __init__(self, tier: Tier = Tier.PLAY) -> None:
        self._tier = tier

    @contextmanager
    def admit(self, scenario: str, budget: Budget) -> Iterator[None]:  # noqa: ARG002 - part of the protocol
        """Let every scenario begin that the tier reaches."""
        reach(self._tier, budget)
        yield

    def reserve(self, prepared: PreparedRequest) -> SpendPermit:  # noqa: ARG002 - part of the protocol
        """Allow the request: nothing it can spend has a price."""
        return SpendPermit()

    def repeatable(self, prepared: PreparedRequest) -> bool:  # noqa: ARG002 - part of the protocol
        """Allow the repetition: nothing it can spend has a price."""
        return True

    def costs_nothing(self, prepared: PreparedRequest) -> bool:  # noqa: ARG002 - part of the protocol
        """Nothing it can spend has a price."""
        return True

    def settle(self, permit: SpendPermit, exchange: Exchange, ask: Callable[[PreparedRequest], Exchange]) -> None:
        """Keep no account: the journal has every charge."""

    def give_back(self, permit: SpendPermit) -> None:
        """Nothing was set aside."""

    def lose(self, permit: SpendPermit) -> None:
        """Nothing was set aside."""


class RealMoneyGuard:
    """
    The guard of a target whose money is real.

    A scenario begins when its peak fits under the cap beside all that is at stake, and pays for its requests. What
    creates something is sent only within a scenario that declared it.
    """

    def __init__(
        self,
        tier: Tier,
        ledger: SpendLedger,
        lease: ProcessLease,
        charge_tracker: ChargeTracker,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._tier = tier
        self._ledger = ledger
        self._lease = lease
        self._charge_tracker = charge_tracker
        self._sleep = sleep

    @property
    def _charge_reader(self) -> ChargeReader:
        return self._charge_tracker.charge_reader

    def _prices(self) -> Mapping[str, Decimal]:
        """
        The known prices by model or operation, in the system's unit.

        Raises:
            ReservationError: no price is known, so nothing can be set aside.
        """
        pricing = self._charge_reader.pricing
        if pricing is None or not any(pricing.known.values()):
            raise ReservationError(
                f"it may cost real money, and no price is known; use {REMEDIES} with [prices] in target.toml"
            )
        return pricing.known

    @contextmanager
    def admit(self, scenario: str, budget: Budget) -> Iterator[None]:
        """Wait until the budget fits, hold it while the scenario is on, and cancel what it leaves under way."""
        reach(self._tier, budget)
        number = self._admitted(scenario, budget) if _spends(budget, self._tier) else None
        if number is None:
            yield
            return
        unwanted = _refusals_only(budget) and not (budget.followed and self._tier > Tier.FREE)
        before = _ADMISSION.set(_Admission(number, unwanted, budget.doubtful))
        try:
            with demanding(budget.demanded_by):
                yield
        finally:
            _ADMISSION.reset(before)
            self._charge_tracker.close(number)
            self._ledger.dismiss(number)

    def _admitted(self, scenario: str, budget: Budget) -> int | None:
        """The number of the admission; None where the scenario has reads to judge and nothing is left to spend."""

        def try_to_admit() -> int | None:
            # What is bought once for the whole run costs only the scenario that comes first.
            left = budget.without(self._ledger.kept_models()).payable(self._charge_reader.unpriced)
            return self._ledger.admit(
                scenario,
                left.peak(self._prices()),
                brief=not (budget.keeps or budget.spends),
                lease=self._lease.name,
                is_alive=self._lease.is_alive,
            )

        try:
            return self._when_possible(try_to_admit, recover=self._charge_tracker.recover_lost)
        except ReservationError:
            if budget.tier is Tier.READ:
                return None
            raise

    def reserve(self, prepared: PreparedRequest) -> SpendPermit:
        """Allow what can't create anything; set aside the price of what can."""
        if not self._charge_reader.may_cost(prepared):
            self._check_harmless(prepared)
            return SpendPermit()
        if self._tier is Tier.READ:
            raise ReservationError(f"the tier {self._tier} creates nothing; in place of --tier use {REMEDIES}")
        admission = _ADMISSION.get()
        if admission is None:
            self._prices()
            raise ReservationError(
                f"nothing that may cost is sent outside of a scenario that declares it; use {REMEDIES}"
            )
        model, price = self._charge_reader.model_and_price(prepared)

        def try_to_reserve() -> Reservation | None:
            return self._ledger.reserve(
                admission.number,
                model,
                price,
                key=self._charge_tracker.key_of(prepared),
                refusal=admission.refusals_only,
                doubtful=admission.doubtful or self._charge_tracker.is_provisional(_DEMANDED_BY.get()),
                lease=self._lease.name,
                is_alive=self._lease.is_alive,
            )

        return SpendPermit(self._when_possible(try_to_reserve))

    def repeatable(self, prepared: PreparedRequest) -> bool:
        """Allow what costs nothing, and what the contract promises to carry out once, as its key is the same."""
        return self.costs_nothing(prepared) or self._charge_tracker.promises_once(prepared)

    def costs_nothing(self, prepared: PreparedRequest) -> bool:
        """Whether no operation that may cost is asked for."""
        return not self._charge_reader.may_cost(prepared)

    def settle(self, permit: SpendPermit, exchange: Exchange, ask: Callable[[PreparedRequest], Exchange]) -> None:
        """Replace the reservation by the task that was made, or drop it where the target refused."""
        seen = self._charge_reader.task(exchange)
        reservation = permit.reservation
        if reservation is None:
            if seen is not None:
                self._charge_tracker.noticed(exchange, seen, ask)
        elif exchange.interpretation.outcome.cost_unknown:
            self._lose(reservation, ask)
        elif exchange.interpretation.outcome is not Outcome.ACCEPTED:
            self._ledger.settled(reservation, price_seen=False)
        elif seen is not None:
            self._accept(reservation, seen, exchange.id, ask)
        elif self._charge_reader.ends_at_once(exchange):
            self._spend(reservation, exchange)
        else:
            self._lose(reservation, ask, welcomed=True)

    def _lose(
        self, reservation: Reservation, ask: Callable[[PreparedRequest], Exchange], *, welcomed: bool = False
    ) -> None:
        self._ledger.unknown(reservation, welcomed=welcomed)
        self._charge_tracker.lost(ask)

    def _spend(self, reservation: Reservation, exchange: Exchange) -> None:
        """What is answered at once is paid for good: with the charge that the answer shows, else with its price."""
        seen = self._charge_reader.spent(exchange, reservation.price)
        self._ledger.accepted(reservation, seen, exchange=exchange.id, demanded_by=_DEMANDED_BY.get())
        self._ledger.settled(reservation, price_seen=True)

    def _accept(
        self, reservation: Reservation, seen: TaskSnapshot, exchange: str, ask: Callable[[PreparedRequest], Exchange]
    ) -> None:
        if not self._ledger.accepted(reservation, seen, exchange=exchange, demanded_by=_DEMANDED_BY.get()):
            self._lose(reservation, ask)
            return
        asked = False
        try:
            self._charge_tracker.received(seen, ask, unwanted=reservation.refusal)
            asked = True
        finally:
            self._ledger.settled(reservation, price_seen=asked)

    def give_back(self, permit: SpendPermit) -> None:
        """Nothing of it can cost any more."""
        if permit.reservation is not None:
            self._ledger.settled(permit.reservation, price_seen=False)

    def lose(self, permit: SpendPermit) -> None:
        """What it may have cost stays at stake."""
        if permit.reservation is not None:
            self._ledger.unknown(permit.reservation)

    def _check_harmless(self, prepared: PreparedRequest) -> None:
        if prepared.method in SAFE_METHODS or self._charge_reader.cancels(prepared):
            return
        if self._tier is Tier.READ:
            raise ReservationError(
                f"the target's money is real and the tier is {self._tier}, so {prepared.method} requests are not sent; "
                f"use --tier free, {REMEDIES}"
            )
        if prepared.operation is None and prepared.content:
            raise ReservationError("what no document describes is asked with an empty body only, as money is real")

    def _when_possible(self, attempt: Callable[[], T | None], *, recover: Callable[[], bool] = lambda: False) -> T:
        """
        Try until other scenarios or requests have freed enough, or raise `ReservationError` when none can.

        Before money is found to be short, `recover` gives back what earlier scenarios have lost, and says whether. Each
        refund gets the same time to arrive, also those that came due while earlier ones were waited for.
        """
        pause = _FIRST_PAUSE_SECONDS
        refunds = _RefundWait()
        while True:
            try:
                result = attempt()
            except BreakerTrippedError as error:
                raise ReservationError(f"paid work has stopped: {error}") from error
            except OverCapError as error:
                if recover():
                    continue
                wait = refunds.pause(self._charge_tracker.due_refunds())
                if wait is None:
                    self._charge_tracker.give_up_waiting()
                    raise ReservationError(str(error)) from error
                if wait:
                    self._sleep(wait)
                self._charge_tracker.look_again()
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
    """Name the requirement by which the target must refuse what is sent meanwhile; None changes nothing."""
    before = _DEMANDED_BY.set(requirement_id or _DEMANDED_BY.get())
    try:
        yield
    finally:
        _DEMANDED_BY.reset(before)


# The scenario that is on; threads that it starts are in it as well.
_ADMISSION: ContextVar[_Admission | None] = ContextVar("admission", default=None)


def _refusals_only(budget: Budget) -> bool:
    return not (budget.keeps or budget.spends or budget.cancels)


def _spends(budget: Budget, tier: Tier) -> bool:
    """Whether the scenario may ask for anything that has a price."""
    if tier is Tier.FREE:
        return bool(budget.refused) and _refusals_only(budget)
    return tier > Tier.FREE and bool(budget.refused or not _refusals_only(budget))


def reach(tier: Tier, budget: Budget) -> None:
    """Leave the verdict open where a run does not go as far as a scenario (raises `NotOfferedError`)."""
    if budget.tier <= tier:
        return
    raise NotOfferedError(out_of_reach(budget.tier, tier))
