"""The guard is asked before anything is sent to the target, and told what came of it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, get_args

import pytest

from conformance.client.errors import NotOfferedError, ReservationError
from conformance.client.request import PreparedRequest
from conformance.client.transports.base import NoAnswerError, UnsendableRequestError
from conformance.journal.records import Origin
from conformance.money.budget import PLAY, Budget, Tier, harmless, reads
from conformance.money.guard import PlayMoneyGuard, SpendPermit
from tests.client.bench import BASE, answer
from tests.client.buyers import KEEPS_LOUD, ONE_LOUD, REFUSED
from tests.client.shop import LOUD, Shop, shop_contract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.client.transports.base import Incoming, Outgoing
    from conformance.journal.records import Exchange
    from tests.client.bench import Scripted
    from tests.client.conftest import Hire, OpenBench

ORIGINS: tuple[Origin, ...] = get_args(Origin)
CREATE = PreparedRequest("POST", f"{BASE}/songs", content=b"{}", operation="createSong")
UPLOAD = PreparedRequest("POST", f"{BASE}/files", content=b"sound", operation="uploadFile")
STOP = PreparedRequest("POST", f"{BASE}/songs/nobody/stop", operation="stopSong")
NOWHERE = PreparedRequest("POST", f"{BASE}/files")
NOTHING = Decimal(0)


@dataclass
class Witness:
    """A guard that notes what happens in which order."""

    seen: list[str] = field(default_factory=list)
    told: list[Exchange] = field(default_factory=list)
    asked: list[PreparedRequest] = field(default_factory=list)

    @contextmanager
    def admit(self, scenario: str, budget: Budget) -> Iterator[None]:  # noqa: ARG002 - of any guard
        yield

    def reserve(self, prepared: PreparedRequest) -> SpendPermit:
        self.seen.append(f"reserve {prepared.method}")
        self.asked.append(prepared)
        return SpendPermit()

    def repeatable(self, prepared: PreparedRequest) -> bool:  # noqa: ARG002 - whatever it is
        return True

    def costs_nothing(self, prepared: PreparedRequest) -> bool:  # noqa: ARG002 - whatever it is
        return True

    def settle(self, ticket: SpendPermit, exchange: Exchange, ask: Callable[[PreparedRequest], Exchange]) -> None:  # noqa: ARG002 - of any guard
        self.seen.append("settle")
        self.told.append(exchange)

    def give_back(self, ticket: SpendPermit) -> None:  # noqa: ARG002 - of any guard
        self.seen.append("give back")

    def lose(self, ticket: SpendPermit) -> None:  # noqa: ARG002 - of any guard
        self.seen.append("lose")

    def noting(self, reply: Incoming) -> Scripted:
        def said(outgoing: Outgoing) -> Incoming:
            self.seen.append("sent")
            return reply

        return said


def failing(error: BaseException) -> Scripted:
    """A transport that ends with an exception that is no missing answer."""

    def said(outgoing: Outgoing) -> Incoming:
        raise error

    return said


def test_it_is_asked_before_and_told_after(bench: OpenBench) -> None:
    witness = Witness()
    made = bench(witness.noting(answer(202)), guard=witness)
    returned = made.client.send(CREATE, made.sender())

    assert witness.seen == ["reserve POST", "sent", "settle"]
    assert witness.told == [returned]


def test_it_is_asked_for_every_repetition(bench: OpenBench) -> None:
    witness = Witness()
    made = bench(witness.noting(answer(429, Retry_After="1")), witness.noting(answer(202)), guard=witness)
    made.client.send(CREATE, made.sender())

    assert witness.seen == ["reserve POST", "sent", "settle"] * 2
    assert [exchange.status for exchange in witness.told] == [429, 202]


def test_it_is_told_of_a_request_without_an_answer(bench: OpenBench) -> None:
    witness = Witness()
    made = bench(NoAnswerError("timeout", "no answer within 30 s"), guard=witness)
    made.client.send(CREATE, made.sender())

    assert [exchange.failure for exchange in witness.told] == ["no answer within 30 s"]


def test_what_can_not_be_put_on_the_wire_is_given_back(bench: OpenBench) -> None:
    witness = Witness()
    made = bench(failing(UnsendableRequestError("no such method")), guard=witness)

    with pytest.raises(UnsendableRequestError):
        made.client.send(CREATE, made.sender())
    assert witness.seen == ["reserve POST", "give back"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError()], ids=["interrupted", "broken"])
def test_what_is_interrupted_is_lost(bench: OpenBench, error: BaseException) -> None:
    witness = Witness()
    made = bench(failing(error), guard=witness)

    with pytest.raises(type(error)):
        made.client.send(CREATE, made.sender())
    assert witness.seen == ["reserve POST", "lose"]


def test_it_sees_the_idempotency_key_that_makes_a_retry_free(bench: OpenBench) -> None:
    witness = Witness()
    made = bench(guard=witness)
    made.client.send(CREATE, made.sender(), idempotency_key="again")

    assert [dict(prepared.headers)["Once-Key"] for prepared in witness.asked] == ["again"]


@pytest.mark.parametrize("origin", [origin for origin in ORIGINS if origin != "target"])
def test_what_does_not_go_to_the_api_is_not_its_business(bench: OpenBench, origin: Origin) -> None:
    witness = Witness()
    made = bench(guard=witness)
    made.client.send(PreparedRequest("POST", "http://elsewhere.test", origin=origin), made.sender())

    assert witness.seen == []
    assert len(made.sent) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "get", "Get", "BREW", ""])
def test_the_tier_read_sends_nothing_but_safe_methods(hire: Hire, method: str) -> None:
    buyer = hire(Shop(), tier=Tier.READ)

    with pytest.raises(ReservationError, match=f"{method} requests are not sent.*--play-money.*--max-credits N"):
        buyer.account.send(PreparedRequest(method, f"{BASE}/songs"))
    assert buyer.bench.sent == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_the_tier_read_sends_safe_methods(hire: Hire, method: str) -> None:
    buyer = hire(Shop(), tier=Tier.READ)

    assert buyer.account.send(PreparedRequest(method, f"{BASE}/songs")).accepted


def test_ending_a_task_is_never_refused(hire: Hire) -> None:
    buyer = hire(Shop(), tier=Tier.READ)

    assert buyer.account.send(STOP).status == 404


def test_the_tier_read_does_not_even_ask_for_what_must_be_refused(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop, tier=Tier.READ)

    with (
        buyer.admitted(Budget(tier=Tier.READ, refused=1)),
        pytest.raises(ReservationError, match="the tier read creates nothing"),
    ):
        buyer.asks("no such model")
    assert shop.asked == []


def test_where_spending_has_stopped_a_scenario_still_reads(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop, tier=Tier.FREE)
    buyer.ledger.stop("enough")

    with buyer.admitted(Budget(tier=Tier.READ, refused=1)):
        assert buyer.account.call("listSongs").accepted
        with pytest.raises(ReservationError):
            buyer.asks("no such model")
    with pytest.raises(ReservationError, match="paid work has stopped: enough"), buyer.admitted(REFUSED):
        buyer.asks("no such model")
    assert shop.asked == ["GET /songs"]


def test_the_tier_free_sends_what_changes_something_but_costs_nothing(hire: Hire) -> None:
    buyer = hire(Shop(), tier=Tier.FREE)

    with buyer.admitted(harmless()):
        assert buyer.account.send(UPLOAD).accepted


def test_the_tier_free_asks_for_what_must_be_refused(hire: Hire) -> None:
    buyer = hire(Shop(), tier=Tier.FREE, cap=Decimal(30))

    with buyer.admitted(REFUSED):
        assert [buyer.asks("no such model").status for _ in range(3)] == [422, 422, 422]
    assert buyer.ledger.balance().exposure == NOTHING


def test_the_tier_free_carries_out_all_but_the_purchases_of_a_scenario(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop, tier=Tier.FREE, cap=Decimal(30))

    with buyer.admitted(Budget(tier=Tier.FREE, cancels=(LOUD,))):
        assert buyer.account.send(UPLOAD).accepted
        with pytest.raises(ReservationError, match="outside of a scenario"):
            buyer.asks()
    assert shop.songs == {}


def test_what_no_document_describes_is_asked_with_an_empty_body_only(hire: Hire) -> None:
    buyer = hire(Shop(), tier=Tier.FREE)

    assert buyer.account.request("POST", "/files").accepted
    with pytest.raises(ReservationError, match="with an empty body only"):
        buyer.account.request("POST", "/files", content=b"{}")


def test_what_a_scenario_declared_is_bought(hire: Hire) -> None:
    buyer = hire(Shop())

    with buyer.admitted(KEEPS_LOUD):
        assert buyer.asks().status == 202
        assert buyer.ledger.balance().exposure == Decimal(30)


def test_nothing_is_bought_outside_of_a_scenario(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop)

    with pytest.raises(ReservationError, match="outside of a scenario that declares it"):
        buyer.asks()
    assert shop.asked == []


@pytest.mark.parametrize("budget", [reads(5), harmless(2)], ids=["reads", "harmless"])
def test_nothing_is_bought_in_a_scenario_that_declared_nothing(hire: Hire, budget: Budget) -> None:
    buyer = hire(Shop())

    with buyer.admitted(budget), pytest.raises(ReservationError, match="outside of a scenario that declares it"):
        buyer.asks()


def test_what_has_no_known_price_is_not_bought(hire: Hire) -> None:
    contract = shop_contract()
    priceless = replace(contract, conventions=replace(contract.conventions, money=None, pricing=None))
    buyer = hire(Shop(), contract=priceless)

    with pytest.raises(ReservationError, match=r"no price is known.*\[prices\]"), buyer.admitted():
        pytest.fail("it was let in")


@pytest.mark.parametrize(
    "tier, budget, needs",
    [
        (Tier.READ, harmless(), "needs the tier free .*--tier free.* this run's tier is read"),
        (Tier.READ, ONE_LOUD, "needs the tier paid .*--max-credits N.* this run's tier is read"),
        (Tier.FREE, ONE_LOUD, "needs the tier paid .*--max-credits N.* this run's tier is free"),
        (Tier.PAID, PLAY, "needs play money"),
    ],
)
def test_what_a_tier_does_not_reach_is_left_open(hire: Hire, tier: Tier, budget: Budget, needs: str) -> None:
    buyer = hire(Shop(), tier=tier)

    with pytest.raises(NotOfferedError, match=needs), buyer.admitted(budget):
        pytest.fail("it was let in")


@pytest.mark.parametrize("tier", list(Tier))
def test_a_tier_includes_all_that_costs_less(hire: Hire, tier: Tier) -> None:
    lower = [Budget(tier=other) for other in Tier if other <= min(tier, Tier.PAID)]
    buyer = hire(Shop(), tier=tier)

    for budget in lower:
        with buyer.admitted(budget):
            assert buyer.account.call("listSongs").accepted


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_play_money_may_be_spent(bench: OpenBench, method: str) -> None:
    made = bench(guard=PlayMoneyGuard())

    assert made.client.send(PreparedRequest(method, f"{BASE}/songs"), made.sender()).accepted


@pytest.mark.parametrize("error", [NoAnswerError("cut", "cut"), UnsendableRequestError("no")])
def test_nobody_keeps_account_of_play_money(bench: OpenBench, error: Exception) -> None:
    made = bench(failing(error), guard=PlayMoneyGuard())
    try:
        exchange = made.client.send(CREATE, made.sender())
    except UnsendableRequestError:
        return
    assert exchange.failure == "cut"


def test_with_play_money_all_scenarios_are_carried_out() -> None:
    for budget in (reads(), ONE_LOUD, KEEPS_LOUD, PLAY):
        with PlayMoneyGuard().admit("story", budget):
            pass


def test_a_lower_tier_can_be_asked_for_with_play_money() -> None:
    with (
        pytest.raises(NotOfferedError, match="needs the tier paid"),
        PlayMoneyGuard(Tier.FREE).admit("story", ONE_LOUD),
    ):
        pytest.fail("it was let in")
