"""A model that plays: what it finds, how it tells it, and where it keeps quiet."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from conformance.client.errors import ControlError, NotOfferedError
from conformance.journal.reader import read_recording
from conformance.money.budget import Tier
from conformance.money.guard import PlayMoneyGuard
from conformance.mutants.beatra.catalogue import MUTANTS
from conformance.plugin.outcomes import register_markers
from conformance.reference.beatra.app import create_app
from conformance.reference.beatra.services.money import UNITS_PER_CREDIT
from conformance.reference.beatra.services.overrides import Overrides
from conformance.reference.beatra.services.wallet import Wallet
from conformance.reference.beatra.settings import ReferenceSettings
from conformance.reference.beatra.wiring import Cast
from conformance.reference.parts.settings import new_key
from conformance.suite.beatra.histories import BOOK
from conformance.suite.stateful_model.model import BrokenHistory, Listing, ModelRule, ModelSettings
from conformance.suite.stateful_model.run import play
from tests.suite.playground import Calls, account_pool_of, mutated, reference

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conformance.accounts.account import Account
    from conformance.suite.stateful_model.model import ModelledSystem, Played

SEED = 1
ENOUGH = 20
TO_FAIL = " that is to fail (control: outcome of the next task)"


@pytest.fixture(scope="module")
def owners(request: pytest.FixtureRequest) -> Mapping[ModelRule, str]:
    """Which requirement owns which rule, in a module of the suite, whose marks pytest must know."""
    register_markers(request.config)
    found: Mapping[ModelRule, str] = import_module("conformance.suite.beatra.test_histories").OWNERS
    return found


def played(folder: Path, mutant: str | None = None, *, seed: int = SEED, histories: int = ENOUGH) -> Played:
    app = reference() if mutant is None else mutated(MUTANTS[mutant])
    with account_pool_of(app, folder) as account_pool:
        return play(account_pool, BOOK, ModelSettings(seed, histories))


def steps_of(found: Played) -> list[str]:
    """What was done in the shortest history that breaks a rule."""
    assert found.broken is not None
    return [step.sent for step in found.broken.steps]


def traffic_of(folder: Path) -> list[tuple[str, str, str, int]]:
    """Every request of a run and its status, without the ids that no two runs share."""
    return [
        (
            exchange.request.method,
            re.sub(r"tsk_\w+|cursor=[^&]+", "…", exchange.request.url),
            exchange.request.body.text,
            exchange.status,
        )
        for exchange in read_recording(folder).exchanges
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_histories_of_the_reference_break_no_rule(tmp_path: Path, seed: int) -> None:
    found = played(tmp_path, seed=seed)

    assert found.broken is None
    assert found.cut == {}


def test_every_rule_comes_up(tmp_path: Path) -> None:
    found = played(tmp_path, histories=100)

    assert set(found.tried) == set(ModelRule)


def test_every_rule_belongs_to_a_requirement(owners: Mapping[ModelRule, str]) -> None:
    assert set(owners) == set(ModelRule)
    assert len(set(owners.values())) == len(owners)


def test_the_same_seed_plays_the_same_histories(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "again", "other")]
    for folder, seed in zip(folders, (7, 7, 8), strict=True):
        folder.mkdir()
        played(folder, seed=seed, histories=5)
    first, again, other = map(traffic_of, folders)

    assert first == again
    assert first != other


@pytest.mark.parametrize(
    "mutant, steps",
    [
        ("debit-with-fee", ["request 1: a song of suno-5.5, with a new key"]),
        (
            "refunds-of-a-sweep-overwritten",
            [
                f"request 1: a song of minimax-music-2.6{TO_FAIL}, with a new key",
                f"request 2: a song of minimax-music-2.6{TO_FAIL}, with a new key",
                "let an hour pass (control: release tasks, advance 3600 s, hold tasks in queued)",
            ],
        ),
        (
            "conflict-after-cancellation-debits",
            [
                "request 1: a song of suno-5.5, with a new key",
                "cancel task 1",
                "a song of minimax-music-2.6 with the key of request 1",
            ],
        ),
        (
            "retry-after-cancellation-unlisted",
            [
                "request 1: a song of suno-5.5, with a new key",
                "cancel task 1",
                "request 1 again, with its key",
                "list all tasks in pages of 100",
            ],
        ),
    ],
)
def test_the_shortest_history_that_breaks_a_rule_is_found(tmp_path: Path, mutant: str, steps: list[str]) -> None:
    assert steps_of(played(tmp_path, mutant)) == steps


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_broken_rule_is_its_requirements_whichever_history_finds_it(
    tmp_path: Path, seed: int, owners: Mapping[ModelRule, str]
) -> None:
    found = played(tmp_path, "conflict-unlocks-the-key", seed=seed)

    assert found.broken is not None
    assert owners[found.broken.rule] == MUTANTS["conflict-unlocks-the-key"].breaks
    assert len(found.broken.steps) == 3


def test_a_history_tells_what_was_sent_expected_and_got(tmp_path: Path) -> None:
    found = played(tmp_path, "conflict-after-cancellation-debits")
    assert found.broken is not None
    opening, *_, last = BrokenHistory(found.broken).history

    assert opening == "begin with a new account, a balance of 8000.0000, and tasks held in queued (control)"
    assert last == (
        "a song of minimax-music-2.6 with the key of request 1 [POST /v1/music/text-to-music]: "
        "expected a conflict, and a balance of 8000.0000; got 409, and a balance of 7950.0000"
    )


def test_a_history_can_be_replayed_from_its_evidence(tmp_path: Path) -> None:
    found = played(tmp_path, "conflict-after-cancellation-debits")
    assert found.broken is not None
    recording = read_recording(tmp_path)
    by_step = [[recording.exchange(name) for name in step.exchanges] for step in found.broken.steps]
    with closing(Calls(mutated(MUTANTS["conflict-after-cancellation-debits"]))) as calls:
        calls.control("POST", "/tasks/hold", {"state": "queued"})
        own: dict[str, str] = {}
        for exchange in (exchange for step in by_step for exchange in step if exchange is not None):
            url = re.sub(r"tsk_\w+", lambda told: own[told[0]], exchange.request.url)
            body = json.loads(exchange.request.body.text) if exchange.request.body.content else None
            answer = calls.send(exchange.request.method, url, body, exchange.request.headers.get("Idempotency-Key"))
            if exchange.accepted:
                own[exchange.string("/task_id")] = answer["task_id"]
        left = calls.control("GET", "/wallet")["balance_credits"]

    # An account of the reference opens with 1,000 credits, and neither a cancelled song nor a conflict costs any.
    assert left == "950.0000"


def test_a_shared_account_is_played_with_and_left_as_it_was(tmp_path: Path) -> None:
    settings = ReferenceSettings(scope="target", main_key=new_key())
    with account_pool_of(reference(settings), tmp_path, settings.main_key) as account_pool:
        found = play(account_pool, BOOK, ModelSettings(SEED, ENOUGH))
        with account_pool.account("afterwards") as account:
            created = account.call("createTextToMusic", json=BOOK.products[0].body)
            account.control.advance(3600)
            ended = account.call("getTask", path={"task_id": created.string("/task_id")})
            balance = account.control.balance()

    assert found.broken is None
    assert ModelRule.TASK_IS_LISTED not in found.tried
    assert ended.string("/status") == "succeeded"
    assert balance > 900_000


@pytest.mark.parametrize("missing", ["clock", "tasks/hold", "tasks/outcome", "wallet"])
def test_nothing_is_played_where_the_control_interface_lacks_something(tmp_path: Path, missing: str) -> None:
    with (
        account_pool_of(reference(), tmp_path, lacks=missing) as account_pool,
        pytest.raises(NotOfferedError, match=missing),
    ):
        play(account_pool, BOOK, ModelSettings(SEED, ENOUGH))

    assert not any(exchange.operation for exchange in read_recording(tmp_path).exchanges)


def test_nothing_is_played_with_real_money(tmp_path: Path) -> None:
    with (
        account_pool_of(reference(), tmp_path, guard=PlayMoneyGuard(Tier.PAID)) as account_pool,
        pytest.raises(NotOfferedError),
    ):
        play(account_pool, BOOK, ModelSettings(SEED, ENOUGH))

    assert not any(exchange.operation for exchange in read_recording(tmp_path).exchanges)


def test_nothing_is_played_when_no_histories_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(NotOfferedError, match="no histories"):
        played(tmp_path, histories=0)


def test_a_history_that_can_not_be_judged_ends_there_and_blames_nobody(tmp_path: Path) -> None:
    found = played(tmp_path, "task-stuck-running")

    assert found.broken is None
    assert any("did not end" in reason for reason in found.cut)


class WholeCredits(Wallet):
    """Has no places for what is less than a credit, when it is told a balance."""

    def set_balance(self, tenant_id: str, amount: int) -> None:
        super().set_balance(tenant_id, amount - amount % UNITS_PER_CREDIT)


class GoesOn(Overrides):
    """Takes note of no hold."""

    def set_hold(self, tenant_id: str, state: str | None) -> None:
        del state
        super().set_hold(tenant_id, None)


def test_a_balance_that_the_control_interface_did_not_set_is_no_movement_of_money(tmp_path: Path) -> None:
    app = create_app(ReferenceSettings(), cast=Cast(wallet=WholeCredits))
    with account_pool_of(app, tmp_path) as account_pool:
        found = play(account_pool, BOOK, ModelSettings(SEED, ENOUGH))

    assert found.broken is None
    assert any("the balance was set to 79.9999, and" in reason for reason in found.cut)


def test_nothing_is_played_where_tasks_can_not_be_held(tmp_path: Path) -> None:
    app = create_app(ReferenceSettings(), cast=Cast(overrides=GoesOn))
    with (
        account_pool_of(app, tmp_path) as account_pool,
        pytest.raises(ControlError, match="told to stop in queued, and one went on"),
    ):
        play(account_pool, BOOK, ModelSettings(SEED, ENOUGH))


def test_a_fault_of_ours_is_no_fault_of_the_target(tmp_path: Path) -> None:
    def stumble(account: Account, **query: object) -> Listing:
        raise ZeroDivisionError

    book: ModelledSystem = replace(BOOK, list_tasks=stumble)
    with account_pool_of(reference(), tmp_path) as account_pool, pytest.raises(ZeroDivisionError):
        play(account_pool, book, ModelSettings(SEED, ENOUGH))


def test_what_does_not_come_again_is_seen_once(tmp_path: Path) -> None:
    with account_pool_of(reference(), tmp_path) as account_pool:
        looks = iter([True])
        honest = BOOK.list_tasks

        def forget_once(account: Account, *, limit: int, state: str | None, expected: int) -> Listing:
            found = honest(account, limit=limit, state=state, expected=expected)
            return replace(found, visits=(*found.visits, "tsk_of_nobody")) if next(looks, False) else found

        found = play(account_pool, replace(BOOK, list_tasks=forget_once), ModelSettings(SEED, ENOUGH))

    assert (found.broken is not None, found.times) == (True, 1)
