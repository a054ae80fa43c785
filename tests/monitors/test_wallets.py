"""Monitors of what wallets show: refusals cost nothing, and tasks explain every movement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conformance.contract.operations import Price
from conformance.monitors.registry import judge
from tests.monitors.factory import Talk, cost, sentences, song
from tests.monitors.sample import contract, rule

if TYPE_CHECKING:
    from conformance.contract.contract import Contract

REFUSALS, LEDGER = "refusals-cost-nothing", "ledger"


def refused(talk: Talk, status: int = 422) -> str:
    return talk.say("createSong", status, {"fault": {}}, sent={})


def test_refusals_between_equal_readings_are_right() -> None:
    talk = Talk()
    talk.read_balance("100.00")
    first = refused(talk)
    talk.read_balance("100.00")

    judged = talk.judged(REFUSALS)

    assert (judged.exercised, judged.findings, judged.witnesses) == (1, (), (first,))


def test_a_refusal_that_cost_something_is_a_finding() -> None:
    talk = Talk()
    talk.read_balance("100.00")
    first = refused(talk)
    talk.read_balance("70.00")

    judged = talk.judged(REFUSALS)

    assert sentences(judged) == [
        "expected POST createSong, which was refused, to cost nothing, but the balance fell by 30.00 coins"
    ]
    assert judged.findings[0].exchanges == (first,)


def test_the_smallest_group_of_refusals_that_cost_something_is_the_finding() -> None:
    talk = Talk()
    for before, requests, after in (("100.00", 4, "90.00"), ("90.00", 2, "80.00"), ("80.00", 2, "80.00")):
        talk.read_balance(before)
        for _ in range(requests):
            refused(talk)
        talk.read_balance(after)

    judged = talk.judged(REFUSALS)

    assert sentences(judged) == ["expected 2 refused requests to cost nothing, but the balance fell by 10.00 coins"]


@pytest.mark.parametrize("status", [402, 409, 429, 500, None])
def test_refusals_that_other_rules_judge_are_left_alone(status: int | None) -> None:
    talk = Talk()
    talk.read_balance("100.00")
    talk.say("createSong", status, {"fault": {}})
    talk.read_balance("70.00")

    assert talk.judged(REFUSALS).exercised == 0


def test_a_success_among_refusals_leaves_open_which_one_cost() -> None:
    talk = Talk()
    talk.read_balance("100.00")
    talk.create(song("waiting", cost=cost()))
    refused(talk)
    talk.read_balance("70.00")

    assert talk.judged(REFUSALS).exercised == 0


def test_a_refund_that_may_come_could_hide_the_cost_of_a_refusal() -> None:
    talk = Talk()
    talk.create(song("waiting", cost=cost()))
    talk.read_balance("100.00")
    refused(talk)
    talk.read_balance("100.00")

    assert talk.judged(REFUSALS).exercised == 0


def test_nobody_is_blamed_for_a_balance_that_was_set() -> None:
    talk = Talk()
    talk.read_balance("100.00")
    refused(talk)
    talk.set_balance()
    talk.read_balance("10.00")

    assert (talk.judged(REFUSALS).exercised, talk.judged(LEDGER).exercised) == (0, 0)


def test_accounts_have_wallets_of_their_own() -> None:
    talk = Talk()
    talk.read_balance("100.00")
    talk.say("createSong", 422, {"fault": {}}, account="other")
    talk.read_balance("70.00", account="other")
    talk.read_balance("100.00")

    assert talk.judged(REFUSALS).exercised == 0


@pytest.mark.parametrize(
    "end, closing",
    [
        (song("done", cost=cost()), "70.00"),
        (song("broken", cost=cost(back="30.00")), "100.00"),
        (song("stopped", cost=cost(back="30.00")), "100.00"),
        (song("working", cost=cost()), "70.00"),
        (song("working", cost=cost()), "100.00"),
        (song("broken", cost=cost(back="10.00")), "100.00"),
        (song("broken", cost=cost(30, back=30.0)), "100.00"),
    ],
    ids=["kept", "failed", "canceled", "goes on", "may have failed since", "refund shown too low", "numbers"],
)
def test_a_movement_that_tasks_explain_is_right(end: dict[str, object], closing: str) -> None:
    talk = Talk()
    talk.read_balance("100.00")
    created = talk.create(song("waiting", cost=cost()))
    talk.get(end)
    talk.read_balance(closing)

    judged = talk.judged(LEDGER)

    assert (judged.exercised, judged.findings, judged.witnesses) == (1, (), (created,))


@pytest.mark.parametrize(
    "end, closing, range_, fall",
    [
        (song("done", cost=cost()), "69.00", "30.00", "31.00"),
        (song("done", cost=cost()), "100.00", "30.00", "0.00"),
        (song("broken", cost=cost(back="30.00")), "130.00", "0.00 to 30.00", "-30.00"),
        (song("working", cost=cost()), "40.00", "0.00 to 30.00", "60.00"),
    ],
    ids=["too much", "nothing", "refunded twice", "debited twice"],
)
def test_a_movement_that_no_task_explains_is_a_finding(
    end: dict[str, object], closing: str, range_: str, fall: str
) -> None:
    talk = Talk()
    talk.read_balance("100.00")
    created = talk.create(song("waiting", cost=cost()))
    talk.get(end)
    talk.read_balance(closing)

    judged = talk.judged(LEDGER)

    expectation = f"expected the balance to fall by {range_} coins from 100.00 by what the tasks say"
    assert sentences(judged) == [f"{expectation}, got {closing}, a fall of {fall}"]
    assert judged.findings[0].exchanges == (created,)


def test_a_task_of_before_may_be_refunded_at_any_time_until_its_end_is_seen() -> None:
    talk = Talk()
    talk.create(song("waiting", name="s0", cost=cost()))
    talk.read_balance("100.00")
    talk.create(song("waiting", cost=cost()))
    talk.get(song("done", cost=cost()))
    talk.read_balance("100.00")

    assert (talk.judged(LEDGER).exercised, talk.judged(LEDGER).findings) == (1, ())


def test_a_create_request_without_an_answer_leaves_the_ledger_open() -> None:
    talk = Talk()
    talk.read_balance("100.00")
    talk.say("createSong", None, sent={}, asking={"Once-Key": "k1"})
    talk.read_balance("70.00")

    assert talk.judged(LEDGER).exercised == 0


def test_a_retry_of_another_operation_tells_nothing() -> None:
    talk = Talk()
    talk.read_balance("100.00")
    talk.say("createSong", None, sent={}, asking={"Once-Key": "k1"})
    talk.say("copySong", 202, song("waiting", cost=cost()), sent={}, asking={"Once-Key": "k1"})
    talk.read_balance("40.00")

    assert talk.judged(LEDGER).exercised == 0


def test_a_movement_without_any_task_shows_all_that_was_asked_for() -> None:
    talk = Talk()
    talk.read_balance("100.00")
    refused = talk.say("createSong", 402, sent={})
    talk.read_balance("70.00")

    assert talk.judged(LEDGER).findings[0].exchanges == (refused,)


def test_a_retry_tells_what_became_of_a_request_without_an_answer() -> None:
    talk = Talk()
    talk.read_balance("100.00")
    talk.say("createSong", None, sent={}, asking={"Once-Key": "k1"})
    talk.create(song("waiting", cost=cost()), asking={"Once-Key": "k1"})
    talk.read_balance("40.00")

    assert len(talk.judged(LEDGER).findings) == 1


def test_a_task_without_a_readable_charge_leaves_the_ledger_open() -> None:
    talk = Talk()
    talk.read_balance("100.00")
    talk.create(song("waiting", cost=cost("a lot")))
    talk.read_balance("70.00")

    assert talk.judged(LEDGER).exercised == 0


@pytest.mark.parametrize(
    "shown, closing, found",
    [("4.00", "96.00", 0), ("4.00", "100.00", 0), ("4.00", "95.00", 1), (None, "50.00", 0)],
)
def test_what_was_done_at_once_explains_a_movement_as_far_as_it_shows_its_charge(
    shown: str | None, closing: str, found: int
) -> None:
    talk = Talk()
    talk.read_balance("100.00")
    talk.say("getAudio", 200, {"cost": shown})
    talk.read_balance(closing)

    judged = judge(rule(LEDGER), talk.traffic(with_price("getAudio")))

    assert len(judged.findings) == found


def with_price(operation: str) -> Contract:
    """The sample contract in which an operation that makes no task shows what it costs."""
    whole = contract()
    pricing = whole.conventions.pricing
    assert pricing is not None
    priced = replace(pricing, operations={**pricing.operations, operation: Price(charged="/cost")})
    return replace(whole, conventions=replace(whole.conventions, pricing=priced))
