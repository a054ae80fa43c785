"""
A synchronous priced API is certified by its document and conventions alone.

It has no tasks, no idempotency keys, no wallet, no request ids and no control interface.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from conformance.contract.outcomes import Outcome
from conformance.journal.reader import read_recording
from tests.cli.runs import conformance, rejudged
from tests.synchronous.serving import DESCRIBED, PREFIX, served, spend, verdicts

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.runs import Finished
    from tests.synchronous.desk.books import MoneyTotals

CONFORMANT = 0
CAP = Decimal(60)
PRICED = ("translateText", "summarizeText")


@dataclass(frozen=True)
class Certified:
    """A run and what the desk charged for it."""

    run: Finished
    books: MoneyTotals


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    """A run with play money."""
    with served(tmp_path_factory.mktemp("play")) as desk:
        return Certified(desk.certified("--seed", "1", money="play"), desk.books)


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    """A run with real money and a cap."""
    with served(tmp_path_factory.mktemp("paid")) as desk:
        return Certified(desk.certified("--max-credits", f"{CAP:f}", "--seed", "1"), desk.books)


def test_it_is_conformant(play: Certified) -> None:
    assert play.run.status == CONFORMANT, play.run.output
    assert play.run.report["verdict"] == "conformant"
    assert set(verdicts(play.run).values()) == {"pass"}


def test_no_requirement_is_about_what_it_does_not_have(play: Certified) -> None:
    absent = ("TASK", "REPLAYS", "CONFLICTS", "REQUEST-ID", "REFUND", "LEDGER", "LIST-SHAPE", "READABLE", "CANCELS")

    assert [name for name in verdicts(play.run) if any(word in name for word in absent)] == []


@pytest.mark.parametrize("operation", PRICED)
def test_drawn_requests_and_the_constraint_walk_reach_what_is_priced(play: Certified, operation: str) -> None:
    exchanges = read_recording(play.run.folder).exchanges
    drawn = [exchange for exchange in exchanges if exchange.operation == operation and exchange.generated]

    assert {(exchange.generated, exchange.outcome.value) for exchange in drawn} == {
        ("valid", "accepted"),
        ("invalid", "refused"),
    }
    assert {verdicts(play.run)[f"{operation}-{kind}"] for kind in ("ACCEPTS", "REFUSES")} == {"pass"}


def test_its_stream_is_judged_frame_by_frame(play: Certified) -> None:
    streams = [one for one in read_recording(play.run.folder).exchanges if one.response and one.response.frames]

    assert {stream.operation for stream in streams} == {"summarizeText"}
    assert all(frame.seconds is not None for stream in streams for frame in stream.answer.frames or ())
    assert verdicts(play.run)["STREAM-ENDS"] == "pass"
    assert verdicts(play.run)["summarizeText-CONFORMS"] == "pass"


def test_with_real_money_it_is_judged_alike_as_far_as_the_cap_goes(play: Certified, paid: Certified) -> None:
    judged = {name: verdict for name, verdict in verdicts(paid.run).items() if verdict != "inconclusive"}

    assert paid.run.status == CONFORMANT, paid.run.output
    assert set(judged.values()) == {"pass"}
    assert {f"{operation}-ACCEPTS" for operation in PRICED} <= set(judged)
    assert set(verdicts(paid.run)) == set(verdicts(play.run))


def test_what_the_report_says_was_spent_is_in_the_books(paid: Certified) -> None:
    assert Decimal(0) < paid.books.spent <= CAP
    assert Decimal(spend(paid.run)["net"]) == paid.books.spent
    assert Decimal(spend(paid.run)["at_stake"]) == 0


def test_with_real_money_each_request_arrives_once(paid: Certified) -> None:
    exchanges = [one for one in read_recording(paid.run.folder).exchanges if one.operation in PRICED]
    with_key = [one for one in exchanges if one.outcome is not Outcome.UNAUTHENTICATED]

    assert [one.id for one in exchanges if one.repeats] == []
    assert len(paid.books.arrivals) == len(with_key)


def test_the_plan_promises_what_a_run_spends(paid: Certified, tmp_path: Path) -> None:
    plan = conformance("plan", *DESCRIBED, "--tier", "paid", folder=tmp_path)

    assert plan.status == CONFORMANT
    assert {f"valid {operation}" for operation in PRICED} <= {
        " ".join(line.split()[:2]) for line in plan.output.splitlines()
    }
    assert "coins" in plan.output


def test_a_requirement_on_a_stream_is_explained(tmp_path: Path) -> None:
    told = conformance("explain", *DESCRIBED, f"{PREFIX}STREAM-ENDS", folder=tmp_path)

    assert told.status == CONFORMANT
    assert "A streamed answer has the frame that ends it" in told.output


def test_its_recording_is_judged_again_alike(play: Certified, tmp_path: Path) -> None:
    again = rejudged(play.run.folder, tmp_path)

    assert again.status == CONFORMANT, again.output
    assert again.verdicts == play.run.verdicts


def test_its_page_has_every_requirement_and_what_was_spent(play: Certified) -> None:
    page = (play.run.folder / "index.html").read_text("utf-8")

    assert "The Translation Desk API" in page
    assert [name for name, _ in play.run.verdicts if name not in page] == []
    assert f"{play.books.spent:f} coins" in page


def test_runs_of_it_are_compared(play: Certified, paid: Certified, tmp_path: Path) -> None:
    compared = conformance("diff", str(play.run.folder), str(paid.run.folder), folder=tmp_path)

    assert compared.status == CONFORMANT, compared.output
