"""The guard is asked before anything is sent to the target, and told what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, get_args

import pytest

from conformance.client.building import Prepared
from conformance.client.errors import SpendRefusedError
from conformance.client.guard import PlayMoney, ReadOnly
from conformance.client.transports.base import NoAnswerError
from conformance.journal.records import Origin
from tests.client.bench import BASE, answer

if TYPE_CHECKING:
    from conformance.client.transports.base import Incoming, Outgoing
    from conformance.journal.records import Exchange
    from tests.client.bench import Scripted
    from tests.client.conftest import OpenBench

ORIGINS: tuple[Origin, ...] = get_args(Origin)
CREATE = Prepared("POST", f"{BASE}/songs", content=b"{}", operation="createSong")


@dataclass
class Witness:
    """A guard that notes what happens in which order."""

    seen: list[str] = field(default_factory=list)
    told: list[Exchange] = field(default_factory=list)

    def reserve(self, prepared: Prepared) -> None:
        self.seen.append(f"reserve {prepared.method}")

    def reconcile(self, prepared: Prepared, exchange: Exchange) -> None:
        self.seen.append(f"reconcile {prepared.method}")
        self.told.append(exchange)

    def noting(self, reply: Incoming) -> Scripted:
        def said(outgoing: Outgoing) -> Incoming:
            self.seen.append("sent")
            return reply

        return said


def test_it_is_asked_before_and_told_after(bench: OpenBench) -> None:
    witness = Witness()
    made = bench(witness.noting(answer(202)), guard=witness)
    returned = made.client.send(CREATE, made.sender())

    assert witness.seen == ["reserve POST", "sent", "reconcile POST"]
    assert witness.told == [returned]


def test_repetitions_belong_to_one_reservation(bench: OpenBench) -> None:
    witness = Witness()
    made = bench(witness.noting(answer(429, Retry_After="1")), witness.noting(answer(202)), guard=witness)
    made.client.send(CREATE, made.sender())

    assert witness.seen == ["reserve POST", "sent", "sent", "reconcile POST"]
    assert [exchange.status for exchange in witness.told] == [202]


def test_it_is_told_of_a_request_without_an_answer(bench: OpenBench) -> None:
    witness = Witness()
    made = bench(NoAnswerError("timeout", "no answer within 30 s"), guard=witness)
    made.client.send(CREATE, made.sender())

    assert [exchange.failure for exchange in witness.told] == ["no answer within 30 s"]


def test_it_sees_the_idempotency_key_that_makes_a_retry_free(bench: OpenBench) -> None:
    asked: list[Prepared] = []

    class Curious(PlayMoney):
        def reserve(self, prepared: Prepared) -> None:
            asked.append(prepared)

    made = bench(guard=Curious())
    made.client.send(CREATE, made.sender(), idempotency_key="again")

    assert [dict(prepared.headers)["Once-Key"] for prepared in asked] == ["again"]


@pytest.mark.parametrize("origin", [origin for origin in ORIGINS if origin != "target"])
def test_what_does_not_go_to_the_api_is_not_its_business(bench: OpenBench, origin: Origin) -> None:
    witness = Witness()
    made = bench(guard=witness)
    made.client.send(Prepared("POST", "http://elsewhere.test", origin=origin), made.sender())

    assert witness.seen == []
    assert len(made.sent) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "get", "Get", "BREW", ""])
def test_real_money_is_only_read(bench: OpenBench, method: str) -> None:
    made = bench(guard=ReadOnly())

    with pytest.raises(SpendRefusedError, match=f"{method} requests are not sent.*target.toml"):
        made.client.send(Prepared(method, f"{BASE}/songs"), made.sender())

    assert made.sent == []
    assert made.recording.exchanges == ()


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_is_allowed_with_real_money(bench: OpenBench, method: str) -> None:
    made = bench(guard=ReadOnly())

    assert made.client.send(Prepared(method, f"{BASE}/songs"), made.sender()).ok


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_play_money_may_be_spent(bench: OpenBench, method: str) -> None:
    made = bench(guard=PlayMoney())

    assert made.client.send(Prepared(method, f"{BASE}/songs"), made.sender()).ok
