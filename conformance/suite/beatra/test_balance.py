"""A prepaid wallet: what it can't pay is refused and leaves nothing behind, and it is never overdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from conformance.client.errors import BlockedError, UnansweredError
from conformance.money.budget import PLAY
from conformance.suite.batch import decided_or_unpaid as answered
from conformance.suite.beatra.bodies import SONG
from conformance.suite.beatra.gateway import is_accepted
from conformance.suite.beatra.keys import find_tasks, marked
from conformance.suite.beatra.money import PAYMENT_REQUIRED, charge_of, expect_no_task, first_with_charge
from conformance.suite.scenarios import requirement, scenario, scenario_for_each

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.keys import Found

REFUSES = "BEATRA-MONEY-15"
# Amounts are written with four places.
LEAST = Decimal("0.0001")
AFFORDABLE = 3
PARALLEL = 8


@dataclass(frozen=True, slots=True)
class Shortage:
    """
    A request that costs more than the balance, and the same request with the same key after a top-up.

    `found` are its tasks as the list shows them before the top-up; `before` and `after` are the balance around the
    first request.
    """

    refused: Exchange
    found: Found
    before: Decimal
    after: Decimal
    after_top_up: Exchange

    def is_refused(self) -> None:
        """Leave the verdict open when the request was not refused at all, which another requirement judges."""
        if answered(self.refused).accepted:
            raise BlockedError(REFUSES, f"the request was answered {self.refused.status}")


@dataclass(frozen=True, slots=True)
class Rush:
    """Requests that were made at the same time, how many of them the balance could pay, and what was left of it."""

    requests: tuple[Exchange, ...]
    affordable: int
    balance: Decimal

    @property
    def accepted(self) -> list[Exchange]:
        """Those that made a task."""
        return [exchange for exchange in self.requests if is_accepted(exchange)]

    def is_decided(self) -> None:
        """Leave the verdict open when a request was neither accepted nor refused for what it was."""
        for exchange in self.requests:
            answered(exchange)


@scenario(PLAY)
def price(gateway: OpenGateway) -> Decimal:
    """What the song of these scenarios costs here; the song is cancelled again."""
    with gateway("price", needs=("wallet",)) as beatra:
        created = beatra.started(SONG)
        task_id = created.string("/task_id")
        shown = beatra.get_task(task_id)
        beatra.end_task(task_id)
        charge = charge_of(first_with_charge(shown, beatra.get_task(task_id)))
        if charge <= LEAST:
            raise BlockedError("BEATRA-MONEY-03", f"the song costs {charge}, so no balance is too low for it")
        return charge


@scenario_for_each({"nothing": False, "almost enough": True}, PLAY)
def shortage(gateway: OpenGateway, price: Decimal, case: bool) -> Shortage:  # noqa: FBT001 - handed over by name
    """A song that costs more than the balance: all of it, or one ten-thousandth of a credit."""
    balance = price - LEAST if case else Decimal(0)
    with gateway("shortage", needs=("wallet",), balance=balance) as beatra:
        song, key = marked(beatra, SONG), beatra.fresh_key()
        before = beatra.control.balance()
        refused = beatra.create_music(song, key)
        after = beatra.control.balance()
        found = find_tasks(beatra, song)
        beatra.control.set_balance(10 * price)
        return Shortage(refused, found, before, after, beatra.create_music(song, key))


@scenario(PLAY)
def last_credit(gateway: OpenGateway, price: Decimal) -> Exchange:
    """A song that costs exactly the balance."""
    with gateway("last-credit", needs=("wallet",), balance=price) as beatra:
        return beatra.create_music(SONG)


@scenario(PLAY)
def rush(gateway: OpenGateway, price: Decimal) -> Rush:
    """Eight songs at once with a balance for three and a half, or two with one for one and a half."""
    with gateway("rush", needs=("wallet",), balance=price) as beatra:
        batch_size = beatra.account.batch_size(PARALLEL)
        affordable = min(AFFORDABLE, batch_size - 1)
        beatra.control.set_balance((affordable * price + price / 2).quantize(LEAST))
        requests = beatra.account.at_once([partial(beatra.create_music, SONG)] * batch_size)
        found = Rush(requests, affordable, beatra.control.balance())
        text = f"of {batch_size} requests at once, with a balance for {affordable}, {len(found.accepted)} were accepted"
        beatra.observe("BEATRA-OBS-RUSH", text, *requests)
        return found


@requirement("BEATRA-MONEY-15")
def test_too_little_balance_is_refused(shortage: Shortage) -> None:
    assert answered(shortage.refused).status == PAYMENT_REQUIRED
    assert shortage.refused.get("/error/code") == "insufficient_balance"


@requirement("BEATRA-MONEY-16")
def test_too_little_balance_debits_nothing(shortage: Shortage) -> None:
    shortage.is_refused()

    assert shortage.after >= shortage.before


@requirement("BEATRA-MONEY-16")
def test_too_little_balance_creates_no_task(shortage: Shortage) -> None:
    shortage.is_refused()

    expect_no_task(shortage.refused, shortage.found)


@requirement("BEATRA-MONEY-17")
def test_a_balance_of_exactly_the_price_suffices(last_credit: Exchange) -> None:
    assert answered(last_credit).accepted


@requirement("BEATRA-MONEY-18")
def test_the_same_request_works_after_a_top_up(shortage: Shortage) -> None:
    shortage.is_refused()

    assert answered(shortage.after_top_up).accepted


@requirement("BEATRA-MONEY-19")
def test_parallel_requests_create_no_more_tasks_than_can_be_paid(rush: Rush) -> None:
    if len(rush.accepted) <= rush.affordable:
        rush.is_decided()

    assert len(rush.accepted) <= rush.affordable


@requirement("BEATRA-MONEY-19")
def test_parallel_requests_never_overdraw_the_wallet(rush: Rush) -> None:
    if not rush.accepted:
        raise UnansweredError("no request was accepted")

    assert rush.balance >= 0
