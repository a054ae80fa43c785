"""What the document alone demands, with random requests beyond those of the walk, for as long as --max-time says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.client.errors import NothingToAddError
from conformance.journal.reader import ROUNDS
from conformance.journal.records import Mismatch
from conformance.suite.refusals import is_documented, leaves_room
from conformance.suite.scenarios import derived
from conformance.suite.timed_fuzzing import TimedFuzzing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.generation.cases import Drawing
    from conformance.suite.batch import Sent
    from conformance.suite.scenarios import ScenarioRunner
    from conformance.suite.timed_fuzzing import FuzzingTally


@pytest.fixture(scope="session")
def rounds(
    contract: Contract, scenario_runner: ScenarioRunner, account_pool: AccountPool, drawing: Drawing
) -> Mapping[str, FuzzingTally]:
    """Rounds of requests for all operations; scenarios that wait for tasks go on meanwhile."""
    drawn = TimedFuzzing(contract, account_pool, drawing.seed, left_out=drawing.left_out)
    number = drawn.go_on(drawing.seconds)
    for operation, tally in drawn.tallies.items():
        account_pool.client.journal.note(
            ROUNDS, operation=operation, rounds=number, sent=tally.sent, asked=tally.asked, reached=tally.reached
        )
    return drawn.tallies


@pytest.fixture
def tally(rounds: Mapping[str, FuzzingTally], operation: str) -> FuzzingTally:
    """What the rounds found out about the operation under test."""
    return rounds[operation]


@pytest.fixture
def operation(request: pytest.FixtureRequest) -> str:
    """The id of the operation under test."""
    name: str = request.param
    return name


@derived("accepts")
def test_valid_requests_of_all_rounds_are_accepted(tally: FuzzingTally, operation: str, contract: Contract) -> None:
    something_to_judge(tally.valid)
    described = contract.document.operations[operation]
    refused = [
        item for item in tally.refused if not (leaves_room(contract, described) and is_documented(item, described))
    ]
    blame(refused, "expected a success for a valid request")


@derived("refuses")
def test_invalid_requests_of_all_rounds_are_refused(tally: FuzzingTally) -> None:
    something_to_judge(tally.invalid)
    blame(tally.accepted, "expected a refusal")


def something_to_judge(answered: int) -> None:
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
