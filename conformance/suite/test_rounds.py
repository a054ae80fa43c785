"""What the document alone demands, with random requests beyond those of the walk, for as long as somebody asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.client.errors import NothingToAddError
from conformance.journal.reader import ROUNDS
from conformance.journal.records import Mismatch
from conformance.suite.marks import derived
from conformance.suite.rounds import Rounds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.client.stage import Stage
    from conformance.contract.contract import Contract
    from conformance.generation.cases import Drawing
    from conformance.suite.rounds import Tally
    from conformance.suite.scenarios import Conductor
    from conformance.suite.traffic import Sent


@pytest.fixture(scope="session")
def rounds(contract: Contract, conductor: Conductor, stage: Stage, drawing: Drawing) -> Mapping[str, Tally]:
    """Rounds of requests for all operations; scenarios that wait for tasks go on meanwhile."""
    drawn = Rounds(contract, stage, drawing.seed)
    number = drawn.go_on(drawing.seconds)
    for operation, tally in drawn.tallies.items():
        stage.client.journal.note(
            ROUNDS, operation=operation, rounds=number, sent=tally.sent, asked=tally.asked, reached=tally.reached
        )
    return drawn.tallies


@pytest.fixture
def tally(rounds: Mapping[str, Tally], operation: str) -> Tally:
    """What the rounds found out about the operation under test."""
    return rounds[operation]


@pytest.fixture
def operation(request: pytest.FixtureRequest) -> str:
    """The id of the operation under test."""
    name: str = request.param
    return name


@derived("accepts")
def test_valid_requests_of_all_rounds_are_accepted(tally: Tally) -> None:
    told(tally.valid)
    blame(tally.refused, "expected a success for a valid request")


@derived("refuses")
def test_invalid_requests_of_all_rounds_are_refused(tally: Tally) -> None:
    told(tally.invalid)
    blame(tally.accepted, "expected a refusal")


def told(answered: int) -> None:
    """Leave the verdict to other tests where rounds had nothing to say."""
    if not answered:
        raise NothingToAddError("no request of the rounds was answered for what it was")


def blame(items: Sequence[Sent], expectation: str) -> None:
    """Fail with the first of several requests that were not treated as expected."""
    if items:
        first = items[0]
        exchange = first.exchange
        sentence = (
            f"{expectation} ({first.case.reason}), got {exchange.summary} for "
            f"{exchange.request.method} {exchange.request.url}"
        )
        raise Mismatch(sentence, *(item.exchange.id for item in items))
