"""The account book that all processes of a run share: what is at stake, and what becomes of it."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from conformance.money.ledger import SpendLedger
from conformance.money.ledger_store import BreakerTrippedError, TaskSnapshot
from tests.client.desk import LOUD, SOFT, Desk

if TYPE_CHECKING:
    from collections.abc import Callable


def test_what_nobody_saw_stays_at_stake(desk: Desk) -> None:
    admission = desk.admit()
    desk.ledger.unknown(desk.sent(admission))
    desk.ledger.dismiss(admission)

    assert desk.exposure == LOUD
    assert desk.ledger.lost() == (("loud", LOUD),)


def test_the_same_key_tells_what_became_of_it(desk: Desk) -> None:
    admission = desk.admit()
    desk.ledger.unknown(desk.sent(admission, key="k"))
    desk.accepted(desk.sent(admission, key="k"))

    assert desk.exposure == LOUD
    assert desk.ledger.lost() == ()


def test_another_key_does_not(desk: Desk) -> None:
    admission = desk.admit(2 * LOUD)
    desk.ledger.unknown(desk.sent(admission, key="k"))
    desk.accepted(desk.sent(admission, key="other"))

    assert desk.exposure == 2 * LOUD


def test_the_task_of_another_key_answers_nothing(desk: Desk) -> None:
    admission = desk.admit(2 * LOUD)
    desk.accepted(desk.sent(admission, key="k"))

    assert not desk.ledger.accepted(desk.sent(admission, key="other"), TaskSnapshot("s1", LOUD))


def test_the_same_task_costs_once(desk: Desk) -> None:
    admission = desk.admit(2 * LOUD)
    desk.accepted(desk.sent(admission, key="k"))
    desk.accepted(desk.sent(admission, key="k"))

    assert desk.exposure == LOUD
    assert len(desk.ledger.tasks()) == 1


def test_from_its_answer_on_the_task_carries_the_charge_alone(desk: Desk) -> None:
    desk.know_prices()
    admission = desk.admit(2 * LOUD)
    desk.admit(Decimal(40))
    answered = desk.sent(admission, key="k")
    desk.ledger.accepted(answered, TaskSnapshot("s1", LOUD, Decimal(0), "working"))

    assert desk.exposure == LOUD
    assert desk.reserve(admission, key="k") is not None


def test_a_refund_is_no_more_at_stake(desk: Desk) -> None:
    desk.bought(desk.admit())
    desk.give_back("s1", LOUD)

    assert desk.exposure == Decimal(0)
    assert desk.ledger.balance().refunded == LOUD


def test_a_task_that_goes_on_has_its_whole_price_at_stake_whatever_it_shows(desk: Desk) -> None:
    desk.bought(desk.admit())
    desk.ledger.see(TaskSnapshot("s1", Decimal(1)))

    assert desk.exposure == LOUD


def test_one_that_ended_has_what_it_was_charged(desk: Desk) -> None:
    desk.bought(desk.admit())
    desk.ledger.see(TaskSnapshot("s1", Decimal(1), None, "done", ended=True))

    assert desk.exposure == Decimal(1)


@pytest.mark.parametrize("refunded", [Decimal("1e11"), Decimal(31)])
def test_no_refund_pays_for_other_tasks(desk: Desk, refunded: Decimal) -> None:
    for task_id in ("s1", "s2"):
        desk.bought(desk.admit(), task_id=task_id)
    desk.give_back("s1", refunded)

    assert desk.exposure == LOUD


@pytest.mark.parametrize("charged", [Decimal("1e12"), Decimal("999999999999.999999")])
def test_absurd_charges_can_be_added_up(desk: Desk, charged: Decimal) -> None:
    admission = desk.admit(2 * LOUD)
    desk.accepted(desk.sent(admission), charged=charged)
    desk.ledger.see(TaskSnapshot("s1", charged))

    assert desk.exposure >= Decimal("1e9")


def test_a_charge_below_nothing_gives_nothing(desk: Desk) -> None:
    desk.bought(desk.admit(), task_id="s1")
    desk.accepted(desk.sent(desk.admit()), "s2", charged=Decimal(-1000))

    assert desk.exposure == 2 * LOUD


def test_the_dead_give_back_their_promises_but_not_what_they_had_under_way(desk: Desk) -> None:
    desk.sent(desk.admit(Decimal(90), lease="b"), lease="b")
    assert desk.has_to_wait(Decimal(70))

    desk.dead.add("b")

    assert not desk.has_to_wait(Decimal(70))
    assert desk.exposure == LOUD
    assert desk.ledger.lost() == (("loud", LOUD),)


def test_whom_the_dead_kept_waiting_gets_a_turn(desk: Desk) -> None:
    desk.sent(desk.admit(lease="b"), lease="b")
    admission = desk.admit()
    assert desk.reserve(admission) is None

    desk.dead.add("b")

    assert desk.reserve(admission) is not None


def test_requests_of_the_living_are_under_way(desk: Desk) -> None:
    desk.sent(desk.admit())
    assert desk.ledger.under_way(desk.is_alive) == 1

    desk.dead.add("a")

    assert desk.ledger.under_way(desk.is_alive) == 0


def test_a_purse_that_is_stopped_gives_nothing(desk: Desk) -> None:
    admission = desk.admit()
    desk.ledger.stop("the run was interrupted")

    with pytest.raises(BreakerTrippedError, match="interrupted"):
        desk.reserve(admission)


def test_all_who_open_it_see_the_same(open_desk: Callable[..., Desk]) -> None:
    first, second = open_desk(cap=Decimal(40)), open_desk(cap=Decimal(999))
    first.admit()

    assert second.has_to_wait(LOUD)
    assert second.ledger.balance().cap == Decimal(40)


def test_it_outlives_whoever_made_it(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.bought(desk.admit())
    desk.ledger.close()

    with closing(SpendLedger(desk.ledger.path)) as found:
        assert found.balance().exposure == LOUD
        assert found.identity() == ("r1", "http://t", "sample")
        assert [(task.task_id, task.scenario) for task in found.tasks()] == [("s1", "story")]


def test_a_task_that_nobody_saw_being_made_is_adopted_once(desk: Desk) -> None:
    desk.ledger.unknown(desk.sent(desk.admit()))
    seen = TaskSnapshot("s1", LOUD, None, "working")

    assert desk.ledger.adopt(seen, "loud", LOUD)
    assert not desk.ledger.adopt(seen, "loud", LOUD)
    assert desk.exposure == LOUD
    assert desk.ledger.lost() == ()


def test_it_is_taken_for_the_lost_request_of_its_own_model(desk: Desk) -> None:
    desk.know_prices()
    for model in ("soft", "loud"):
        desk.ledger.unknown(desk.sent(desk.admit(), model))

    desk.ledger.adopt(TaskSnapshot("s1", LOUD, None, "working"), "loud", LOUD)

    assert desk.ledger.lost() == (("soft", SOFT),)


def test_a_purchase_of_another_run_shows_no_price(open_desk: Callable[..., Desk]) -> None:
    earlier, later = open_desk("earlier"), open_desk("later", run_id="r2")
    earlier.ledger.claim("the song", "k", "a", earlier.is_alive)
    earlier.ledger.purchase("the song", b"{}")
    earlier.accepted(earlier.sent(earlier.admit(), key="k"))
    later.ledger.inherit(earlier.ledger)
    admission = later.admit(3 * LOUD)
    later.accepted(later.sent(admission, key="k"))
    later.sent(admission)

    assert later.reserve(admission) is None


def test_a_purchase_of_another_run_is_free_and_its_task_too(open_desk: Callable[..., Desk]) -> None:
    earlier, later = open_desk("earlier"), open_desk("later", run_id="r2")
    earlier.ledger.claim("the song", "k", "a", earlier.is_alive)
    earlier.ledger.purchase("the song", b"{}")
    admission = earlier.admit()
    earlier.accepted(earlier.sent(admission, key="k"))
    later.ledger.inherit(earlier.ledger)

    assert later.ledger.claim("the song", "another", "a", later.is_alive) == ("k", None, b"{}")
    assert later.ledger.kept_models() == {"loud"}
    assert later.exposure == Decimal(0)
    later.accepted(later.sent(later.admit(), key="k"))
    assert later.exposure == Decimal(0)
    assert later.ledger.balance().charged == Decimal(0)


def test_what_nobody_has_finished_buying_is_promised_to_the_next(desk: Desk) -> None:
    desk.ledger.claim("the song", "k", "a", desk.is_alive)
    desk.accepted(desk.sent(desk.admit(), key="k"))
    before = desk.ledger.kept_models()
    desk.ledger.purchased("the song", "main-1")

    assert before == frozenset()
    assert desk.ledger.kept_models() == {"loud"}


def test_an_answer_that_was_overtaken_brings_no_stake_back(desk: Desk) -> None:
    desk.bought(desk.admit())
    desk.give_back("s1", LOUD)

    desk.ledger.see(TaskSnapshot("s1", LOUD, Decimal(0), "working"))

    assert desk.exposure == 0
