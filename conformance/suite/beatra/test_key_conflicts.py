"""A key that comes back with another body: refused, and nothing else happens."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.money.budget import cancels
from conformance.suite.batch import decided
from conformance.suite.beatra.answers import available
from conformance.suite.beatra.bodies import CHEAP_SONG, MINIMAX, SONG, SUNO
from conformance.suite.beatra.envelopes import STATES, state_of
from conformance.suite.beatra.keys import LISTED, Found, find_tasks, kept, marked, spent, with_mark_of
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

CONFLICTS = "BEATRA-IDEMPOTENCY-05"
ENVELOPE = "BEATRA-ERROR-02"
SPELLINGS = "BEATRA-TASK-01"
CREATED_TASK_IS_READ = "BEATRA-MUSIC-01"
GOES_ON = frozenset({"queued", "running", "succeeded"})


@dataclass(frozen=True, slots=True)
class Conflict:
    """A request, another one with its key, what that one cost, and what there is afterwards."""

    first: Exchange
    other_body: Exchange
    cost: Decimal | None
    found_before: Found
    found: Found
    afterwards: Exchange

    @property
    def refusal(self) -> Exchange:
        """The answer to the second request; blocked unless it is a refusal of whatever status."""
        if decided(self.other_body).accepted:
            raise BlockedError(CONFLICTS, f"the other body was answered {self.other_body.status}")
        return self.other_body


@scenario(cancels(SUNO, MINIMAX, SUNO, SUNO, open_at_once=2, requests=13))
def conflict(gateway: OpenGateway) -> Conflict:
    """A key that is used again for another song."""
    with gateway("conflict", balance=Decimal(1000)) as beatra:
        key = beatra.fresh_key()
        song = marked(beatra, SONG)
        first = kept(beatra.create_music, song, key)
        found_before = find_tasks(beatra, song)
        before = beatra.balance()
        other_body = beatra.create_music(with_mark_of(song, CHEAP_SONG), key)
        cost = spent(before, beatra.balance())
        afterwards = beatra.get_task(first.string("/task_id"))
        beatra.discard(first, other_body)
        found = find_tasks(beatra, song)
        observe_conflict(beatra, first, other_body)
        observe_refused_key(beatra)
        observe_missing_key(beatra)
        return Conflict(first, other_body, cost, found_before, found, afterwards)


def observe_conflict(beatra: Gateway, first: Exchange, refused: Exchange) -> None:
    if refused.response is None or refused.accepted:
        return
    code = refused.get("/error/code")
    beatra.observe("BEATRA-OBS-CONFLICT-CODE", f"A conflict is answered {refused.status} {code!r}.", refused)
    named = first.string("/task_id") in refused.response.body.text
    verb = "names" if named else "does not name"
    beatra.observe("BEATRA-OBS-CONFLICT-REVEALS", f"The refusal {verb} the task of the first request.", refused)


def observe_refused_key(beatra: Gateway) -> None:
    key = beatra.fresh_key()
    refused = beatra.create_music({**SONG, "model": "no-such-model"}, key)
    corrected = beatra.create_music(SONG, key)
    beatra.discard(refused, corrected)
    if refused.response is None or refused.accepted or corrected.response is None:
        return
    use = "is accepted" if corrected.accepted else f"is answered {corrected.status}"
    text = f"After a refusal ({refused.status}) the corrected request with the same key {use}."
    beatra.observe("BEATRA-OBS-REFUSED-KEY", text, refused, corrected)


def observe_missing_key(beatra: Gateway) -> None:
    without = beatra.create_music(SONG, None)
    beatra.discard(without)
    shown = without.failure or without.status
    beatra.observe("BEATRA-OBS-KEY-REQUIRED", f"A request without a key is answered {shown}.", without)


@requirement("BEATRA-IDEMPOTENCY-05")
def test_a_key_with_another_body_is_a_conflict(conflict: Conflict) -> None:
    assert available(decided(conflict.other_body)).status == 409


@requirement("BEATRA-IDEMPOTENCY-07")
def test_a_conflict_creates_nothing(conflict: Conflict) -> None:
    assert not conflict.refusal.accepted
    for found in (conflict.found_before, conflict.found):
        if not decided(found.page).accepted:
            raise BlockedError(LISTED, f"{found.page.request.url} was answered {found.page.status}")
    first = conflict.first.string("/task_id")
    if first not in conflict.found.task_ids:
        raise BlockedError(LISTED, "the newest page of the list does not show the first task")
    # A list that showed the first task late did not create it.
    assert conflict.found.task_ids - {first} == conflict.found_before.task_ids - {first}


@requirement("BEATRA-IDEMPOTENCY-07")
def test_a_conflict_debits_nothing(conflict: Conflict) -> None:
    assert not conflict.refusal.accepted
    # Without a view of the wallet, that there is no second task is what can be seen.
    assert conflict.cost is None or conflict.cost <= 0


@requirement("BEATRA-IDEMPOTENCY-07")
def test_the_first_task_goes_on_after_a_conflict(conflict: Conflict) -> None:
    assert not conflict.refusal.accepted
    if not decided(conflict.afterwards).accepted:
        raise BlockedError(CREATED_TASK_IS_READ, f"the first task is answered {conflict.afterwards.status}")
    state = state_of(conflict.afterwards)
    if state not in STATES:
        raise BlockedError(SPELLINGS, f"the task is {state!r:.40}")
    if state == "failed":
        raise NotOfferedError("the first task failed, which it may have done by itself")
    assert state in GOES_ON


@requirement("BEATRA-IDEMPOTENCY-08")
def test_a_conflict_is_not_worth_a_retry(conflict: Conflict) -> None:
    retryable = conflict.refusal.get("/error/retryable")
    if not isinstance(retryable, bool):
        raise BlockedError(ENVELOPE, "the refusal does not say whether to retry")
    assert retryable is False
