"""Nothing that may cost somebody's money is sent twice, unless the contract promises that the repetition is free."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from conformance.client.errors import ReservationError
from conformance.client.transports.base import NoAnswerError
from conformance.contract.requirements import Registry
from conformance.money.budget import Budget, Tier, refuses
from tests.client.bench import answer
from tests.client.buyers import KEEPS_LOUD, ONE_LOUD
from tests.client.shop import LOUD, PRICES, Shop, shop_contract
from tests.monitors.sample import rule

if TYPE_CHECKING:
    from conformance.client.transports.base import Incoming, Outgoing
    from conformance.contract.contract import Contract
    from tests.client.conftest import Hire, OpenBench

LOUD_PRICE = PRICES[LOUD]
TWO_LOUD = Budget(tier=Tier.PAID, cancels=(LOUD,), repeats=1, open_at_once=1)


def keyless() -> Contract:
    """A contract that promises nothing about the same request twice."""
    contract = shop_contract()
    return replace(contract, conventions=replace(contract.conventions, idempotency=None))


class Breaking:
    """A shop that carries out what it is asked for, and says at first that it could not."""

    def __init__(self, *faults: Incoming | NoAnswerError) -> None:
        self.shop = Shop()
        self._faults = list(faults)

    def __call__(self, outgoing: Outgoing) -> Incoming:
        said = self.shop(outgoing)
        creates = outgoing.method == "POST" and outgoing.url.endswith("/songs")
        return self.fault() or said if creates else said

    def fault(self) -> Incoming | None:
        """What goes wrong next, if anything still does."""
        fault = self._faults.pop(0) if self._faults else None
        if isinstance(fault, NoAnswerError):
            raise fault
        return fault


class Throttling(Breaking):
    """A shop that does nothing at first, as it is asked too often."""

    def __call__(self, outgoing: Outgoing) -> Incoming:
        return self.fault() or self.shop(outgoing)


def test_a_server_fault_without_a_key_is_the_answer(hire: Hire) -> None:
    target = Breaking(answer(503))
    buyer = hire(target, contract=keyless())
    with buyer.admitted(TWO_LOUD):
        assert buyer.asks().status == 503

    assert len(target.shop.songs) == 1
    assert buyer.ledger.balance().exposure == LOUD_PRICE


def test_neither_is_it_repeated_where_the_promise_is_for_another_operation(hire: Hire) -> None:
    contract = shop_contract()
    idempotency = contract.conventions.idempotency
    assert idempotency is not None
    elsewhere = replace(idempotency, operations=("uploadFile",))
    target = Breaking(answer(503))
    buyer = hire(target, contract=replace(contract, conventions=replace(contract.conventions, idempotency=elsewhere)))
    with buyer.admitted(TWO_LOUD):
        assert buyer.asks(key="k").status == 503

    assert len(target.shop.songs) == 1


def test_nor_where_the_request_carries_no_key(hire: Hire) -> None:
    target = Breaking(answer(503))
    buyer = hire(target)
    with buyer.admitted(TWO_LOUD):
        assert buyer.asks(key=None).status == 503

    assert len(target.shop.songs) == 1


def test_with_a_key_it_is_repeated_and_found_to_be_one_task(hire: Hire) -> None:
    target = Breaking(answer(503))
    buyer = hire(target)
    with buyer.admitted(TWO_LOUD):
        assert buyer.asks().status == 202
        assert buyer.ledger.lost() == ()

    assert len(target.shop.songs) == 1
    assert len(set(target.shop.keys)) == 1


def test_both_are_at_stake_until_the_key_shows_that_they_are_one(hire: Hire) -> None:
    buyer = hire(Breaking(answer(503), answer(503)))
    with buyer.admitted(TWO_LOUD):
        assert buyer.asks().status == 503

        assert buyer.ledger.balance().exposure == 2 * LOUD_PRICE
        assert buyer.ledger.balance().purchases == 2


def test_a_repetition_that_does_not_fit_under_the_cap_is_not_sent(hire: Hire) -> None:
    target = Breaking(answer(503))
    buyer = hire(target, cap=LOUD_PRICE)
    with buyer.admitted(ONE_LOUD):
        assert buyer.asks().status == 503

    assert target.shop.asked.count("POST /songs") == 1
    assert buyer.ledger.balance().exposure <= LOUD_PRICE


def test_what_was_throttled_costs_nothing_and_asks_the_guard_again(hire: Hire) -> None:
    target = Throttling(answer(429, Retry_After="1"))
    buyer = hire(target, contract=keyless(), cap=LOUD_PRICE)
    with buyer.admitted(ONE_LOUD):
        assert buyer.asks().status == 202

    assert len(target.shop.songs) == 1
    assert buyer.ledger.lost() == ()


def test_a_purchase_without_an_answer_is_not_made_again_without_a_promise(hire: Hire) -> None:
    target = Breaking(NoAnswerError("cut", "the connection was cut"))
    buyer = hire(target, contract=keyless())
    with buyer.admitted(KEEPS_LOUD):
        assert buyer.bought().response is None

    assert len(target.shop.songs) == 1
    assert buyer.ledger.balance().exposure == LOUD_PRICE


def test_a_successor_does_not_ask_again_without_a_promise(hire: Hire) -> None:
    shop = Shop()
    first, second = hire(shop, contract=keyless()), hire(shop, contract=keyless(), worker="gw1")

    def interrupted(_outgoing: Outgoing) -> Incoming:
        raise KeyboardInterrupt

    dying = hire(lambda outgoing: (shop(outgoing), interrupted(outgoing))[1], contract=keyless(), worker="gw2")
    with pytest.raises(KeyboardInterrupt), dying.admitted(KEEPS_LOUD):
        dying.bought()
    for buyer in (first, second):
        with buyer.admitted(KEEPS_LOUD), pytest.raises(ReservationError, match="may buy it a second time"):
            buyer.bought()

    assert len(shop.songs) == 1


def test_a_purchase_that_the_guard_did_not_let_out_can_be_made_later(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop, contract=keyless())
    with pytest.raises(ReservationError, match="outside of a scenario"):
        buyer.bought()
    with buyer.admitted(KEEPS_LOUD):
        assert buyer.bought().accepted

    assert len(shop.songs) == 1


@pytest.mark.parametrize("retry_after, least, most", [(None, 0.25, 0.5), ("3", 3, 3)])
def test_before_a_fault_is_repeated_the_client_waits(
    bench: OpenBench, retry_after: str | None, least: float, most: float
) -> None:
    named = {} if retry_after is None else {"Retry_After": retry_after}
    made = bench(answer(503, **named), answer(200))
    made.account().call("listSongs")

    (pause,) = made.naps
    assert least <= pause <= most


def test_a_fault_is_not_repeated_when_the_target_asks_for_hours(bench: OpenBench) -> None:
    made = bench(answer(503, Retry_After="7200"), answer(200))

    assert made.account().call("listSongs").status == 503
    assert (len(made.sent), made.naps) == (1, [])


def test_where_repeating_was_in_vain_several_times_it_is_done_at_once(bench: OpenBench) -> None:
    made = bench(answer(500))
    for _ in range(8):
        made.account().call("listSongs")

    assert len(made.sent) == 16
    assert len(made.naps) == 5


@pytest.mark.parametrize("first, second, sent", [(502, 503, 3), (500, 502, 2), (502, 500, 2)])
def test_what_a_gateway_answers_twice_is_asked_for_a_third_time(
    bench: OpenBench, first: int, second: int, sent: int
) -> None:
    made = bench(answer(first), answer(second), answer(200))
    made.account().call("listSongs")

    assert len(made.sent) == sent


def test_but_not_where_it_may_cost_even_once(hire: Hire) -> None:
    target = Breaking(answer(502), answer(502))
    buyer = hire(target)
    with buyer.admitted(TWO_LOUD):
        assert buyer.asks().status == 502

    assert target.shop.asked.count("POST /songs") == 2


def test_nor_where_no_request_is_repeated_with_success(bench: OpenBench) -> None:
    made = bench(answer(503))
    for _ in range(8):
        made.account().call("listSongs")

    assert len(made.sent) == 3 + 3 + 6 * 2
    assert len(made.naps) == 5


def test_the_purchases_of_a_run_are_counted_by_the_ledger(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop)
    with buyer.admitted(TWO_LOUD):
        buyer.asks()
        buyer.asks("no such model")

    assert buyer.ledger.balance().purchases == len(shop.songs) == 1
    assert shop.exposure == Decimal(0)


def test_a_provisional_requirement_never_ends_paid_work(hire: Hire) -> None:
    contract = replace(shop_contract(), registry=Registry((replace(rule("price"), id="R-1", provisional=True),)))
    shop = Shop(lenient=True)
    buyer = hire(shop, contract=contract)
    with buyer.admitted(refuses(2, demanded_by="R-1")):
        buyer.asks("no such model")
        buyer.asks("no such model either")
    with buyer.admitted(ONE_LOUD, scenario="another"):
        assert buyer.asks().accepted

    assert shop.states()[:2] == ["stopped", "stopped"]
    assert buyer.ledger.balance().broken is None
    assert [requirement for _, requirement in buyer.ledger.acceptances()] == ["R-1", "R-1"]
