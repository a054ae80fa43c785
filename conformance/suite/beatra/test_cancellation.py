"""Cancelling tasks: while they are queued, while they run, twice, too late, and just as they end."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.contract.pricing import readable_amount
from conformance.journal.records import Mismatch
from conformance.money.budget import PLAY, cancels, keeps, reads
from conformance.suite.beatra.answers import decided, refused_with
from conformance.suite.beatra.bodies import CHEAP_SONG, MINIMAX
from conformance.suite.beatra.envelopes import STATES, documented, envelope_of, has_ended, state_of
from conformance.suite.beatra.gateway import CREATES, REASON, accepted, solvent
from conformance.suite.beatra.keys import marked
from conformance.suite.beatra.money import WRITES_AMOUNTS
from conformance.suite.beatra.songs import minimax_song_of
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.contract import Contract
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

SPELLINGS: Final = "BEATRA-TASK-01"
TASK_ENDS: Final = "BEATRA-TASK-05"
ACCEPTED: Final = "BEATRA-CANCEL-01"
BALANCE: Final = Decimal(500)
RACES: Final = 2
# Longer than any task takes that was left to itself.
LONG: Final = 3600
# Of short tasks, some end before they can be cancelled.
FURTHER_TRIES: Final = 2
_UNCHANGED: Final = 200
_TOO_LATE: Final = 409


@dataclass(frozen=True, slots=True)
class Late:
    """A task that had ended: read, cancelled, and read again."""

    before: Exchange
    cancelled: Exchange
    after: Exchange


@dataclass(frozen=True, slots=True)
class Cancellation:
    """
    A task that was going on when its owner cancelled it: how it was seen before, and all that came afterwards.

    `held` says that it could not have ended by itself meanwhile. `insisted` is the cancellation with a reason that
    followed where the one without was refused, `twice` is one more when the task had ended, `later` a reading of the
    task long after that.
    """

    held: bool
    before: Exchange
    cancelled: Exchange
    insisted: Exchange | None
    twice: Late
    later: Exchange

    @property
    def ended(self) -> Exchange:
        """The first sighting of the end of the task, or the last one when it had none."""
        return self.twice.before

    @property
    def decisive(self) -> Exchange:
        """The cancellation that was accepted, or the last one that was refused."""
        return self.insisted or self.cancelled

    @property
    def too_late(self) -> bool:
        """Whether the task had, or may have, ended before it was cancelled."""
        ended_by_itself = has_ended(self.decisive) and state_of(self.decisive) != "canceled"
        return has_ended(self.before) or (not self.held and (not self.decisive.accepted or ended_by_itself))


@dataclass(frozen=True, slots=True)
class Race:
    """A task that was cancelled just as it ended, with the wallet before its creation and after its end."""

    cancelled: Exchange
    ended: Exchange
    opening: Decimal
    closing: Decimal


def created(beatra: Gateway) -> str:
    return task_of(beatra.create_music(CHEAP_SONG))


def task_of(answer: Exchange) -> str:
    solvent(answer)
    return accepted(answer, "/task_id", CREATES).string("/task_id")


@contextmanager
def held(beatra: Gateway, state: str) -> Iterator[bool]:
    """Tasks stop in a state, where the gateway can let them; the value says whether it can."""
    possible = beatra.offers("tasks/hold")
    if possible:
        beatra.control.hold(state)
    try:
        yield possible
    finally:
        if possible:
            beatra.control.hold(None)


def cancel_while(beatra: Gateway, state: str) -> Cancellation:
    """Cancel a task in a state, without a reason, and see what becomes of it; another one where that came too late."""
    found = cancel_one(beatra, state)
    for _ in range(0 if beatra.account.frugal else FURTHER_TRIES):
        if not found.too_late:
            break
        found = cancel_one(beatra, state)
    return found


def cancel_one(beatra: Gateway, state: str) -> Cancellation:
    with held(beatra, state) as is_held:
        task_id = created(beatra)
        # What runs already is not queued any more: it is cancelled all the same, before it is paid for.
        beatra.account.follow(task_id, until=lambda seen: state_of(seen) in (state, "running") or has_ended(seen))
        before = beatra.get_task(task_id)
        cancelled = beatra.cancel(task_id)
        insisted = None if cancelled.accepted else beatra.cancel(task_id, REASON)
    observe_answer(beatra, cancelled, state)
    followed = beatra.account.follow(task_id)
    ended = followed.last
    if cancelled.accepted and not followed.ended:
        # A cancellation may be carried out by something that follows another clock than the one that is advanced.
        ended, _ = beatra.account.settled(lambda: beatra.get_task(task_id), has_ended)
    again = beatra.cancel(task_id)
    after = beatra.get_task(task_id)
    if beatra.offers("clock"):
        beatra.control.advance(LONG)
    return Cancellation(is_held, before, cancelled, insisted, Late(ended, again, after), later=beatra.get_task(task_id))


def observe_answer(beatra: Gateway, cancelled: Exchange, state: str) -> None:
    if cancelled.response is not None:
        text = f"cancelling a {state} task is answered {cancelled.status}"
        beatra.observe("BEATRA-OBS-CANCEL-RUNNING", text, cancelled)
    if cancelled.accepted:
        text = f"a {state} task is {state_of(cancelled)[:40]} right after its cancellation"
        beatra.observe("BEATRA-OBS-CANCEL-STATE", text, cancelled)


@scenario(cancels(MINIMAX, requests=4))
def queued(gateway: OpenGateway) -> Cancellation:
    """A task that is cancelled before it runs."""
    with gateway("cancelled-queued", wants=("tasks/hold",)) as beatra:
        return cancel_while(beatra, "queued")


@scenario(cancels(MINIMAX, requests=4))
def running(gateway: OpenGateway) -> Cancellation:
    """A task that is cancelled while it runs."""
    with gateway("cancelled-running", wants=("tasks/hold", "clock")) as beatra:
        return cancel_while(beatra, "running")


@scenario(cancels(MINIMAX, requests=2))
def with_reason(gateway: OpenGateway) -> Exchange:
    """The cancellation of a queued task that says why."""
    with gateway("cancelled-with-reason", wants=("tasks/hold",)) as beatra, held(beatra, "queued"):
        return beatra.cancel(created(beatra), REASON)


@scenario(keeps(MINIMAX, requests=2))
def late(gateway: OpenGateway) -> tuple[Late, ...]:
    """Cancellations that come too late: after success, and after failure where the target can make a task fail."""
    with gateway("cancelled-late", wants=("tasks/outcome", "clock")) as beatra:
        found = [cancel_ended(beatra, minimax_song_of(beatra))]
        if beatra.offers("tasks/outcome"):
            beatra.control.next_outcome("failed")
            found.append(cancel_ended(beatra, beatra.create_music(CHEAP_SONG)))
        return tuple(found)


def cancel_ended(beatra: Gateway, created: Exchange) -> Late:
    task_id = task_of(created)
    if not beatra.account.follow(task_id).ended:
        raise BlockedError(TASK_ENDS, "the task did not end, so it can't be cancelled too late")
    before = beatra.get_task(task_id)
    cancelled = beatra.cancel(task_id)
    if cancelled.response is not None:
        text = f"cancelling a task that has {state_of(before)[:40]} is answered {cancelled.status}"
        beatra.observe("BEATRA-OBS-CANCEL-ENDED", text, cancelled)
    return Late(before, cancelled, after=beatra.get_task(task_id))


@scenario(PLAY)
def races(gateway: OpenGateway) -> tuple[Race, ...]:
    """Tasks that are cancelled at the moment at which they would have succeeded."""
    with gateway("cancelled-at-the-end", needs=("clock", "wallet"), balance=BALANCE) as beatra:
        return tuple(race(beatra) for _ in range(RACES))


def race(beatra: Gateway) -> Race:
    opening = beatra.control.balance()
    # A song of its own each time: whether equal ones get one task is not the subject of races for money.
    task_id = task_of(beatra.create_music(marked(beatra, CHEAP_SONG)))

    def advance() -> Exchange:
        beatra.control.advance(LONG)
        return beatra.get_task(task_id)

    cancelled, _ = beatra.account.at_once((lambda: beatra.cancel(task_id), advance))
    beatra.account.follow(task_id)
    (ended, closing), decisive = beatra.account.settled(
        lambda: (beatra.get_task(task_id), beatra.control.balance()),
        lambda seen: opening - seen[1] == owed_for(seen[0]) and is_at_rest(seen[0]),
    )
    if not decisive:
        raise NotOfferedError("the wallet does not match the end of the task yet, but it was not watched for long")
    return Race(cancelled, ended, opening, closing)


def is_at_rest(task: Exchange) -> bool:
    """Whether no refund is still to come, which would arrive while the next race is on."""
    return state_of(task) == "succeeded" or owed_for(task) == 0


def owed_for(task: Exchange) -> Decimal:
    """What a task costs by its own account."""
    return amount(task, "charged_credits") - amount(task, "refunded_credits")


@requirement("BEATRA-CANCEL-01")
def test_a_task_that_goes_on_can_be_cancelled(queued: Cancellation, running: Cancellation) -> None:
    for cancellation in (queued, running):
        if cancellation.too_late:
            raise NotOfferedError("needs control:tasks/hold, so that the task can't end before it is cancelled")
        if cancellation.decisive.response is not None and cancellation.decisive.status == _TOO_LATE:
            raise NotOfferedError("the cancellation was not confirmed (409), as a cancellation is best effort")
        # A gateway that wants a reason breaks the rule about reasons.
        if not cancellation.decisive.accepted:
            expected = f"expected the cancellation of a {state_of(cancellation.before)} task to be accepted"
            raise Mismatch(f"{expected}, got {decided(cancellation.cancelled)}", cancellation.cancelled.id)


@requirement("BEATRA-CANCEL-02")
def test_a_queued_task_ends_as_canceled(queued: Cancellation) -> None:
    expect_canceled(queued, "queued")


@requirement("BEATRA-CANCEL-03")
def test_a_running_task_ends_as_canceled(running: Cancellation) -> None:
    expect_canceled(running, "running")


def expect_canceled(cancellation: Cancellation, state: str) -> None:
    end = state_of(cancellation.ended)
    if end == "canceled":
        return
    if cancellation.too_late or state_of(cancellation.before) != state:
        raise NotOfferedError("needs control:tasks/hold, so that the task can't end before it is cancelled")
    if not cancellation.decisive.accepted:
        raise BlockedError(ACCEPTED, f"the cancellation was answered {decided(cancellation.decisive)}")
    if end not in STATES:
        raise BlockedError(SPELLINGS, f"the task is {end!r:.40}")
    raise Mismatch(
        f"expected the task to end as canceled, it is {end}", cancellation.cancelled.id, cancellation.ended.id
    )


@requirement("BEATRA-CANCEL-04")
def test_cancelling_a_task_that_has_ended_changes_nothing(late: tuple[Late, ...], contract: Contract) -> None:
    for attempt in late:
        expect_no_change(attempt, contract)


@requirement("BEATRA-CANCEL-04")
def test_cancelling_a_task_that_has_ended_shows_its_end(late: tuple[Late, ...], queued: Cancellation) -> None:
    for attempt in (*late, queued.twice):
        if not attempt.cancelled.accepted or not has_ended(attempt.before):
            continue
        if attempt.cancelled.status != _UNCHANGED:
            sentence = f"expected 200 for the cancellation of an ended task, got {attempt.cancelled.status}"
            raise Mismatch(sentence, attempt.cancelled.id)
        shown, state = state_of(attempt.cancelled), state_of(attempt.before)
        if shown != state and shown in STATES:
            sentence = f"expected the cancellation to show the task that is {state}, it shows {shown}"
            raise Mismatch(sentence, attempt.before.id, attempt.cancelled.id)


@requirement("BEATRA-CANCEL-04")
def test_cancelling_a_task_twice_changes_nothing(queued: Cancellation, contract: Contract) -> None:
    expect_no_change(queued.twice, contract)


def expect_no_change(attempt: Late, contract: Contract) -> None:
    if not has_ended(attempt.before):
        raise BlockedError(TASK_ENDS, f"the task is {state_of(attempt.before)!r:.40}")
    if not attempt.cancelled.accepted and decided(attempt.cancelled) != _TOO_LATE:
        raise Mismatch(f"expected the task or a conflict, got {attempt.cancelled.status}", attempt.cancelled.id)
    before, after = (unpriced(task, contract) for task in (attempt.before, attempt.after))
    changed = [name for name in before | after if before.get(name) != after.get(name)]
    if changed:
        shown = f"{changed[0]} from {before.get(changed[0])!r:.80} to {after.get(changed[0])!r:.80}"
        evidence = (attempt.before.id, attempt.cancelled.id, attempt.after.id)
        raise Mismatch(f"expected the ended task to stay as it was, it changed {shown}", *evidence)


def unpriced(task: Exchange, contract: Contract) -> dict[str, Any]:
    """The documented members of an envelope without what the rules about money watch."""
    if not task.accepted:
        raise BlockedError(CREATES, f"reading the task was answered {task.failure or task.status}")
    known = documented(contract.document, envelope_of(task))
    return {name: value for name, value in known.items() if name not in ("billing", "usage", "task_id")}


@requirement("BEATRA-CANCEL-05")
def test_an_unknown_task_can_not_be_cancelled(unknown_cancelled: Exchange) -> None:
    # Its id is made up, and may have a form that ids never have.
    refused_with(unknown_cancelled, 404, 400, 422)


@scenario(reads(requests=1))
def unknown_cancelled(gateway: OpenGateway) -> Exchange:
    """The cancellation of a task that was never created."""
    with gateway("unknown-cancelled") as beatra:
        return beatra.cancel(f"tsk_{beatra.fresh_key().replace('-', '')}")


@requirement("BEATRA-CANCEL-07")
def test_a_cancellation_may_give_a_reason_or_not(queued: Cancellation, with_reason: Exchange) -> None:
    if not queued.cancelled.accepted and not with_reason.accepted:
        raise BlockedError(ACCEPTED, f"the cancellation was answered {decided(queued.cancelled)}")
    if with_reason.response is not None and with_reason.status == _TOO_LATE:
        raise NotOfferedError("the task may have ended before its cancellation with a reason")
    if queued.too_late and not queued.cancelled.accepted:
        raise NotOfferedError("the task may have ended before its cancellation without a body")
    for words, answer in (("without a body", queued.cancelled), ("with a reason", with_reason)):
        if not answer.accepted:
            raise Mismatch(f"expected a cancellation {words} to be accepted, got {decided(answer)}", answer.id)


@requirement("BEATRA-CANCEL-08")
def test_a_cancelled_task_shows_when_that_was_asked_for(queued: Cancellation, running: Cancellation) -> None:
    for cancellation in (queued, running):
        if cancellation.too_late:
            raise NotOfferedError("needs control:tasks/hold, so that the task can't end before it is cancelled")
        if state_of(cancellation.ended) != "canceled":
            raise BlockedError(ACCEPTED, f"the cancelled task is {state_of(cancellation.ended)!r:.40}")
        assert cancellation.ended.get("/cancel_requested_at") is not None, "expected a time at /cancel_requested_at"


@requirement("BEATRA-MONEY-22")
def test_the_money_matches_the_end_when_a_cancellation_races_with_it(races: tuple[Race, ...]) -> None:
    for race in races:
        if not has_ended(race.ended):
            raise BlockedError(TASK_ENDS, f"the task is {state_of(race.ended)!r:.40}")
        owed = owed_for(race.ended)
        spent = race.opening - race.closing
        if spent != owed:
            sentence = f"expected the {state_of(race.ended)} task to cost {owed} as it says, the wallet lost {spent}"
            raise Mismatch(sentence, race.cancelled.id, race.ended.id)


def amount(task: Exchange, name: str) -> Decimal:
    """An amount of the task's billing, nothing where it shows none."""
    shown = task.get(f"/billing/{name}")
    found = Decimal(0) if shown is None else readable_amount(shown)
    if found is None:
        raise BlockedError(WRITES_AMOUNTS, f"/billing/{name} is no amount")
    return found
