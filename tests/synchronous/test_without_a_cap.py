"""With real money and no cap in money the suite buys nothing, or as many times as it may."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.synchronous.desk import faults
from tests.synchronous.desk.app import PRICES
from tests.synchronous.serving import failing, served, spend, verdicts

if TYPE_CHECKING:
    from pathlib import Path

CONFORMANT, NONCONFORMANT = 0, 1
OPTIONS = ("--seed", "1", "--examples", "3")


def test_nothing_is_bought(tmp_path: Path) -> None:
    with served(tmp_path) as desk:
        run = desk.certified(*OPTIONS)

    assert run.status == CONFORMANT, run.output
    assert desk.books.arrivals != ()
    assert desk.books.spent == Decimal(spend(run)["net"]) == 0
    judged = verdicts(run)
    assert {judged[f"{operation}-REFUSES"] for operation in ("translateText", "summarizeText")} == {"pass"}
    assert {judged[f"{operation}-ACCEPTS"] for operation in ("translateText", "summarizeText")} == {"inconclusive"}


def test_a_desk_that_accepts_what_it_must_refuse_is_found_out_at_the_price_of_one_request(tmp_path: Path) -> None:
    with served(tmp_path, faults.UNKNOWN_MEMBER_ACCEPTED) as desk:
        run = desk.certified(*OPTIONS)

    assert run.status == NONCONFORMANT
    assert failing(run) == {"translateText-REFUSES"}
    assert Decimal(0) < desk.books.spent <= max(PRICES.values())


def test_a_cap_in_purchases_is_held_whatever_each_costs(tmp_path: Path) -> None:
    with served(tmp_path) as desk:
        run = desk.certified("--max-purchases", "2", *OPTIONS)

    bought = [entry for entry in desk.books.entries if entry.amount]
    assert 0 < len(bought) <= 2
    assert spend(run)["unit"] == "purchases"
    assert Decimal(spend(run)["net"]) == len(bought)
    assert failing(run) == set()
