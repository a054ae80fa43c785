"""A connection that breaks at various moments: the client tries again with its key and gets one task for one price."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pytest

from conformance.client.errors import BlockedError
from conformance.client.transports.faulty import CutAnswer, CutBeforeAnswer, CutBeforeSending, CutRequest
from conformance.money.budget import cancels
from conformance.suite.batch import decided
from conformance.suite.beatra.bodies import CHEAP_SONG, MINIMAX
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
    from collections.abc import Mapping

    from conformance.client.transports.faulty import FaultPlan
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

# Nothing has been sent by then, so this is a request like any other: it shows what one task costs.
UNHEARD: Final = "before the request"
CUTS: Final[Mapping[str, FaultPlan]] = {
    UNHEARD: CutBeforeSending(),
    "early in the request": CutRequest(after_bytes=60),
    "late in the request": CutRequest(after_bytes=420),
    "before the answer": CutBeforeAnswer(),
    "early in the answer": CutAnswer(after_bytes=20),
    "late in the answer": CutAnswer(after_bytes=400),
}
# A gateway that still works on the lost request may answer 409 to its retry: then it is asked again after these.
PAUSES_SECONDS: Final = (0.1, 0.3, 0.9, 2.7, 8.1)


@dataclass(frozen=True, slots=True)
class LostAnswer:
    """A request whose answer was lost, its retry, one retry more, and the tasks and the debit that came of them."""

    lost: Exchange
    retried: Exchange
    again: Exchange
    found: Found
    cost: Decimal | None
    replay_cost: Decimal | None

    @property
    def bill(self) -> Decimal | None:
        """What all of it cost: a lost request may be carried out as late as after the retry."""
        return None if self.cost is None else self.cost + (self.replay_cost or 0)

    @property
    def replayed(self) -> bool:
        """Whether another retry at once was answered with the task of the retry."""
        return Repetition(self.retried, self.again).replayed


@scenario(cancels(*(MINIMAX,) * 2 * len(CUTS), open_at_once=2, requests=48))
def lost_answers(gateway: OpenGateway) -> Mapping[str, LostAnswer]:
    """The same request cut at every moment, each time with a key of its own, and retried."""
    with gateway("lost-answers", balance=Decimal(1000)) as beatra:
        pauses = [*PAUSES_SECONDS]
        return {moment: lost_answer(beatra, fault, pauses) for moment, fault in CUTS.items()}


def lost_answer(beatra: Gateway, fault: FaultPlan, pauses: list[float]) -> LostAnswer:
    key = beatra.fresh_key()
    song = marked(beatra, CHEAP_SONG)
    before = beatra.balance()
    lost = beatra.create_music(song, key, fault=fault)
    # The retry goes over another connection and must not overtake what was sent before it: two answers' time.
    for _ in range(2):
        beatra.list_tasks(limit=1)
    retried = retry(beatra, song, key, pauses)
    paid = beatra.balance()
    again = beatra.create_music(song, key)
    replay_cost = spent(paid, beatra.balance())
    found = find_tasks(beatra, song)
    for stray in found.task_ids - {str(answer.get("/task_id")) for answer in (retried, again)}:
        # Nothing else shows what a task costs that the lost request made and no retry leads to.
        beatra.get_task(stray)
    beatra.discard(retried, again)
    return LostAnswer(lost, retried, again, found, spent(before, paid), replay_cost)


def retry(beatra: Gateway, song: Mapping[str, object], key: str, pauses: list[float]) -> Exchange:
    """The retry, repeated while it is answered 409; a lock that outlived all `pauses` once is not waited for again."""
    for pause in pauses:
        retried = beatra.create_music(song, key)
        if retried.response is None or retried.status != 409:
            return retried
        beatra.account.pause(pause)
    pauses.clear()
    return beatra.create_music(song, key)


def judged(cases: Mapping[str, LostAnswer], moment: str) -> LostAnswer:
    """One case, if the request whose answer was lost shows that plain retries work."""
    plain = cases[UNHEARD]
    if not decided(plain.retried).accepted:
        raise BlockedError(CREATES, f"a request was answered {plain.retried.status}")
    if not plain.replayed:
        raise BlockedError(REPLAYS, "a retry at once is not answered with the task of the request before it")
    return cases[moment]


@requirement("BEATRA-IDEMPOTENCY-14")
@pytest.mark.parametrize("moment", CUTS)
def test_a_retry_after_a_cut_connection_ends_in_one_task(lost_answers: Mapping[str, LostAnswer], moment: str) -> None:
    case = judged(lost_answers, moment)

    assert decided(case.retried).accepted, f"expected the retry to be accepted, got {case.retried.status}"
    fruitless(lost_answers[UNHEARD].found)
    assert case.found.only_task() == case.retried.string("/task_id")


@requirement("BEATRA-IDEMPOTENCY-14")
@pytest.mark.parametrize("moment", CUTS)
def test_a_retry_after_a_cut_connection_ends_in_one_debit(lost_answers: Mapping[str, LostAnswer], moment: str) -> None:
    case = judged(lost_answers, moment)

    assert decided(case.retried).accepted, f"expected the retry to be accepted, got {case.retried.status}"
    free(lost_answers[UNHEARD].replay_cost)
    one_debit(case.bill, lost_answers[UNHEARD].bill)
