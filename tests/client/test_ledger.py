"""The account book that all processes of a run share: who has to wait, and when all spending ends."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.money.ledger_store import BreakerTrippedError, OverCapError, TaskSnapshot
from tests.client.desk import LOUD, Desk


def test_what_fits_is_admitted(desk: Desk) -> None:
    desk.admit(Decimal(60))
    desk.admit(Decimal(40))

    assert desk.has_to_wait(Decimal("0.0001"))


def test_what_costs_nothing_always_fits(desk: Desk) -> None:
    desk.admit(Decimal(100))

    assert not desk.has_to_wait(Decimal(0))


def test_who_does_not_fit_waits_until_others_give_back(desk: Desk) -> None:
    first = desk.admit(Decimal(60))
    assert desk.has_to_wait(Decimal(50))

    desk.ledger.dismiss(first)

    assert not desk.has_to_wait(Decimal(50))


def test_what_was_promised_and_spent_is_at_stake_once(desk: Desk) -> None:
    desk.accepted(desk.sent(desk.admit(Decimal(60))))

    assert desk.exposure == LOUD
    assert desk.has_to_wait(Decimal(41))
    assert not desk.has_to_wait(Decimal(40))


def test_what_is_kept_after_a_scenario_counts_for_ever(desk: Desk) -> None:
    desk.bought(desk.admit(Decimal(60)))

    with pytest.raises(OverCapError, match="needs 71, of which the cap leaves 70"):
        desk.admit(Decimal(71))
    desk.admit(Decimal(70))


def test_what_nobody_can_give_back_is_refused_and_kept_on_record(desk: Desk) -> None:
    with pytest.raises(OverCapError, match="needs 101, of which the cap leaves 100"):
        desk.admit(Decimal(101), scenario="dear")

    assert desk.ledger.balance().unaffordable == (("dear", Decimal(101)),)


def test_of_those_who_wait_for_nothing_only_a_few_are_on_at_a_time(desk: Desk) -> None:
    first, *_ = [desk.admit(Decimal(1), brief=True) for _ in range(4)]
    assert desk.has_to_wait(Decimal(1), brief=True)
    assert not desk.has_to_wait(Decimal(1))

    desk.ledger.dismiss(first)

    assert not desk.has_to_wait(Decimal(1), brief=True)


def test_the_first_request_of_a_price_goes_alone(desk: Desk) -> None:
    both, other = desk.admit(2 * LOUD), desk.admit()
    first = desk.sent(both)
    assert desk.reserve(both) is None
    assert desk.reserve(other, "soft") is None

    desk.accepted(first)

    assert desk.reserve(both) is not None


def test_nothing_goes_beside_it_either(desk: Desk) -> None:
    desk.know_prices()
    admission = desk.admit(2 * LOUD)
    first = desk.sent(admission, "new")
    assert desk.reserve(admission) is None

    desk.accepted(first)

    assert desk.reserve(admission) is not None


def test_it_waits_until_it_is_alone(desk: Desk) -> None:
    desk.know_prices()
    admission = desk.admit(2 * LOUD)
    under_way = desk.sent(admission)
    assert desk.reserve(admission, "new") is None

    desk.accepted(under_way)

    assert desk.reserve(admission, "new") is not None


def test_as_long_as_no_charge_is_shown_they_go_one_by_one(desk: Desk) -> None:
    admission = desk.admit(3 * LOUD)
    first = desk.sent(admission)
    desk.ledger.accepted(first, TaskSnapshot("s1"))
    desk.ledger.settled(first, price_seen=True)
    desk.sent(admission)

    assert desk.reserve(admission) is None


def test_known_prices_go_side_by_side(desk: Desk) -> None:
    desk.know_prices()
    admission = desk.admit(3 * LOUD)

    assert all(desk.reserve(admission) for _ in range(3))
    assert desk.exposure == 3 * LOUD


def test_a_refused_request_shows_no_price(desk: Desk) -> None:
    admission = desk.admit(2 * LOUD)
    desk.ledger.settled(desk.sent(admission), price_seen=False)
    desk.sent(admission)

    assert desk.reserve(admission) is None


def test_requests_that_must_be_refused_go_one_at_a_time(desk: Desk) -> None:
    desk.know_prices()
    admission = desk.admit(Decimal(0))
    first = desk.sent(admission, refusal=True)
    assert desk.reserve(admission, refusal=True) is None

    desk.ledger.settled(first, price_seen=False)

    assert desk.reserve(admission, refusal=True) is not None


def test_a_request_beyond_the_promise_is_sent_where_it_fits(desk: Desk) -> None:
    desk.know_prices()
    admission = desk.admit(LOUD)

    assert all(desk.reserve(admission) for _ in range(3))
    with pytest.raises(OverCapError, match="needs 30, of which the cap leaves 10"):
        desk.reserve(admission)


def test_it_does_not_live_on_what_was_promised_to_others(desk: Desk) -> None:
    desk.know_prices()
    admission = desk.admit(LOUD)
    desk.sent(admission)
    desk.admit(Decimal(70))

    with pytest.raises(OverCapError):
        desk.reserve(admission)


def test_a_scenario_that_is_over_has_no_promise_left(desk: Desk) -> None:
    desk.know_prices()
    late = desk.admit(LOUD)
    desk.ledger.dismiss(late)
    desk.admit(Decimal(100))

    with pytest.raises(OverCapError):
        desk.reserve(late)


def test_a_charge_above_the_price_ends_all_spending(desk: Desk) -> None:
    admission = desk.admit(2 * LOUD)
    desk.accepted(desk.sent(admission), charged=Decimal("30.0001"))

    assert desk.ledger.balance().broken == "a task of loud was charged 30.0001, its price is 30.0000"
    with pytest.raises(BreakerTrippedError, match="was charged"):
        desk.reserve(admission)
    with pytest.raises(BreakerTrippedError, match="was charged"):
        desk.admit(Decimal(0))


def test_also_when_it_is_seen_later(desk: Desk) -> None:
    admission = desk.admit()
    desk.accepted(desk.sent(admission))
    desk.ledger.see(TaskSnapshot("s1", Decimal(300)))

    assert desk.exposure == Decimal(300)
    with pytest.raises(BreakerTrippedError):
        desk.reserve(admission)


def test_nobody_slips_through_between_charge_and_breaker(desk: Desk) -> None:
    """The task is in the book and the breaker is tripped before the reservation is settled."""
    admission = desk.admit(2 * LOUD)
    desk.ledger.accepted(desk.sent(admission), TaskSnapshot("s1", Decimal(300)))

    with pytest.raises(BreakerTrippedError):
        desk.reserve(admission)


def test_an_acceptance_of_what_must_be_refused_ends_all_spending(desk: Desk) -> None:
    desk.accepted(desk.sent(desk.admit(Decimal(0)), refusal=True))

    assert "accepted a request that must be refused (task s1)" in str(desk.ledger.balance().broken)
    with pytest.raises(BreakerTrippedError):
        desk.admit()


def test_a_success_without_a_task_is_an_acceptance_too(desk: Desk) -> None:
    desk.ledger.unknown(desk.sent(desk.admit(Decimal(0)), refusal=True), welcomed=True)

    assert "accepted a request that must be refused" in str(desk.ledger.balance().broken)
    assert desk.exposure == LOUD


def test_an_acceptance_in_doubt_ends_nothing_and_counts_as_a_purchase(desk: Desk) -> None:
    refusals = desk.admit(Decimal(0))
    desk.accepted(desk.sent(refusals, refusal=True, doubtful=True), charged=LOUD)

    assert (desk.ledger.balance().broken, desk.ledger.balance().purchases) == (None, 1)
    assert desk.exposure == LOUD
    assert desk.reserve(refusals, refusal=True, doubtful=True) is not None
