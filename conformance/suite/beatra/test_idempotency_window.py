"""How long a key is remembered: beyond the end of its task, until 24 hours are over, and no longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.journal.records import Mismatch
from conformance.money.budget import cancels, keeps
from conformance.suite.batch import decided
from conformance.suite.beatra.bodies import CHEAP_SONG, MINIMAX
from conformance.suite.beatra.envelopes import has_ended, state_of
from conformance.suite.beatra.keys import Repetition, Use, Window, plant_key, recognised, repeatable, use_planted_keys
from conformance.suite.beatra.songs import minimax_song_of
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.accounts.account_pool import AccountPool
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

OUTLIVES_ITS_TASK = "BEATRA-IDEMPOTENCY-12"
TASK_ENDS = "BEATRA-TASK-05"
DAY = timedelta(hours=24)
# The server may delete keys some time after they have expired: by then they should be.
LAZY = timedelta(hours=48)
# The retries lie this far from the end of the window on either side: what the requests themselves take is less.
MARGIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class EndedRetry:
    """A request whose task ended, and the same request with the same key afterwards."""

    first: Exchange
    ended: Exchange
    again: Exchange

    @property
    def replayed(self) -> bool:
        """Whether the retry was answered with the task that had ended."""
        return Repetition(self.first, self.again).replayed


@scenario(keeps(MINIMAX, cancelled=(MINIMAX,), repeats=1, requests=8))
def ended_retries(gateway: OpenGateway, account_pool: AccountPool) -> tuple[EndedRetry, ...]:
    """Retries after a task was cancelled, after one succeeded, and where it can be arranged after one failed."""
    arranged = ("tasks/outcome",) if account_pool.offers("tasks/outcome") else ()
    with gateway("ended-retries", needs=arranged) as beatra:
        retries = [ended_retry(beatra, beatra.create_music(CHEAP_SONG), cancel=True)]
        retries.append(ended_retry(beatra, minimax_song_of(beatra)))
        if arranged:
            beatra.control.next_outcome("failed")
            retries.append(ended_retry(beatra, beatra.create_music(CHEAP_SONG)))
            observe_retry_of_failed(beatra, retries[-1])
        return tuple(retries)


def observe_retry_of_failed(beatra: Gateway, retry: EndedRetry) -> None:
    if retry.again.response is not None and state_of(retry.ended) == "failed":
        shown = "returns that task" if retry.replayed else f"is answered {retry.again.status}, not with that task"
        text = f"A retry with the key of a task that failed {shown}."
        beatra.observe("BEATRA-OBS-RETRY-OF-FAILED", text, retry.first, retry.again)


def ended_retry(beatra: Gateway, created: Exchange, *, cancel: bool = False) -> EndedRetry:
    body, key = repeatable(created)
    first = recognised(beatra.create_music, created, body, key)
    if cancel:
        beatra.end_task(first.string("/task_id"))
    ended = beatra.finished(first).last
    return EndedRetry(first, ended, beatra.create_music(body, key))


@scenario(cancels(MINIMAX, MINIMAX, MINIMAX, requests=6))
def window(gateway: OpenGateway, account_pool: AccountPool) -> Window:
    """Two keys, of which one is used again shortly before the end of the window and one shortly after it."""
    if account_pool.offers("clock"):
        with gateway("window", needs=("clock",)) as beatra:
            return window_by_clock(beatra)
    if account_pool.probes is None:
        raise NotOfferedError("needs control:clock, or keys that earlier runs planted (--probes FILE)")
    with gateway("planted-keys") as beatra:
        found = use_planted_keys(beatra, account_pool.probes, DAY)
        plant_key(beatra, account_pool.probes)
        return found


def window_by_clock(beatra: Gateway) -> Window:
    # A retry may count as a use that begins a new window, so each moment has a key of its own.
    one, other, third = beatra.fresh_key(), beatra.fresh_key(), beatra.fresh_key()
    first, second, last = (beatra.started(CHEAP_SONG, key).string("/task_id") for key in (one, other, third))
    beatra.control.advance((DAY - MARGIN).total_seconds())
    inside = beatra.create_music(CHEAP_SONG, one)
    beatra.control.advance((2 * MARGIN).total_seconds())
    observe_end(beatra, last, beatra.create_music(CHEAP_SONG, third))
    observe_renewal(beatra, inside, beatra.create_music(CHEAP_SONG, one))
    beatra.control.advance((LAZY - DAY).total_seconds())
    return Window(Use(first, inside), Use(second, beatra.create_music(CHEAP_SONG, other)))


def observe_end(beatra: Gateway, task_id: str, after: Exchange) -> None:
    if after.accepted:
        known = "is still known" if after.get("/task_id") == task_id else "is free"
        beatra.observe("BEATRA-OBS-WINDOW-END", f"A minute after 24 hours a key {known}.", after)


def observe_renewal(beatra: Gateway, inside: Exchange, later: Exchange) -> None:
    if inside.accepted and later.accepted:
        renewed = "a new window" if later.get("/task_id") == inside.get("/task_id") else "no new window"
        beatra.observe("BEATRA-OBS-WINDOW-RENEWAL", f"A retry begins {renewed} of 24 hours.", inside, later)


@requirement("BEATRA-IDEMPOTENCY-12")
def test_a_retry_returns_a_task_that_has_ended(ended_retries: tuple[EndedRetry, ...]) -> None:
    for retry in ended_retries:
        state = state_of(retry.ended)
        # A client that may try again after a failure may do so with its key.
        if state == "failed":
            continue
        if not has_ended(retry.ended):
            raise BlockedError(TASK_ENDS, f"the task did not end but is {state!r:.80}")
        again = decided(retry.again)
        if again.get("/task_id") != retry.first.string("/task_id"):
            shown = again.get("/task_id") or again.status
            raise Mismatch(f"expected the task that is {state} again, got {shown}", retry.first.id, again.id)


@requirement("BEATRA-IDEMPOTENCY-10")
def test_a_retry_within_24_hours_returns_the_same_task(window: Window, ended_retries: tuple[EndedRetry, ...]) -> None:
    if not all(retry.replayed for retry in ended_retries if state_of(retry.ended) != "failed"):
        raise BlockedError(OUTLIVES_ITS_TASK, "a key does not outlive its task")
    use = window.judged(window.inside)

    assert decided(use.again).string("/task_id") == use.task_id


@requirement("BEATRA-IDEMPOTENCY-11")
def test_the_same_request_long_after_24_hours_is_a_new_one(window: Window) -> None:
    use = window.judged(window.outside)

    assert decided(use.again).string("/task_id") != use.task_id
