"""A request that was refused for its rate and is sent again with its key."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from conformance.client.errors import ControlError
from conformance.money.budget import PLAY
from conformance.suite.beatra.answers import available
from conformance.suite.beatra.bodies import CHEAP_SONG
from conformance.suite.beatra.keys import Found, find_tasks, marked
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway


@dataclass(frozen=True, slots=True)
class LimitedRetry:
    """The refused request, its retry after the limit was lifted, and the tasks that there are then."""

    retried: Exchange
    found: Found


@scenario(PLAY)
def limited_retry(gateway: OpenGateway) -> LimitedRetry:
    """A request that meets the rate limit, and is sent again when there is none."""
    with gateway("limited-retry", needs=("rate-limit",), balance=Decimal(1000)) as beatra:
        key = beatra.fresh_key()
        song = marked(beatra, CHEAP_SONG)
        beatra.control.rate_limit(0)
        try:
            limited = beatra.create_music(song, key, patient=False)
        finally:
            beatra.control.rate_limit(None)
        if limited.response is None or limited.status != 429:
            raise ControlError(f"the rate limit was set, but a request got {limited.failure or limited.status}")
        return LimitedRetry(beatra.create_music(song, key), find_tasks(beatra, song))


@requirement("BEATRA-IDEMPOTENCY-13")
def test_a_retry_after_a_rate_limit_is_accepted(limited_retry: LimitedRetry) -> None:
    assert available(limited_retry.retried).accepted, f"expected a task, got {limited_retry.retried.status}"
    assert limited_retry.retried.string("/task_id")


@requirement("BEATRA-IDEMPOTENCY-13")
def test_a_retry_after_a_rate_limit_creates_one_task(limited_retry: LimitedRetry) -> None:
    available(limited_retry.retried)
    assert limited_retry.found.only_task() == limited_retry.retried.string("/task_id")
