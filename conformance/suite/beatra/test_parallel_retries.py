"""Several requests with one key at the same moment, as an impatient client sends them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from conformance.client.errors import BlockedError
from conformance.money.budget import cancels
from conformance.suite.beatra.bodies import CHEAP_SONG, MINIMAX, SONG, SUNO
from conformance.suite.beatra.gateway import CREATES
from conformance.suite.beatra.keys import (
    REPLAYS,
    Found,
    Repetition,
    find_tasks,
    free,
    fruitless,
    marked,
    one_debit,
    spent,
)
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Race:
    """
    Requests that ran at the same time with one key, and what there is afterwards.

    `plain` is a request of the same kind that was alone and its retry at once, `price` and `replay_cost` what these
    two cost; amounts are None where the wallet can't be seen.
    """

    plain: Repetition
    plain_found: Found
    answers: tuple[Exchange, ...]
    found: Found
    cost: Decimal | None
    price: Decimal | None
    replay_cost: Decimal | None

    @property
    def accepted(self) -> list[Exchange]:
        """The answers that hand over a task; blocked when there are none, or when not even a plain retry works."""
        if not self.plain.replayed:
            raise BlockedError(REPLAYS, "a retry at once is not answered with the task of the first request")
        accepted = [answer for answer in self.answers if answer.accepted and isinstance(answer.get("/task_id"), str)]
        if not accepted:
            raise BlockedError(CREATES, "none of the parallel requests was accepted")
        return accepted


@scenario(cancels(*(MINIMAX,) * 3, open_at_once=2, requests=10))
def race(gateway: OpenGateway) -> Race:
    """Ten requests with one key for a song from a prompt; two where a target has other users."""
    with gateway("race", balance=Decimal(2000)) as beatra:
        return raced(beatra, beatra.create_music, marked(beatra, CHEAP_SONG))


@scenario(cancels(*(SUNO,) * 3, open_at_once=2, requests=11))
def reference_race(gateway: OpenGateway) -> Race:
    """Ten requests with one key for a song from reference audio; two where a target has other users."""
    with gateway("reference-race", balance=Decimal(2000)) as beatra:
        artifact = {"type": "artifact", "artifact_id": beatra.uploaded()}
        return raced(beatra, beatra.create_from_reference, {**marked(beatra, SONG), "reference_audio": artifact})


def raced(beatra: Gateway, create: Callable[[Mapping[str, object], str], Exchange], body: dict[str, object]) -> Race:
    batch_size = beatra.account.batch_size(AT_ONCE)
    alone, key = {**body, **marked(beatra, {})}, beatra.fresh_key()
    balances = [beatra.balance()]
    first = create(alone, key)
    balances.append(beatra.balance())
    plain = Repetition(first, create(alone, key))
    balances.append(beatra.balance())
    beatra.discard(first, plain.again)
    key = beatra.fresh_key()
    answers = beatra.account.at_once([partial(create, body, key)] * batch_size)
    balances.append(beatra.balance())
    beatra.discard(*answers)
    observe_race(beatra, answers)
    price, replay_cost, cost = (spent(*pair) for pair in pairwise(balances))
    return Race(plain, find_tasks(beatra, alone), answers, find_tasks(beatra, body), cost, price, replay_cost)


def observe_race(beatra: Gateway, answers: tuple[Exchange, ...]) -> None:
    counted = Counter(str(answer.failure or answer.status) for answer in answers)
    shown = ", ".join(f"{count} times {what}" for what, count in sorted(counted.items()))
    beatra.observe("BEATRA-OBS-PARALLEL", f"{len(answers)} requests with one key at once got {shown}.", *answers)


@pytest.fixture(params=["race", "reference_race"])
def any_race(request: pytest.FixtureRequest) -> Race:
    """The race on each operation in turn."""
    found: Race = request.getfixturevalue(request.param)
    return found


@requirement("BEATRA-IDEMPOTENCY-15")
def test_parallel_requests_with_one_key_create_one_task(any_race: Race) -> None:
    assert len({answer.get("/task_id") for answer in any_race.accepted}) == 1
    fruitless(any_race.plain_found)
    assert any_race.found.only_task() == any_race.accepted[0].get("/task_id")


@requirement("BEATRA-IDEMPOTENCY-15")
def test_parallel_requests_with_one_key_are_one_debit(any_race: Race) -> None:
    assert any_race.accepted
    free(any_race.replay_cost)
    one_debit(any_race.cost, any_race.price)
