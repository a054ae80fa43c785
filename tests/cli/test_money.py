"""What a run does with somebody's money, as the target's own books have it: the suite is not told about these."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.contract import load_contract
from conformance.journal.reader import read_recording
from conformance.money.budget import Tier
from conformance.plugin.outcomes import register_markers
from conformance.suite.quote import declared_budgets, quote
from conformance.target.embedded import FAULT_VARIABLE
from tests.cli.deployments import FAULTY, deployed
from tests.cli.runs import KEY, conformance
from tests.cli.targets import counting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from conformance.contract.contract import Contract
    from conformance.journal.records import Exchange
    from conformance.money.budget import Budget
    from tests.cli.runs import Finished, Sandbox

OK, BROKEN = 0, 1
KEPT = Decimal(130)
EXAMPLES = 3
ENVIRONMENT = {KEY: "sk-0123456789abcdef0123456789abcdef"}
# Long enough for every cancellation to come in time on a machine that is busy, and no longer.
QUEUED_SECONDS, RUNNING_SECONDS = 4, 5
# Scenarios of drawn requests have the names of their fixtures.
DRAWN = ("valid_requests", "unusual_requests", "odd_requests", "uncredentialed")


@dataclass(frozen=True)
class Paid:
    """A run that judged all it could, and what the target had in its books afterwards."""

    run: Finished
    net: Decimal
    tasks: list[dict[str, Any]]
    going_on: list[str]
    exchanges: tuple[Exchange, ...]


@pytest.fixture(scope="module")
def contract(pytestconfig: pytest.Config) -> Contract:
    register_markers(pytestconfig)  # which the suite's modules have
    return load_contract("beatra")


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory, contract: Contract) -> Paid:
    """One run with no more than the smallest cap under which everything is judged."""
    cap = quote(contract, Tier.PAID, EXAMPLES).smallest_cap
    folder = tmp_path_factory.mktemp("paid")
    with deployed(folder, queued=QUEUED_SECONDS, running=RUNNING_SECONDS) as target:
        options = ("--max-credits", f"{cap:f}", "--seed", "1", "--examples", f"{EXAMPLES}", "-n", "0")
        run = target.certified(*options)
        exchanges = read_recording(run.folder).exchanges
        return Paid(run, target.net, target.tasks(), target.going_on(), exchanges)


def test_all_is_judged_for_one_success_per_model(paid: Paid) -> None:
    assert paid.run.status == OK, paid.run.output
    assert paid.net == KEPT


def test_the_report_says_what_was_spent(paid: Paid) -> None:
    spend = paid.run.report["spend"]

    assert (Decimal(spend["net"]), Decimal(spend["at_stake"])) == (KEPT, Decimal(0))
    assert (spend["play"], spend["tier"], spend["stopped"]) == (False, "paid", None)
    assert (spend["unaffordable"], spend["left"]) == ([], [])
    assert "spent 130.0000 credits" in paid.run.output


def test_nothing_is_broken_and_money_keeps_nothing_from_being_judged_that_it_can_buy(paid: Paid) -> None:
    reasons = {entry["reason"] for entry in paid.run.report["requirements"] if entry["verdict"] == "inconclusive"}

    assert not {verdict for _, verdict in paid.run.verdicts} & {"fail", "error"}
    assert not [reason for reason in reasons if "the cap leaves" in reason or "paid work has stopped" in reason]


def test_every_task_says_which_run_made_it(paid: Paid) -> None:
    marks = Counter(str(task["metadata"].get("conformance_run")) for task in paid.tasks)

    assert marks == {paid.run.report["run"]: len(paid.tasks)}


def test_no_task_goes_on(paid: Paid) -> None:
    assert paid.going_on == []
    assert Counter(task["status"] for task in paid.tasks)["succeeded"] == 2


def causes_of(exchanges: Iterable[Exchange]) -> Mapping[str, list[Exchange]]:
    """What went to the API itself, by the scenario that caused it."""
    grouped = defaultdict(list)
    for exchange in exchanges:
        if exchange.origin == "target" and exchange.cause is not None:
            grouped[exchange.cause].append(exchange)
    return grouped


def test_no_scenario_asks_for_more_tasks_than_it_declared(paid: Paid, contract: Contract) -> None:
    by_cause = causes_of(paid.exchanges)
    beyond = {
        name: (asked, budget)
        for name, budget in declared_budgets(contract, EXAMPLES)
        if (asked := len(keys_of(by_cause.get(name, []), contract))) > most_tasks(budget)
    }

    assert beyond == {}


def test_the_numbers_of_requests_that_scenarios_declare_are_about_right(paid: Paid, contract: Contract) -> None:
    tasks = contract.conventions.tasks
    assert tasks is not None
    by_cause = causes_of(paid.exchanges)
    wrong = {}
    for name, budget in declared_budgets(contract, EXAMPLES):
        # Looking at tasks until they end takes as many requests as it takes.
        counted = sum(exchange.operation != tasks.get for exchange in by_cause.get(name, []))
        carried_out = name in by_cause
        if counted > 1.5 * budget.requests + 5 or (carried_out and budget.requests > 2 * counted + 5):
            wrong[name] = (counted, budget.requests)

    assert wrong == {}


def test_drawn_requests_are_no_more_than_was_declared(paid: Paid, contract: Contract) -> None:
    by_cause = causes_of(paid.exchanges)
    sent = [exchange for name, sent in by_cause.items() if name.partition("[")[0] in DRAWN for exchange in sent]
    budgets = [budget for name, budget in declared_budgets(contract, EXAMPLES) if " " in name and "[" not in name]

    assert sent
    assert len(keys_of(sent, contract)) <= sum(map(most_tasks, budgets))
    assert len(sent) <= 1.5 * sum(budget.requests for budget in budgets) + 5


def most_tasks(budget: Budget) -> int:
    return len(budget.keeps) + len(budget.cancels) + budget.refused


def keys_of(exchanges: Iterable[Exchange], contract: Contract) -> set[str]:
    """The keys of requests for tasks; one without a key counts for itself."""
    tasks = contract.conventions.tasks
    asked = [exchange for exchange in exchanges if tasks and exchange.operation in tasks.create]
    return {exchange.request.headers.get("Idempotency-Key") or exchange.id for exchange in asked}


def test_a_run_that_repeats_another_judges_only_what_failed_and_pays_nothing(tmp_path: Path) -> None:
    fault = {FAULT_VARIABLE: "two-clips-each"}
    with deployed(tmp_path, FAULTY, queued=1, running=1, **fault) as target:
        options = ("--max-credits", "310", "--seed", "1", "-n", "0")
        first = target.certified(*options, "--", "-k", "test_songs")
        bought = target.tasks()
        again = target.certified(*options, "--report-dir", "again", "--failed", str(first.folder))
        repeated = replace(again, reports=tmp_path / "again")

        assert (first.status, repeated.status) == (BROKEN, BROKEN), first.output + again.output
        assert failed(first) == failed(repeated) == {"BEATRA-MUSIC-05"}
        assert {name for name, verdict in repeated.verdicts if verdict != "inconclusive"} == {"BEATRA-MUSIC-05"}
        assert Decimal(repeated.report["spend"]["net"]) == Decimal(0)
        assert [task["task_id"] for task in target.tasks()] == [task["task_id"] for task in bought]
        assert target.net == KEPT


def test_what_is_accepted_that_must_be_refused_breaks_its_requirement_and_costs_nothing(tmp_path: Path) -> None:
    with deployed(tmp_path, FAULTY, queued=60, running=60, **{FAULT_VARIABLE: "namespaces-ignored"}) as target:
        run = target.certified("--seed", "1", "-n", "0", "--", "-k", "test_namespaces or test_refused_requests")

        assert run.status == BROKEN
        assert failed(run) == {"BEATRA-MUSIC-09"}
        assert "must be refused" in run.report["spend"]["stopped"]
        assert len(target.tasks()) == 1
        assert (target.net, target.going_on()) == (Decimal(0), [])


def test_a_charge_above_the_price_is_the_last(tmp_path: Path) -> None:
    with deployed(tmp_path, FAULTY, queued=1, running=1, **{FAULT_VARIABLE: "dear-lyrics"}) as target:
        # The one song that costs more: beside others it would decide which is bought first what is judged of prices.
        selected = ("--", "-k", "test_suno_makes_two_clips and not reference_audio")
        run = target.certified("--max-credits", "310", "--seed", "1", "-n", "0", *selected)

        assert failed(run) == set()
        assert len(target.tasks()) == 1
        assert "its price is 80" in run.report["spend"]["stopped"]
        assert "Paid work stopped" in run.output


def failed(run: Finished) -> set[str]:
    return {name for name, verdict in run.verdicts if verdict == "fail"}


def test_without_a_cap_a_target_with_real_money_is_asked_for_nothing_that_costs(
    served: Sandbox, tmp_path: Path
) -> None:
    run = conformance(
        "run", served.base_url, "--seed", "1", "--examples", "2", folder=tmp_path, environment=served.environment
    )

    assert run.status == OK
    assert not {verdict for _, verdict in run.verdicts} & {"fail", "error"}
    assert all(entry["reason"] for entry in run.report["requirements"] if entry["verdict"] == "inconclusive")
    assert run.report["spend"]["tier"] == "free"
    assert Decimal(run.report["spend"]["debited"]) == Decimal(0)
    made = [
        exchange for exchange in read_recording(run.folder).exchanges if exchange.response and exchange.status == 202
    ]
    assert made == []


def test_the_tier_read_only_reads(tmp_path: Path) -> None:
    with counting() as (url, methods):
        run = conformance("run", url, "--tier", "read", "--examples", "2", folder=tmp_path, environment=ENVIRONMENT)

    assert set(methods) <= {"GET", "HEAD", "OPTIONS", "POST"}
    sent = read_recording(run.folder).exchanges
    assert {exchange.operation for exchange in sent if exchange.request.method == "POST"} <= {"cancelTask"}
    assert run.report["spend"]["tier"] == "read"


def test_play_money_without_a_control_interface_is_spent_and_judged(served: Sandbox, tmp_path: Path) -> None:
    statement = f'[target]\nbase_url = "{served.base_url}"\nmoney = "play"\n'
    (tmp_path / "target.toml").write_text(statement, "utf-8")
    # Without a clock to advance, scenarios that wait for a task would take their real time.
    selection = "namespace or test_refunds or usable_key"
    arguments = ("run", "--target", "target.toml", "--examples", "2", "--", "-k", selection)

    run = conformance(*arguments, folder=tmp_path, environment=served.environment)

    assert run.status == OK
    assert not {verdict for _, verdict in run.verdicts} & {"fail", "error"}
    assert ("BEATRA-createTextToMusic-CREDENTIALS", "pass") in run.verdicts
    assert any("needs control:" in entry["reason"] for entry in run.report["requirements"])
