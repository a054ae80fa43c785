"""Monitors of what a task says it costs."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.monitors.registry import judge
from tests.monitors.factory import Talk, cost, sentences, song
from tests.monitors.sample import contract, rule


def test_a_task_that_goes_on_shows_its_charge_and_the_reference() -> None:
    talk = Talk()
    talk.get(song("waiting", cost=cost(paid_usd="0.30")))
    talk.get(song("working", cost={}))

    assert sentences(talk.judged("charge-visible")) == [
        "expected the charge of a task that is 'working' at /cost/paid of the 200 to getSong, got nothing",
        "expected the charge of a task that is 'working' at /cost/paid_usd of the 200 to getSong, got nothing",
    ]


def test_brief_answers_ended_tasks_and_what_is_no_object_need_not_show_a_charge() -> None:
    talk = Talk()
    talk.create()
    talk.list(song("working"))
    talk.get(song("done"))
    talk.get(song("working", "s2", cost="30.00"), path="/songs/s2")

    assert talk.judged("charge-visible").exercised == 0


@pytest.mark.parametrize("value", ["30.00", "0", "-1.5", "999999999999.000000000001"])
def test_a_decimal_number_in_a_string_is_an_amount(value: str) -> None:
    talk = Talk()
    talk.get(song(cost=cost(value)))

    judged = talk.judged("amount-format")

    assert (judged.exercised, judged.findings) == (1, ())


@pytest.mark.parametrize("value", [30, 30.5, "30,00", "1e3", "NaN", "", " 1", "٣", "1.", ".5", True, ["1"], "9" * 50])
def test_anything_else_is_no_amount(value: object) -> None:
    talk = Talk()
    talk.list(song(cost=cost("1", value)))

    (sentence,) = sentences(talk.judged("amount-format"))

    assert sentence.startswith(
        "expected a decimal number in a string at /cost/back of a task in the 200 to listSongs, got "
    )


@pytest.mark.parametrize("usd", ["0.30", "0.3", "0.304", "0.296"])
def test_a_reference_agrees_within_its_own_rounding(usd: str) -> None:
    talk = Talk()
    talk.create()
    talk.get(song(cost=cost("30.40" if usd == "0.304" else "29.60" if usd == "0.296" else "30.40", paid_usd=usd)))

    assert talk.judged("usd-consistent").findings == ()


@pytest.mark.parametrize("usd", ["0.31", "0.300", "3.00", "0.03"])
def test_a_reference_at_another_rate_than_those_before_is_a_finding(usd: str) -> None:
    talk = Talk()
    talk.create(song(cost=cost("30.4000", paid_usd="0.3040")))
    talk.get(song(cost=cost("30.40", paid_usd=usd)))

    (sentence,) = sentences(talk.judged("usd-consistent"))

    assert sentence.startswith("expected a reference at the rate of those before, 99.98 to 100.02 coins a dollar")


@pytest.mark.parametrize("usd", ["0.27", "2.70", "$0.27", "about nothing", "-0.30"])
def test_a_rate_of_its_own_and_references_for_people_to_read_are_no_fault(usd: str) -> None:
    talk = Talk()
    talk.create(song("waiting", cost=cost(paid_usd=usd)))
    talk.get(song(cost=cost(paid_usd=usd)))

    for name in ("usd-consistent", "amount-format"):
        assert talk.judged(name).findings == ()


def test_malformed_amounts_are_left_to_the_rule_about_their_form() -> None:
    talk = Talk()
    talk.create(song(cost=cost(31, paid_usd=9)))

    for name in ("usd-consistent", "price"):
        assert talk.judged(name).exercised == 0
    assert len(talk.judged("amount-format").findings) == 1


def test_all_tasks_of_a_model_cost_the_same_whatever_price_is_published() -> None:
    talk = Talk()
    talk.create(song("waiting", cost=cost("27")))
    talk.create(song("waiting", "s1b", cost=cost("27.00")))
    talk.create(song("waiting", "s2", cost=cost("29.99")), sent={"model": "loud"})

    assert sentences(talk.judged("price")) == [
        'expected the flat price that was seen before, 27 of loud at /cost/paid of the 202 to createSong, got "29.99"'
    ]


def test_another_tenant_may_have_agreed_on_another_price() -> None:
    talk = Talk()
    talk.create(song("waiting", cost=cost("27")))
    talk.create(song("waiting", "s2", cost=cost("30")), account="main/second")

    assert talk.judged("price").findings == ()


def test_the_first_charge_is_the_price_that_is_stated_for_the_account() -> None:
    talk = Talk()
    talk.create(song("waiting", cost=cost("30")))
    stated = contract(rule("price")).with_prices({"loud": Decimal("29.99")})

    found = judge(rule("price"), talk.traffic(stated))

    assert sentences(found) == ['expected the price 29.99 of loud at /cost/paid of the 202 to createSong, got "30"']


def test_a_later_charge_and_a_model_without_a_price_are_no_matter_of_the_price() -> None:
    talk = Talk()
    talk.create(song("waiting", cost=cost()))
    talk.get(song("done", cost=cost("31")))
    talk.create(song("waiting", "s2", model="loud", cost=cost("1")), sent={"model": "auto"})
    talk.create(song("waiting", "s3", cost=cost("1")), sent={"model": ["loud"]})

    judged = talk.judged("price")

    assert (judged.exercised, judged.findings) == (1, ())


def test_a_task_that_the_run_did_not_make_may_be_older_than_a_price_and_a_rate() -> None:
    talk = Talk()
    talk.list(song(name="s2", model="soft", cost=cost("6.00", paid_usd="0.09")))
    talk.create(song(model="soft", cost=cost("5.00", paid_usd="0.05")))

    for name in ("price", "usd-consistent"):
        judged = talk.judged(name)
        assert (judged.exercised, judged.findings) == (1, ())


CHOSEN = {"model": "auto"}


def test_a_model_that_the_target_chooses_costs_what_those_pay_who_name_it() -> None:
    talk = Talk()
    talk.create(song("waiting", engine="loud", cost=cost("27")))
    talk.create(song("waiting", "s2", engine="loud", cost=cost("27.00")), sent=CHOSEN)
    talk.create(song("waiting", "s3", engine="loud", cost=cost("28")), sent=CHOSEN)

    assert sentences(talk.judged("price-of-choice")) == [
        'expected the price 27 of loud, chosen here, at /cost/paid of the 202 to createSong, got "28"'
    ]


def test_a_chosen_model_costs_the_price_that_is_stated_for_the_account() -> None:
    talk = Talk()
    talk.create(song("waiting", engine="loud", cost=cost("30")), sent=CHOSEN)
    stated = contract(rule("price-of-choice")).with_prices({"loud": Decimal("29.99")})

    (sentence,) = sentences(judge(rule("price-of-choice"), talk.traffic(stated)))

    assert "the price 29.99 of loud" in sentence


def test_a_choice_is_not_judged_where_its_price_was_never_seen_or_is_not_flat() -> None:
    talk = Talk()
    talk.create(song("waiting", "s4", engine="soft", cost=cost("5")), sent={"model": "soft"})
    talk.create(song("waiting", "s5", engine="soft", cost=cost("6")), sent={"model": "soft"})
    talk.create(song("waiting", "s6", engine="soft", cost=cost("7")), sent=CHOSEN)
    talk.create(song("waiting", engine="loud", cost=cost("31")), sent=CHOSEN)
    talk.create(song("waiting", "s2", engine="loud", cost=cost("27")), account="main/second")
    talk.create(song("waiting", "s3", engine="quiet", cost=cost("9")), sent=CHOSEN)

    judged = talk.judged("price-of-choice")

    assert (judged.exercised, judged.findings) == (0, ())
