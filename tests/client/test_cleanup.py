"""What a run has left under way at the target is ended, also by those who never saw it being made."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from conformance.money.charges import ChargeTracker
from conformance.money.cleanup import Cleaner
from conformance.money.ledger_store import TaskSnapshot
from tests.client.bench import BASE
from tests.client.buyers import KEEPS_LOUD, RUN_TAG
from tests.client.shop import LOUD, MARKS, Shop, Song, shop_contract

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.money.ledger_store import PurchasedTask
    from tests.client.buyers import Buyer
    from tests.client.conftest import Hire

LOUD_PRICE = Decimal(30)


def no_time(_seconds: float) -> None:
    """Nothing changes while this passes."""


def cleaned(buyer: Buyer, sleep: Callable[[float], None] = no_time) -> tuple[PurchasedTask, ...]:
    """Clean up behind all processes of the run; what is left."""
    contract = shop_contract()
    buyer.ledger.under_way(buyer.lease.is_alive)
    tracker = ChargeTracker(buyer.ledger, contract, BASE)
    return Cleaner(buyer.ledger, tracker, buyer.account.send, sleep=sleep).clean()


def left_behind(hire: Hire, shop: Shop, *, lost: bool = False) -> None:
    """A process of the run dies and leaves one song under way; `lost`: before it saw the answer."""
    dying = hire(shop, worker="gw1")
    who: dict[str, Any] = {"lease": dying.lease.name, "is_alive": dying.lease.is_alive}
    admission = dying.ledger.admit("story", LOUD_PRICE, brief=True, **who)
    assert admission is not None
    reservation = dying.ledger.reserve(admission, LOUD, LOUD_PRICE, key="k", refusal=False, doubtful=False, **who)
    assert reservation is not None
    shop.answered("POST", "/songs", json.dumps({"model": LOUD, MARKS: {"conformance_run": RUN_TAG}}).encode(), "k")
    if not lost:
        dying.ledger.accepted(reservation, TaskSnapshot("s1", LOUD_PRICE, None, "working"))
        dying.ledger.settled(reservation, price_seen=True)
    dying.die()


def test_what_still_goes_on_is_cancelled(hire: Hire) -> None:
    shop = Shop()
    left_behind(hire, shop)
    buyer = hire(shop)

    assert cleaned(buyer) == ()
    assert shop.states() == ["stopped"]
    assert buyer.ledger.balance().exposure == shop.exposure == 0


def test_also_what_was_bought_for_good_and_is_not_done(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop)
    with buyer.admitted(KEEPS_LOUD):
        buyer.bought()

    assert cleaned(buyer) == ()
    assert shop.states() == ["stopped"]


def test_what_is_done_is_left_alone(hire: Hire) -> None:
    shop = Shop()
    left_behind(hire, shop)
    shop.finish()
    buyer = hire(shop)

    assert cleaned(buyer) == ()
    assert shop.states() == ["done"]
    assert buyer.ledger.balance().exposure == shop.exposure == LOUD_PRICE


def test_a_task_whose_answer_was_lost_is_found_by_its_mark(hire: Hire) -> None:
    shop = Shop()
    left_behind(hire, shop, lost=True)
    buyer = hire(shop)

    assert cleaned(buyer) == ()
    assert shop.states() == ["stopped"]
    assert buyer.ledger.lost() == ()
    assert buyer.ledger.balance().exposure == 0


def test_tasks_of_others_are_not_touched(hire: Hire) -> None:
    shop = Shop()
    for number, tags in enumerate(({}, None, "r1", {"conformance_run": "r2"}, {"other": RUN_TAG})):
        shop.songs[f"theirs{number}"] = Song(f"theirs{number}", LOUD, tags, LOUD_PRICE)
    left_behind(hire, shop, lost=True)

    assert cleaned(hire(shop)) == ()
    assert shop.states() == ["working"] * 5 + ["stopped"]


def test_nobody_looks_for_what_was_not_lost(hire: Hire) -> None:
    shop = Shop()
    left_behind(hire, shop)
    cleaned(hire(shop))

    assert "GET /songs" not in shop.asked


def test_what_was_paid_with_its_answer_is_neither_asked_for_nor_waited_for(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop)
    who: dict[str, Any] = {"lease": buyer.lease.name, "is_alive": buyer.lease.is_alive}
    admission = buyer.ledger.admit("story", LOUD_PRICE, brief=True, **who)
    assert admission is not None
    reservation = buyer.ledger.reserve(admission, LOUD, LOUD_PRICE, key=None, refusal=False, doubtful=False, **who)
    assert reservation is not None
    reader = buyer.charge_tracker.charge_reader
    buyer.ledger.accepted(reservation, reader.spent(buyer.account.call("listSongs"), LOUD_PRICE))
    shop.asked.clear()
    waits: list[float] = []

    assert cleaned(buyer, waits.append) == ()
    assert (shop.asked, waits) == ([], [])
    assert buyer.ledger.balance().exposure == LOUD_PRICE


def test_what_can_not_be_ended_is_listed_with_its_price(hire: Hire) -> None:
    shop = Shop(cancels=False)
    left_behind(hire, shop)
    left = cleaned(hire(shop))

    assert [(task.task_id, task.model, task.at_stake) for task in left] == [("s1", LOUD, LOUD_PRICE)]


def test_also_when_it_is_not_there_any_more(hire: Hire) -> None:
    shop = Shop()
    left_behind(hire, shop)
    shop.songs.clear()

    assert [task.task_id for task in cleaned(hire(shop))] == ["s1"]


def test_a_cancel_that_is_carried_out_a_moment_later_is_no_failure(hire: Hire) -> None:
    shop = Shop(cancels=False)
    left_behind(hire, shop)
    buyer = hire(shop)

    def carry_out(_seconds: float) -> None:
        shop.songs["s1"].state = "stopped"
        shop.songs["s1"].back = LOUD_PRICE

    assert cleaned(buyer, carry_out) == ()
    assert buyer.ledger.balance().exposure == 0


def test_a_refund_that_is_not_given_stays_at_stake(hire: Hire) -> None:
    shop = Shop(refunds=False)
    left_behind(hire, shop)
    buyer = hire(shop)

    assert cleaned(buyer) == ()
    assert buyer.ledger.balance().exposure == shop.exposure == LOUD_PRICE


def test_it_is_done_when_it_is_done_twice(hire: Hire) -> None:
    shop = Shop()
    left_behind(hire, shop, lost=True)
    buyer = hire(shop)
    cleaned(buyer)
    asked = len(shop.asked)

    assert cleaned(buyer) == ()
    assert len(shop.asked) == asked


def test_of_a_target_that_lists_without_end_only_the_newest_are_looked_at(hire: Hire) -> None:
    shop = Shop()
    for number in range(150):
        shop.songs[f"t{number}"] = Song(f"t{number}", LOUD, {}, LOUD_PRICE)
    left_behind(hire, shop, lost=True)
    shop.asked.clear()
    cleaned(hire(shop))

    assert len([asked for asked in shop.asked if asked.startswith("GET /songs/")]) <= 101
    assert shop.states()[-1] == "stopped"
