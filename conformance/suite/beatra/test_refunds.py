"""Money that must come back: a task that fails or is cancelled costs nothing, and is given back once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.suite.beatra.bodies import SONG
from conformance.suite.beatra.money import balance_after
from conformance.suite.marks import requirement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

ENOUGH = Decimal(500)
TASK_ENDS = "BEATRA-TASK-05"
CANCELS = "BEATRA-CANCEL-01"
# The states that a held task may be seen in on its way.
AHEAD_OF: Mapping[str, tuple[object, ...]] = {"queued": (), "running": ("queued",)}


@dataclass(frozen=True, slots=True)
class Refund:
    """
    A task that ended without music.

    `before` is the balance before its creation, `after` once it had ended, `once_more` after it was then read and
    cancelled again.
    """

    created: Exchange
    ended: Exchange
    before: Decimal
    after: Decimal
    once_more: Decimal


@pytest.fixture(scope="session")
def failure(gateway: OpenGateway) -> Refund:
    """A song that the gateway is told to fail."""
    with gateway("failure", needs=("tasks/outcome", "wallet"), balance=ENOUGH) as beatra:
        beatra.control.next_outcome("failed")
        before = beatra.control.balance()
        created = beatra.started(SONG)
        ended = beatra.finished(created).last
        if ended.get("/status") != "failed":
            raise BlockedError(TASK_ENDS, f"the task was told to fail but is {ended.get('/status')!r}")
        return refund_of_ended(beatra, created, ended, before)


@pytest.fixture(
    scope="session", params=[None, "queued", "running"], ids=["right away", "while queued", "while running"]
)
def cancellation(request: pytest.FixtureRequest, gateway: OpenGateway) -> Refund:
    """A song that is cancelled before it is done."""
    state: str | None = request.param
    needs = ("wallet",) if state is None else ("tasks/hold", "wallet")
    with gateway(f"cancellation-{state or 'soon'}", needs=needs, balance=ENOUGH) as beatra:
        before = beatra.control.balance()
        if state is None:
            created = beatra.started(SONG)
            beatra.cancel(created.string("/task_id"))
        else:
            created = canceled_in(beatra, state)
        ended = beatra.finished(created).last
        if ended.get("/status") != "canceled":
            raise BlockedError(CANCELS, f"the task was cancelled but is {ended.get('/status')!r}")
        return refund_of_ended(beatra, created, ended, before)


def canceled_in(beatra: Gateway, state: str) -> Exchange:
    """The creation of a task that is held in a state and cancelled there."""
    beatra.control.hold(state)
    try:
        created = beatra.started(SONG)
        task_id = created.string("/task_id")
        reached = beatra.account.follow(task_id, until=lambda poll: poll.get("/status") not in AHEAD_OF[state])
        if reached.last.get("/status") != state:
            raise NotOfferedError(f"tasks are held while {state}, but this one is {reached.last.get('/status')!r}")
        beatra.cancel(task_id)
        return created
    finally:
        beatra.control.hold(None)


def refund_of_ended(beatra: Gateway, created: Exchange, ended: Exchange, before: Decimal) -> Refund:
    """The wallet after the end of a task, and after reading and cancelling it again."""
    after = balance_after(beatra, before)
    task_id = created.string("/task_id")
    beatra.get_task(task_id)
    beatra.cancel(task_id)
    beatra.get_task(task_id)
    return Refund(created, ended, before, after, beatra.control.balance())


@requirement("BEATRA-MONEY-10")
def test_the_refund_of_a_failure_reaches_the_wallet(failure: Refund) -> None:
    assert failure.after == failure.before


@requirement("BEATRA-MONEY-11")
def test_the_refund_of_a_cancellation_reaches_the_wallet(cancellation: Refund) -> None:
    assert cancellation.after == cancellation.before


@requirement("BEATRA-MONEY-12")
def test_the_refund_of_a_failure_happens_once(failure: Refund) -> None:
    assert failure.once_more == failure.after


@requirement("BEATRA-MONEY-12")
def test_the_refund_of_a_cancellation_happens_once(cancellation: Refund) -> None:
    assert cancellation.once_more == cancellation.after
