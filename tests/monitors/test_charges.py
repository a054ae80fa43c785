"""Monitors of what answers say that their requests cost."""

from __future__ import annotations

import pytest

from tests.monitors.factory import sentences
from tests.monitors.priced import END, Prints

REFUSED = {"code": 9, "text": "No."}


def test_the_price_follows_the_request_or_is_fixed() -> None:
    prints = Prints()
    prints.make("small", {"cost": "1.00"})
    prints.make("large", {"cost": 2})
    prints.tell({"part": "Once"}, END)

    judged = prints.judged("request-price")

    assert (judged.exercised, judged.findings) == (3, ())


def test_another_charge_than_the_price_is_a_finding() -> None:
    prints = Prints()
    prints.make("small", {"cost": "2.00"})
    prints.tell({"part": "Once", "cost": "1.00"}, {**END, "cost": "6.00"})

    assert sentences(prints.judged("request-price")) == [
        'expected the price 1.00 at /cost of the 200 to makePrint, got "2.00"',
        'expected the price 3.00 at /cost of the 200 to tellTale, got "6.00"',
    ]


@pytest.mark.parametrize(
    "size, answer",
    [("huge", {"cost": "9.00"}), (None, {"cost": "9.00"}), ("small", {}), ("small", {"cost": "a lot"})],
)
def test_without_a_stated_price_or_a_shown_charge_there_is_nothing_to_judge(size: object, answer: object) -> None:
    prints = Prints()
    prints.make(size, answer)

    assert prints.judged("request-price").exercised == 0


def test_a_refusal_shows_no_charge() -> None:
    prints = Prints()
    prints.make("small", {**REFUSED, "cost": "0.00"})
    prints.make("small", REFUSED)
    prints.make("small", {**REFUSED, "cost": "1.00"})
    prints.refuse_to_tell({**REFUSED, "cost": "3.00"})

    judged = prints.judged("refused-charge")

    assert judged.exercised == 3
    assert sentences(judged) == [
        'expected no charge at /cost of the 200 to makePrint, got "1.00"',
        'expected no charge at /cost of the 200 to tellTale, got "3.00"',
    ]


@pytest.mark.parametrize("status", [500, 302])
def test_what_an_unclear_answer_charges_is_not_judged(status: int) -> None:
    prints = Prints()
    prints.make("small", {"code": 77, "cost": "9.00"}, status)

    assert prints.judged("request-price").exercised == prints.judged("refused-charge").exercised == 0
