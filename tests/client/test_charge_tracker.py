"""What is spent is known from what the target shows, and what nobody wants is cancelled."""

from __future__ import annotations

from contextlib import ExitStack
from decimal import Decimal
from typing import TYPE_CHECKING, NoReturn

import pytest

from conformance.client.errors import ReservationError
from conformance.client.transports.base import UnsendableRequestError
from conformance.money.budget import Budget, Tier, cancels, refuses, refuses_in_the_end
from tests.client.bench import answer
from tests.client.buyers import KEEPS_LOUD, ONE_LOUD, REFUSED, waiting_for
from tests.client.shop import LOUD, SOFT, Shop

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.client.transports.base import Incoming, Outgoing
    from tests.client.buyers import Buyer
    from tests.client.conftest import Hire
    from tests.client.shop import Song

NOTHING, LOUD_PRICE = Decimal(0), Decimal(30)
MANY = cancels(*(LOUD,) * 9, open_at_once=3)


def exposure(buyer: Buyer) -> Decimal:
    return buyer.ledger.balance().exposure


def test_what_a_scenario_leaves_going_on_is_cancelled_at_its_end(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop)
    with buyer.admitted(MANY):
        buyer.asks()
        buyer.asks()
        assert exposure(buyer) == 2 * LOUD_PRICE

    assert shop.states() == ["stopped", "stopped"]
    assert exposure(buyer) == shop.exposure == NOTHING


def test_also_when_it_breaks(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop)

    def story() -> NoReturn:
        with buyer.admitted():
            buyer.asks()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        story()
    assert shop.states() == ["stopped"]


def test_what_has_ended_can_be_read_once_more_and_what_goes_on_is_left_alone(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop)
    with buyer.admitted():
        buyer.asks()
    with buyer.admitted():
        buyer.asks()
        before = len(shop.asked)
        buyer.charge_tracker.read_ended()
        assert shop.asked[before:] == ["GET /songs/s1"]


def test_what_has_ended_is_left_alone(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop)
    with buyer.admitted(KEEPS_LOUD):
        created = buyer.asks()
        shop.finish()
        buyer.account.call("getSong", path={"song": created.string("/song")})

    assert "POST /songs/s1/stop" not in shop.asked
    assert exposure(buyer) == shop.exposure == LOUD_PRICE


def test_what_was_bought_for_good_is_left_to_go_on(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop)
    with buyer.admitted(KEEPS_LOUD):
        buyer.bought()

    assert shop.states() == ["working"]


def test_what_was_bought_for_good_costs_nobody_else_anything(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop, cap=LOUD_PRICE)
    for scenario in ("first", "second"):
        with buyer.admitted(KEEPS_LOUD, scenario):
            buyer.bought()

    assert shop.exposure == exposure(buyer) == LOUD_PRICE


def test_a_scenario_waits_until_another_has_given_back(hire: Hire) -> None:
    with ExitStack() as first:
        other = hire(Shop(), cap=LOUD_PRICE, sleep=waiting_for(first.close))
        first.enter_context(other.admitted(scenario="first"))

        with other.admitted(scenario="second"):
            assert other.asks().status == 202


def test_what_does_not_fit_is_left_open_with_its_price(hire: Hire) -> None:
    buyer = hire(Shop(), cap=Decimal(29))

    with pytest.raises(ReservationError, match=r"needs 30\.00, of which the cap leaves 29\."), buyer.admitted():
        pytest.fail("it was let in")


def test_a_refund_that_is_on_its_way_is_waited_for(hire: Hire) -> None:
    shop = Shop(refunds=False)

    def refund() -> None:
        shop.songs["s1"].back = LOUD_PRICE

    buyer = hire(shop, cap=LOUD_PRICE, sleep=waiting_for(lambda: None, refund))
    with buyer.admitted():
        buyer.asks()

    with buyer.admitted(scenario="second"):
        assert buyer.asks().status == 202


def test_so_is_a_cancel_that_is_carried_out_later(hire: Hire) -> None:
    shop = Shop(cancels=False)

    def stop() -> None:
        shop.songs["s1"].state = "stopped"

    def refund() -> None:
        shop.songs["s1"].back = LOUD_PRICE

    buyer = hire(shop, cap=LOUD_PRICE, sleep=waiting_for(lambda: None, stop, refund))
    with buyer.admitted():
        buyer.asks()

    with buyer.admitted(scenario="second"):
        assert buyer.asks().status == 202
    assert buyer.ledger.balance().unaffordable == ()


def test_what_was_waited_for_in_vain_is_not_waited_for_again(hire: Hire) -> None:
    naps: list[float] = []
    buyer = hire(Shop(refunds=False), cap=LOUD_PRICE, sleep=naps.append)
    with buyer.admitted():
        buyer.asks()
    with pytest.raises(ReservationError), buyer.admitted(scenario="second"):
        pytest.fail("it was let in")
    before = sum(naps)

    with pytest.raises(ReservationError), buyer.admitted(scenario="third"):
        pytest.fail("it was let in")
    assert sum(naps) == before > 0


def test_but_it_counts_when_it_comes_after_all(hire: Hire) -> None:
    shop = Shop(refunds=False)
    buyer = hire(shop, cap=LOUD_PRICE, sleep=lambda _seconds: None)
    with buyer.admitted():
        buyer.asks()
    with pytest.raises(ReservationError), buyer.admitted(scenario="second"):
        pytest.fail("it was let in")
    shop.songs["s1"].back = LOUD_PRICE

    with buyer.admitted(scenario="third"):
        assert buyer.asks().status == 202


def test_one_that_never_comes_is_not_waited_for_long(hire: Hire) -> None:
    naps: list[float] = []
    buyer = hire(Shop(refunds=False), cap=LOUD_PRICE, sleep=naps.append)
    with buyer.admitted():
        buyer.asks()

    with pytest.raises(ReservationError, match="of which the cap leaves 0"), buyer.admitted(scenario="second"):
        pytest.fail("it was let in")
    assert 0 < sum(naps) < 60


def test_a_charge_that_the_answer_does_not_show_is_asked_for(hire: Hire) -> None:
    shop = Shop()

    def silent_at_first(outgoing: Outgoing) -> Incoming:
        made = shop(outgoing)
        return answer(202, {"song": "s1"}) if outgoing.method == "POST" and outgoing.url.endswith("/songs") else made

    buyer = hire(silent_at_first)
    shop.markup = Decimal(10)
    with buyer.admitted():
        buyer.asks()
        assert "was charged 300" in str(buyer.ledger.balance().broken)


def test_an_overcharge_ends_paid_work_but_not_what_is_free(hire: Hire) -> None:
    shop = Shop(markup=Decimal(10))
    buyer = hire(shop)
    with buyer.admitted(MANY):
        buyer.asks()
        with pytest.raises(ReservationError, match="paid work has stopped: a task of loud was charged 300"):
            buyer.asks()
        assert buyer.account.call("listSongs").accepted

    assert len(shop.songs) == 1
    with pytest.raises(ReservationError, match="paid work has stopped"), buyer.admitted(scenario="another"):
        pytest.fail("it was let in")


def test_all_processes_stop_at_once(hire: Hire) -> None:
    shop = Shop(markup=Decimal(2))
    first, second = hire(shop), hire(shop, worker="gw1")
    with first.admitted(), second.admitted(scenario="other"):
        first.asks()
        with pytest.raises(ReservationError, match="paid work has stopped"):
            second.asks()


@pytest.mark.parametrize("tier", [Tier.FREE, Tier.PAID])
def test_the_first_acceptance_of_what_must_be_refused_is_cancelled_and_ends_it(hire: Hire, tier: Tier) -> None:
    shop = Shop(lenient=True)
    buyer = hire(shop, tier=tier)
    with buyer.admitted(REFUSED):
        assert buyer.asks("no such model").status == 202
        assert shop.states() == ["stopped"]
        with pytest.raises(ReservationError, match=r"accepted a request that must be refused \(task s1\)"):
            buyer.asks("no such model")

    assert len(shop.songs) == 1
    assert shop.exposure == NOTHING


def test_where_the_refusal_is_in_doubt_an_acceptance_is_cancelled_and_work_goes_on(hire: Hire) -> None:
    shop = Shop(lenient=True)
    buyer = hire(shop)
    with buyer.admitted(refuses(3, doubtful=True)):
        buyer.asks("no such model")
        buyer.asks("no such model either")
    assert shop.states() == ["stopped", "stopped"]

    with buyer.admitted(scenario="another"):
        assert buyer.asks().status == 202


@pytest.mark.parametrize("tier, state", [(Tier.FREE, "stopped"), (Tier.PAID, "working")])
def test_where_only_the_end_of_the_task_decides_it_is_let_go_on_if_something_may_be_bought(
    hire: Hire, tier: Tier, state: str
) -> None:
    shop = Shop(lenient=True)
    buyer = hire(shop, tier=tier)
    with buyer.admitted(refuses_in_the_end(1)):
        buyer.asks("no such model")
        assert shop.states() == [state]

    assert shop.states() == ["stopped"]
    assert buyer.ledger.acceptances() == ()
    assert buyer.ledger.balance().broken is None


def test_a_scenario_that_buys_may_ask_for_what_is_refused_as_well(hire: Hire) -> None:
    buyer = hire(Shop())
    with buyer.admitted(Budget(tier=Tier.PAID, cancels=(LOUD,), refused=1)):
        assert [buyer.asks("no such model").status, buyer.asks().status] == [422, 202]


def test_a_lost_answer_stays_at_stake_until_its_key_is_used_again(hire: Hire) -> None:
    shop = Shop(mute=True)
    buyer = hire(shop)
    with buyer.admitted(MANY):
        assert buyer.asks(key="k").response is None
        assert exposure(buyer) == LOUD_PRICE
        assert buyer.ledger.lost() == ((LOUD, LOUD_PRICE),)
        shop.mute = False
        assert buyer.asks(key="k").status == 202
        assert buyer.ledger.lost() == ()
        assert exposure(buyer) == shop.exposure == LOUD_PRICE

    assert exposure(buyer) == shop.exposure == NOTHING


def test_a_key_that_is_used_again_costs_nothing(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop)
    with buyer.admitted(MANY):
        assert {buyer.asks(key="k").string("/song") for _ in range(5)} == {"s1"}
        assert exposure(buyer) == shop.exposure == LOUD_PRICE


def test_a_server_fault_may_have_made_a_task(hire: Hire) -> None:
    buyer = hire(lambda _: answer(503))
    with buyer.admitted():
        buyer.asks()

    # It is repeated with its key, and each of both may have made the task.
    assert exposure(buyer) == 2 * LOUD_PRICE


def test_a_success_that_shows_no_task_may_have_made_one(hire: Hire) -> None:
    buyer = hire(lambda _: answer(200, b"<!doctype html>"))
    with buyer.admitted():
        buyer.asks()

    assert exposure(buyer) == LOUD_PRICE


def test_an_answer_that_shows_the_task_of_another_key_may_hide_one(hire: Hire) -> None:
    shop = Shop()

    def blind(outgoing: Outgoing) -> Incoming:
        content = outgoing.content if isinstance(outgoing.content, bytes) else b""
        return shop.answered(outgoing.method, outgoing.url.partition("/api")[2], content, "one key for all")

    buyer = hire(blind)
    with buyer.admitted(MANY):
        buyer.asks(key="k")
        buyer.asks(key="other")

        assert buyer.ledger.under_way(lambda _: True) == 0
        assert exposure(buyer) == 2 * LOUD_PRICE


@pytest.mark.parametrize("status", [400, 402, 404, 409, 422])
def test_a_refusal_costs_nothing(hire: Hire, status: int) -> None:
    buyer = hire(lambda _: answer(status, {"fault": {}}))
    with buyer.admitted():
        buyer.asks()

    assert exposure(buyer) == NOTHING


def test_what_can_not_be_sent_costs_nothing(hire: Hire) -> None:
    def unsendable(_outgoing: Outgoing) -> Incoming:
        raise UnsendableRequestError("no such method")

    buyer = hire(unsendable)
    with buyer.admitted():
        with pytest.raises(UnsendableRequestError):
            buyer.asks()
        assert exposure(buyer) == NOTHING
        assert buyer.ledger.under_way(buyer.lease.is_alive) == 0


def test_what_is_interrupted_may_have_made_a_task(hire: Hire) -> None:
    def interrupted(_outgoing: Outgoing) -> Incoming:
        raise KeyboardInterrupt

    buyer = hire(interrupted)
    with pytest.raises(KeyboardInterrupt), buyer.admitted():
        buyer.asks()

    assert exposure(buyer) == LOUD_PRICE
    assert buyer.ledger.under_way(buyer.lease.is_alive) == 0


def plain(amount: object) -> Callable[[Song], object]:
    return lambda _: amount


@pytest.mark.parametrize(
    "shown", ["1e30", "99999999999999999999", 10**30, 1e300, float("inf"), "Infinity", "31", 30.5], ids=str
)
def test_a_charge_above_the_price_is_noticed_however_it_is_written(hire: Hire, shown: object) -> None:
    buyer = hire(Shop(shown=plain(shown)))
    with buyer.admitted():
        buyer.asks()

    assert "was charged" in str(buyer.ledger.balance().broken)


@pytest.mark.parametrize(
    "shown", [None, True, "", "free", "NaN", "sNaN", float("nan"), [30], {}, "-30", -30, "-1e30", "1e-30"], ids=str
)
def test_of_any_other_amount_the_whole_price_is_at_stake(hire: Hire, shown: object) -> None:
    shop = Shop(shown=plain(shown), cancels=False)
    buyer = hire(shop)
    with buyer.admitted():
        buyer.asks()

    assert buyer.ledger.balance().broken is None
    assert exposure(buyer) == LOUD_PRICE


def test_a_model_that_the_target_chooses_may_be_the_dearest(hire: Hire) -> None:
    buyer = hire(Shop(prices={LOUD: LOUD_PRICE, SOFT: Decimal(5), "auto": Decimal(5)}), cap=Decimal(29))

    with pytest.raises(ReservationError, match="needs 30"), buyer.admitted(cancels("*")):
        pytest.fail("it was let in")


def test_nobody_reads_the_books_of_others(hire: Hire) -> None:
    """A task that is no one's of this run is none of the purse's business."""
    shop = Shop()
    shop.answered("POST", "/songs", b'{"model": "loud"}', "theirs")
    buyer = hire(shop)
    buyer.account.call("getSong", path={"song": "s1"})

    assert buyer.ledger.tasks() == ()


def test_scenarios_that_wait_for_nothing_take_turns(hire: Hire) -> None:
    over: list[str] = []
    with ExitStack() as others:
        others.callback(over.append, "the first four")
        buyer = hire(Shop(), cap=Decimal(1000), sleep=waiting_for(others.close))
        for number in range(4):
            others.enter_context(buyer.admitted(ONE_LOUD, f"story {number}"))

        with buyer.admitted(KEEPS_LOUD, "one that waits anyway"):
            assert over == []
        with buyer.admitted(ONE_LOUD, "the fifth"):
            assert over == ["the first four"]
