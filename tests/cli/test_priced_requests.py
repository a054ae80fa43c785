"""A run against an API that answers at once and is paid for by request, with a cap on real money, by its own books."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.contract.outcomes import Outcome
from conformance.journal.reader import read_recording
from tests.cli.chime import KEY, VOICES, MoneyTotals, chiming, described
from tests.cli.runs import KEY as KEY_VARIABLE
from tests.cli.runs import conformance

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.runs import Finished

OK, BROKEN = 0, 1
CAP = 40
ENVIRONMENT = {KEY_VARIABLE: KEY}


def certified(folder: Path, books: MoneyTotals, *options: str) -> Finished:
    files = described(folder)
    named = ("--seed", "1", "--examples", "3", "-n", "0", *options)
    return conformance("run", books.origin, *files, *named, folder=folder, environment=ENVIRONMENT)


def verdicts(run: Finished) -> dict[str, Any]:
    return {entry["id"]: entry["verdict"] for entry in run.report["requirements"]}


def test_it_is_certified_with_real_money_under_a_cap(tmp_path: Path) -> None:
    with chiming(MoneyTotals()) as books:
        run = certified(tmp_path, books, "--max-credits", f"{CAP}")

    assert run.status == OK, run.output
    assert 0 < books.sold <= CAP
    assert books.refused > 0
    assert run.report["spend"]["net"] == f"{books.sold}.0000"
    assert run.report["spend"]["at_stake"] == "0.0000"
    judged = verdicts(run)
    assert {judged[f"CHIME-makeSound-{kind}"] for kind in ("ACCEPTS", "REFUSES", "CREDENTIALS", "CONFORMS")} == {"pass"}


def test_without_a_cap_nothing_is_bought(tmp_path: Path) -> None:
    with chiming(MoneyTotals()) as books:
        run = certified(tmp_path, books)

    assert run.status == OK, run.output
    assert books.sold == 0
    assert books.refused > 0


def test_what_fails_after_it_was_sold_stays_at_stake_and_is_never_sent_twice(tmp_path: Path) -> None:
    with chiming(MoneyTotals(breaks=True)) as books:
        run = certified(tmp_path, books, "--max-credits", f"{CAP}")
    creations = [one for one in read_recording(run.folder).exchanges if one.operation == "makeSound"]

    assert 0 < books.sold <= CAP
    assert len(books.sales) == sum(one.outcome is Outcome.FAILED for one in creations)
    assert [one.id for one in creations if one.repeats is not None] == []


def test_a_server_that_accepts_all_is_found_out_at_the_price_of_one_request(tmp_path: Path) -> None:
    with chiming(MoneyTotals(lenient=True)) as books:
        run = certified(tmp_path, books)

    assert run.status == BROKEN
    assert books.sold <= max(VOICES.values())
    assert verdicts(run)["CHIME-makeSound-REFUSES"] == "fail"


def test_the_plan_says_what_it_will_cost(tmp_path: Path) -> None:
    run = conformance("plan", *described(tmp_path), folder=tmp_path)

    assert run.status == OK, run.output
    assert "coins" in run.output
    assert "--max-credits" in run.output
