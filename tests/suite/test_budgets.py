"""What requests that are drawn from the document may spend."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from conformance.contract.contract import load_contract
from conformance.money.budget import ANY, Tier
from conformance.suite.quote import FEW, KINDS, budget_of

if TYPE_CHECKING:
    from conformance.contract.contract import Contract
    from conformance.money.budget import Budget
    from conformance.suite.quote import Kind

COUNT = 40


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract("beatra")


def budget(contract: Contract, operation: str, kind: Kind, count: int = COUNT) -> Budget:
    return budget_of(contract, contract.document.operations[operation], kind, count)


@pytest.mark.parametrize("kind", ["valid", "odd"])
@pytest.mark.parametrize("count, few", [(1, 1), (FEW, FEW), (COUNT, FEW)])
def test_of_requests_that_make_tasks_a_few_must_do(contract: Contract, kind: Kind, count: int, few: int) -> None:
    found = budget(contract, "createTextToMusic", kind, count)

    assert (found.tier, found.cancels, found.requests) == (Tier.PAID, (ANY,) * few, few)


@pytest.mark.parametrize("kind", ["invalid", "keyless"])
def test_those_that_must_be_refused_are_free_however_many_they_are(contract: Contract, kind: Kind) -> None:
    found = budget(contract, "createTextToMusic", kind)

    assert (found.tier, found.refused, found.requests, found.cancels) == (Tier.FREE, COUNT, COUNT, ())


def test_nobody_doubts_that_a_key_is_needed(contract: Contract) -> None:
    assert not budget(contract, "createTextToMusic", "keyless").doubtful


def test_where_no_document_says_what_is_invalid_a_refusal_is_in_doubt(contract: Contract) -> None:
    assert budget(contract, "createTextToMusic", "invalid").doubtful


def test_where_one_does_it_is_not(contract: Contract) -> None:
    weights = dict(contract.conventions.generated)
    strict = {**weights, "refuses": replace(weights["refuses"], level="MUST")}
    certain = replace(contract, conventions=replace(contract.conventions, generated=MappingProxyType(strict)))

    assert not budget(certain, "createTextToMusic", "invalid").doubtful


@pytest.mark.parametrize("kind", KINDS)
def test_what_only_reads_is_for_every_run(contract: Contract, kind: Kind) -> None:
    found = budget(contract, "listTasks", kind)

    assert (found.tier, found.requests) == (Tier.READ, COUNT)


@pytest.mark.parametrize("kind", KINDS)
def test_what_changes_something_but_costs_nothing_is_free(contract: Contract, kind: Kind) -> None:
    found = budget(contract, "createUpload", kind)

    assert (found.tier, found.requests, found.cancels) == (Tier.FREE, COUNT, ())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operation", ["getTask", "cancelTask"])
def test_what_needs_a_task_needs_one_that_is_cancelled(contract: Contract, operation: str, kind: Kind) -> None:
    found = budget(contract, operation, kind)

    assert (found.tier, found.cancels, found.requests) == (Tier.PAID, (ANY,), COUNT + 1)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_is_drawn_is_kept(contract: Contract, kind: Kind) -> None:
    assert not any(budget(contract, operation, kind).keeps for operation in contract.document.operations)
