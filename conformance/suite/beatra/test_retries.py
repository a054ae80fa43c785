"""What an Idempotency-Key protects from: the same request twice is one task and one debit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.money.budget import cancels
from conformance.suite.batch import decided
from conformance.suite.beatra.bodies import SONG, SUNO
from conformance.suite.beatra.keys import REPLAYS, Found, Repetition, find_tasks, marked, spent
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway


@dataclass(frozen=True, slots=True)
class Retry:
    """
    A request, the same again with its key, and the same with two other keys, of which one is nearly the first.

    `found` and `cost` are what the list shows and what the wallet lost when only the first key had been used; None
    where the wallet can't be seen.
    """

    first: Exchange
    again: Exchange
    found: Found
    cost: Decimal | None
    with_another_key: Exchange
    with_a_similar_key: Exchange

    @property
    def repetition(self) -> Repetition:
        """The request and its retry; blocked when the retry was not answered with its task."""
        repetition = Repetition(self.first, self.again)
        if not repetition.replayed:
            raise BlockedError(REPLAYS, "the retry is not answered with the task of the first request")
        return repetition


@scenario(cancels(*(SUNO,) * 5, open_at_once=2, requests=10))
def retry(gateway: OpenGateway) -> Retry:
    """A retry, as a client makes it that never saw the first answer."""
    with gateway("retry", balance=Decimal(1000)) as beatra:
        key = beatra.fresh_key()
        song = marked(beatra, SONG)
        first = beatra.started(song, key)
        charged = beatra.balance()
        again = beatra.create_music(song, key)
        cost = spent(charged, beatra.balance())
        beatra.discard(first, again)
        found = find_tasks(beatra, song)
        observe_replay(beatra, first, again)
        equal = beatra.create_music(dict(reversed(song.items())), key)
        observe_equal_body(beatra, first, equal)
        beatra.discard(equal)
        with_another_key = beatra.create_music(song)
        with_a_similar_key = beatra.create_music(song, similar(key))
        beatra.discard(with_another_key, with_a_similar_key)
        return Retry(first, again, found, cost, with_another_key, with_a_similar_key)


def similar(key: str) -> str:
    """A key that differs from this one in its last character only."""
    return key[:-1] + ("0" if key[-1] != "0" else "1")


def observe_replay(beatra: Gateway, first: Exchange, again: Exchange) -> None:
    if first.response is None or again.response is None:
        return
    names = {name.lower() for name, _ in again.response.headers.items}
    added = sorted(names - {name.lower() for name, _ in first.response.headers.items})
    body = "the same body" if again.response.body.content == first.response.body.content else "another body"
    text = f"A retry is answered {again.status} (the first request: {first.status}), with {body}"
    beatra.observe("BEATRA-OBS-REPLAY", f"{text} and these headers more: {', '.join(added) or 'none'}.", first, again)


def observe_equal_body(beatra: Gateway, first: Exchange, reordered: Exchange) -> None:
    known = Repetition(first, reordered).replayed
    shown = "the same request" if known else f"another one ({reordered.failure or reordered.status})"
    beatra.observe("BEATRA-OBS-EQUAL-BODY", f"A body with its members in another order is {shown}.", first, reordered)


@requirement("BEATRA-IDEMPOTENCY-01")
def test_a_retry_returns_the_same_task(retry: Retry) -> None:
    assert decided(retry.again).string("/task_id") == retry.first.string("/task_id")


@requirement("BEATRA-IDEMPOTENCY-03")
def test_a_retry_creates_nothing_more(retry: Retry) -> None:
    assert retry.repetition.replayed
    assert retry.found.only_task() == retry.first.string("/task_id")


@requirement("BEATRA-IDEMPOTENCY-04")
def test_a_retry_is_not_charged_again(retry: Retry) -> None:
    if retry.cost is None:
        raise NotOfferedError("the target does not offer control:wallet")
    assert retry.repetition.replayed
    # What was paid back meanwhile, for a task that failed by itself, is no cost.
    assert retry.cost <= 0


@requirement("BEATRA-IDEMPOTENCY-09")
def test_another_key_makes_another_task(retry: Retry) -> None:
    assert decided(retry.with_another_key).string("/task_id") != retry.first.string("/task_id")


@requirement("BEATRA-IDEMPOTENCY-09")
def test_a_key_is_compared_to_its_last_character(retry: Retry) -> None:
    assert decided(retry.with_a_similar_key).string("/task_id") != retry.first.string("/task_id")
