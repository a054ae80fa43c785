"""Money that must come back: a task that fails or is cancelled costs nothing, and is given back once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.contract.pricing import readable_amount
from conformance.money.budget import ANY, PLAY, cancels
from conformance.suite.beatra.bodies import SONG
from conformance.suite.beatra.gateway import is_accepted
from conformance.suite.beatra.money import charge_of, refund_of
from conformance.suite.beatra.songs import cover_from, nowhere_beside
from conformance.suite.scenarios import requirement, scenario, scenario_for_each

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.accounts.account_pool import AccountPool
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


@scenario(PLAY)
def failure(gateway: OpenGateway) -> Refund:
    """A song whose task the control interface makes fail."""
    with gateway("failure", needs=("tasks/outcome", "wallet"), balance=ENOUGH) as beatra:
        beatra.control.next_outcome("failed")
        before = beatra.control.balance()
        created = beatra.started(SONG)
        ended = beatra.finished(created).last
        if ended.get("/status") != "failed":
            raise BlockedError(TASK_ENDS, f"the task was told to fail but is {ended.get('/status')!r}")
        return refund_of_ended(beatra, created, ended, before)


@scenario(cancels(ANY, requests=2))
def failed_task(gateway: OpenGateway, account_pool: AccountPool) -> Exchange:
    """
    The end of a task that fails.

    It does so by the control interface, by a body of which that is known, or as its reference audio can't be fetched,
    where the target is known to fetch what lies beside it.
    """
    if account_pool.offers("tasks/outcome"):
        with gateway("failed-task", needs=("tasks/outcome",)) as beatra:
            beatra.control.next_outcome("failed")
            return refunded(beatra, failed(beatra, SONG))
    with gateway("failed-task") as beatra:
        if account_pool.failing_request is not None:
            return refunded(beatra, failed(beatra, account_pool.failing_request))
        if account_pool.reference_audio_url is not None:
            return refunded(beatra, failed_to_fetch(beatra, account_pool.reference_audio_url))
        raise NotOfferedError("needs control:tasks/outcome, or a body that makes a task fail ([failing_request])")


def failed(beatra: Gateway, body: Mapping[str, Any]) -> Exchange:
    ended = beatra.finished(beatra.started(body)).last
    if ended.get("/status") != "failed":
        raise BlockedError(TASK_ENDS, f"the task was to fail but is {ended.get('/status')!r}")
    return ended


def failed_to_fetch(beatra: Gateway, url: str) -> Exchange:
    """The end of a task whose reference audio does not exist (raises `NotOfferedError` where none fails for that)."""
    created = beatra.create_from_reference(cover_from(nowhere_beside(url)))
    ended = beatra.finished(created).last if is_accepted(created) else None
    if ended is None or ended.get("/status") != "failed":
        raise NotOfferedError("no task fails for reference audio that can't be fetched; [failing_request] may make one")
    return ended


def refunded(beatra: Gateway, ended: Exchange) -> Exchange:
    """The task once it shows its whole refund, or after a while (raises `NotOfferedError` if that is too short)."""
    task_id = ended.string("/task_id")
    settled, decisive = beatra.account.settled(lambda: beatra.get_task(task_id), shows_whole_refund)
    if not decisive:
        raise NotOfferedError("the task shows no whole refund yet, but it was not watched for long")
    return settled


def shows_whole_refund(task: Exchange) -> bool:
    return refund_of(task) == readable_amount(task.get("/billing/charged_credits"))


@scenario_for_each({"right away": None, "while queued": "queued", "while running": "running"}, PLAY)
def cancellation(gateway: OpenGateway, case: str | None) -> Refund:
    """A song that is cancelled before it is done."""
    needs = ("wallet",) if case is None else ("tasks/hold", "wallet")
    with gateway(f"cancellation-{case or 'soon'}", needs=needs, balance=ENOUGH) as beatra:
        before = beatra.control.balance()
        if case is None:
            created = beatra.started(SONG)
            beatra.cancel(created.string("/task_id"))
        else:
            created = canceled_in(beatra, case)
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
    after = beatra.account.settled_balance(before)
    task_id = created.string("/task_id")
    if beatra.offers("clock"):
        # A refund may be shown later than it arrives; where no time can be passed, that would take too long.
        beatra.account.settled(lambda: beatra.get_task(task_id), shows_whole_refund)
    else:
        beatra.get_task(task_id)
    beatra.cancel(task_id)
    beatra.get_task(task_id)
    return Refund(created, ended, before, after, beatra.control.balance())


def arrived(refund: Refund, owner: str) -> None:
    """Leave the verdict open where the refund did not arrive, or not as it should: it may come as late as now."""
    if refund.after != refund.before:
        raise BlockedError(owner, restored(refund))


def restored(refund: Refund) -> str:
    refund_of(refund.ended)  # reports show what was read last: the refund that the task speaks of
    return f"expected the wallet to hold {refund.before} credits again, got {refund.after}"


def unchanged(refund: Refund) -> str:
    return f"expected the wallet to stay at {refund.after} credits, got {refund.once_more}"


@requirement("BEATRA-MONEY-08")
def test_a_failed_task_shows_the_refund_of_its_whole_charge(failed_task: Exchange) -> None:
    assert refund_of(failed_task) == charge_of(failed_task)


@requirement("BEATRA-MONEY-10")
def test_the_refund_of_a_failure_reaches_the_wallet(failure: Refund) -> None:
    assert failure.after == failure.before, restored(failure)


@requirement("BEATRA-MONEY-11")
def test_the_refund_of_a_cancellation_reaches_the_wallet(cancellation: Refund) -> None:
    assert cancellation.after == cancellation.before, restored(cancellation)


@requirement("BEATRA-MONEY-12")
def test_the_refund_of_a_failure_happens_once(failure: Refund) -> None:
    arrived(failure, "BEATRA-MONEY-10")

    assert failure.once_more == failure.after, unchanged(failure)


@requirement("BEATRA-MONEY-12")
def test_the_refund_of_a_cancellation_happens_once(cancellation: Refund) -> None:
    arrived(cancellation, "BEATRA-MONEY-11")

    assert cancellation.once_more == cancellation.after, unchanged(cancellation)
