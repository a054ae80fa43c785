"""What an idempotency key protects from: the same request twice is one task and one debit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.contract.requirements import derived_id
from conformance.journal.records import Mismatch
from conformance.suite.any_api.creating import SCENARIO_BUDGETS, cases_for, created, task_id
from conformance.suite.batch import decided
from conformance.suite.generated import account_for
from conformance.suite.scenarios import derived, scenario_for_each_operation

if TYPE_CHECKING:
    from decimal import Decimal

    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.cases import Drawing
    from conformance.journal.records import Exchange


@dataclass(frozen=True, slots=True)
class Retry:
    """
    A request and the same again with its key; then another one with that key, where the document allows another one.

    `cost` is what the wallet lost by the retry, None where it can't be seen.
    """

    first: Exchange
    again: Exchange
    cost: Decimal | None
    other: Exchange | None


@scenario_for_each_operation(SCENARIO_BUDGETS["retry"].budget)
def retry(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Retry:
    """A retry, as a client makes it that never saw the first answer."""
    with account_for(account_pool, "retry", operation) as account:
        case = cases_for(contract, operation, account, drawing, 1)[0]
        key = account.fresh_key()
        first = created(contract, account, case, key)
        before = account.visible_balance()
        again = account.send(case.prepared(account.client.base_url), idempotency_key=key)
        after = account.visible_balance()
        try:
            different = cases_for(contract, operation, account, drawing, 2)[1]
            other = account.send(different.prepared(account.client.base_url), idempotency_key=key)
        except NotOfferedError:
            other = None
        for exchange in filter(None, (first, again, other)):
            account.discard(exchange)
        return Retry(first, again, None if before is None or after is None else before - after, other)


@derived("replays")
def test_a_retry_is_answered_with_the_same_task(retry: Retry, contract: Contract) -> None:
    assert task_id(contract, decided(retry.again)) == task_id(contract, retry.first)


@derived("charges-once")
def test_a_retry_is_not_charged_again(retry: Retry, contract: Contract, operation: Operation) -> None:
    if retry.cost is None:
        raise NotOfferedError("the target does not offer control:wallet")
    if task_id(contract, decided(retry.again)) != task_id(contract, retry.first):
        blocker = derived_id(contract.system, operation.id, "replays")
        raise BlockedError(blocker, "the retry is not answered with the task of the first request")
    assert retry.cost == 0


@derived("conflicts")
def test_the_key_of_another_request_is_refused(retry: Retry, contract: Contract) -> None:
    if retry.other is None:
        raise NotOfferedError("the document allows no second request that differs from the first")
    keys = contract.conventions.idempotency
    other = decided(retry.other)

    if keys is None or not keys.is_conflict(other.status, other.interpretation):
        raise Mismatch(f"expected a conflict, got {other.summary}", retry.first.id, other.id)
