"""Rounds of drawn requests: as many as there is time for, the same ones for a seed, at objects that are there."""

from __future__ import annotations

import itertools
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.accounts.account_pool import AccountPool
from conformance.client.client import Client
from conformance.client.identity import Identity
from conformance.client.rate_limit import Pacer
from conformance.client.transports.over_httpx import HttpxTransport
from conformance.contract.selection import contract_of, external_contract_of
from conformance.journal.reader import read_recording
from conformance.journal.redaction import Redactor, Secret
from conformance.journal.writer import Journal
from conformance.money.budget import Tier
from conformance.money.guard import PlayMoneyGuard
from conformance.suite.timed_fuzzing import TimedFuzzing
from conformance.target.serve import serve_app
from tests.cli.studio.app import FAULT, KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.journal.records import Exchange

STUDIO = Path(__file__).parents[1] / "cli" / "studio"
CONTRACT = contract_of(
    "", external_contract_of(str(STUDIO / "openapi.yaml"), str(STUDIO / "conventions.yaml"), None, Path())
)
OPERATIONS = len(CONTRACT.document.operations)
BY_NAME = ("loops-show", "stopLoop")


@contextmanager
def rounds_at(folder: Path, fault: str, seed: int, tier: Tier) -> Iterator[TimedFuzzing]:
    """Rounds at the studio with a fault; the clock ticks once for each look at it."""
    app = "tests.cli.studio.app:create_app"
    redactor = Redactor(Secret(KEY))
    with (
        serve_app(app, factory=True, environment={FAULT: fault}, log=folder / "app.log") as served,
        Journal(
            folder, "main", redactor, run="r1", system="studio", contract_version="1", suite_version="1"
        ) as journal,
        closing(HttpxTransport()) as transport,
    ):
        guard = PlayMoneyGuard(tier)
        client = Client(
            base_url=f"{served.origin}/v2",
            contract=CONTRACT,
            journal=journal,
            redactor=redactor,
            transports={"httpx": transport},
            faulty=lambda _: transport,
            guard=guard,
            pacer=Pacer(),
            identity=Identity("r1", "main"),
            user_agent="rounds",
        )
        account_pool = AccountPool(
            client,
            guard=guard,
            keys={"main": Secret(KEY)},
            control_url=None,
            offer=None,
            polling=None,
            lock_file=folder / "target.lock",
        )
        yield TimedFuzzing(CONTRACT, account_pool, seed, monotonic=map(float, itertools.count()).__next__)


def sent(
    folder: Path, turns: int, fault: str = "", seed: int = 1, tier: Tier = Tier.PLAY
) -> tuple[TimedFuzzing, tuple[Exchange, ...]]:
    """The rounds and what they sent, after so many turns of an operation."""
    folder.mkdir(exist_ok=True)
    with rounds_at(folder, fault, seed, tier) as rounds:
        rounds.go_on(turns + 0.5)
    return rounds, read_recording(folder).exchanges


def form(exchange: Exchange) -> tuple[Any, ...]:
    """What was drawn of a request; names of loops are made up by the target."""
    path = exchange.request.url.partition("/v2")[2]
    known = "loop" if exchange.operation in BY_NAME and exchange.accepted else path
    return exchange.operation, exchange.generated, known, exchange.request.body.content


@pytest.fixture(scope="module")
def three_rounds(tmp_path_factory: pytest.TempPathFactory) -> tuple[TimedFuzzing, tuple[Exchange, ...]]:
    return sent(tmp_path_factory.mktemp("rounds"), 3 * OPERATIONS)


def test_every_operation_has_its_turn_before_the_next_round(tmp_path: Path) -> None:
    _, exchanges = sent(tmp_path, OPERATIONS)

    turns = [operation for operation, _ in itertools.groupby(exchange.operation for exchange in exchanges)]
    assert sorted(filter(None, turns)) == sorted(CONTRACT.document.operations)


def test_time_ends_them_wherever_they_are(tmp_path: Path) -> None:
    _, exchanges = sent(tmp_path, 2)

    assert len({exchange.operation for exchange in exchanges}) == 2


def test_the_same_seed_sends_the_same(tmp_path: Path, three_rounds: tuple[TimedFuzzing, tuple[Exchange, ...]]) -> None:
    _, again = sent(tmp_path, 3 * OPERATIONS)

    assert [form(exchange) for exchange in again] == [form(exchange) for exchange in three_rounds[1]]


def test_another_seed_sends_other_requests(
    tmp_path: Path, three_rounds: tuple[TimedFuzzing, tuple[Exchange, ...]]
) -> None:
    _, others = sent(tmp_path, 3 * OPERATIONS, seed=2)

    assert len({form(e) for e in others} & {form(e) for e in three_rounds[1]}) < len(others) / 4


def test_no_request_is_sent_twice_but_to_what_may_have_changed(
    three_rounds: tuple[TimedFuzzing, tuple[Exchange, ...]],
) -> None:
    drawn = [(e.request.url, e.request.body.content) for e in three_rounds[1] if e.operation not in BY_NAME]

    assert len(drawn) == len(set(drawn))


def test_most_reads_and_cancels_reach_what_is_there(three_rounds: tuple[TimedFuzzing, tuple[Exchange, ...]]) -> None:
    rounds, exchanges = three_rounds
    asked = [exchange for exchange in exchanges if exchange.operation in BY_NAME]
    there = [exchange for exchange in asked if exchange.status != 404]

    assert len({exchange.request.url for exchange in there}) > 5
    assert 0.6 * len(asked) < len(there) < len(asked)
    assert sum(rounds.tallies[name].reached for name in BY_NAME) == len(there)


def test_a_sound_server_is_blamed_for_nothing(three_rounds: tuple[TimedFuzzing, tuple[Exchange, ...]]) -> None:
    tallies = three_rounds[0].tallies.values()

    assert sum(tally.valid for tally in tallies) > 20
    assert sum(tally.invalid for tally in tallies) > 20
    assert not any(tally.refused or tally.accepted for tally in tallies)


def test_what_must_be_refused_and_is_not_is_kept_with_what_makes_it_again(tmp_path: Path) -> None:
    rounds, _ = sent(tmp_path, 3 * OPERATIONS, fault="unknown nested member accepted")

    (first, *_) = rounds.tallies["post-loops"].accepted
    assert first.exchange.accepted
    assert "of --seed 1" in first.case.reason
    assert [name for name, tally in rounds.tallies.items() if tally.accepted or tally.refused] == ["post-loops"]


def test_what_is_gone_by_then_is_no_fault(tmp_path: Path) -> None:
    rounds, exchanges = sent(tmp_path, 3 * OPERATIONS, fault="new loop unknown")

    assert 404 in {exchange.status for exchange in exchanges if exchange.operation == "loops-show"}
    assert not any(tally.refused or tally.accepted for tally in rounds.tallies.values())


@pytest.mark.parametrize(
    "tier, asked",
    [(Tier.READ, {"listLoops", "listVoices"}), (Tier.FREE, {"listLoops", "listVoices", "createSample"})],
    ids=["read", "free"],
)
def test_what_makes_tasks_or_needs_one_is_left_to_play_money(tmp_path: Path, tier: Tier, asked: set[str]) -> None:
    _, exchanges = sent(tmp_path, 2 * OPERATIONS, tier=tier)

    assert {exchange.operation for exchange in exchanges} == asked
