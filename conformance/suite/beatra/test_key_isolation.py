"""A key that two tenants use: each has a task of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.money.budget import cancels
from conformance.suite.batch import decided
from conformance.suite.beatra.bodies import CHEAP_SONG, MINIMAX, SONG, SUNO
from conformance.suite.beatra.keys import kept
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway


@dataclass(frozen=True, slots=True)
class SharedKey:
    """Two requests of one tenant, each followed by another tenant's with its key: the same one, a different one."""

    ours: Exchange
    theirs: Exchange
    ours_too: Exchange
    different: Exchange


@scenario(cancels(SUNO, SUNO, SUNO, MINIMAX, open_at_once=2, requests=10))
def shared_key(gateway: OpenGateway) -> SharedKey:
    """Two tenants whose clients use the same key."""
    with gateway("shared-key") as beatra:
        other = beatra.other_tenant()
        key, another_key = beatra.fresh_key(), beatra.fresh_key()
        ours = kept(beatra.create_music, SONG, key)
        theirs = other.create_music(SONG, key)
        beatra.discard(ours)
        other.discard(theirs)
        ours_too = kept(beatra.create_music, SONG, another_key)
        different = other.create_music(CHEAP_SONG, another_key)
        shown = ", ".join(str(answer.failure or answer.status) for answer in (theirs, different))
        text = f"Another tenant's request with a key of ours is answered {shown} (the same body, another body)."
        beatra.observe("BEATRA-OBS-FOREIGN-KEY", text, theirs, different)
        beatra.discard(ours_too)
        other.discard(different)
        return SharedKey(ours, theirs, ours_too, different)


@requirement("BEATRA-IDEMPOTENCY-16")
def test_a_key_of_another_tenant_never_returns_that_tenants_task(shared_key: SharedKey) -> None:
    assert shared_key.ours.string("/task_id") not in decided(shared_key.theirs).answer.body.text


@requirement("BEATRA-IDEMPOTENCY-16")
def test_a_key_of_another_tenant_is_no_conflict_that_names_that_tenants_task(shared_key: SharedKey) -> None:
    assert shared_key.ours_too.string("/task_id") not in decided(shared_key.different).answer.body.text
