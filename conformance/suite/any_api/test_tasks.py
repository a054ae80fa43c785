"""Tasks, as conventions describe them: they can be read, end, can be cancelled, and are listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import jsonpointer

from conformance.client.client import FRESH
from conformance.client.errors import BlockedError, NotOfferedError
from conformance.contract.requirements import derived_id
from conformance.journal.records import Mismatch
from conformance.suite.any_api.creating import SCENARIO_BUDGETS, cases_for, created, creator, task_id, tasks_of, unlike
from conformance.suite.batch import decided
from conformance.suite.generated import account_for
from conformance.suite.scenarios import derived, scenario_for_each_operation

if TYPE_CHECKING:
    from conformance.accounts.account import Followed
    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.cases import Drawing
    from conformance.journal.records import Exchange


@dataclass(frozen=True, slots=True)
class Read:
    """A task that was created, the same read once, and a request for a task that was never created."""

    made: Exchange
    found: Exchange
    unknown: Exchange


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A task that was created, its cancellation, and its state until it ended."""

    made: Exchange
    cancelled: Exchange
    followed: Followed


@scenario_for_each_operation(SCENARIO_BUDGETS["read"].budget)
def read_task(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Read:
    """A task of the operation, or, for an operation that makes none, of one that does."""
    tasks = tasks_of(contract)
    source = operation if operation.id in tasks.create else creator(contract)
    with account_for(account_pool, "read", operation) as account:
        case = cases_for(contract, source, account, drawing, 1)[0]
        made = created(contract, account, case, FRESH)
        known = task_id(contract, made)
        found = account.call(tasks.get, path={tasks.id_parameter: known})
        unknown = account.call(tasks.get, path={tasks.id_parameter: unlike(known)})
        account.discard(made)
        return Read(made, found, unknown)


@scenario_for_each_operation(SCENARIO_BUDGETS["life"].budget)
def followed_task(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Followed:
    """A task of the operation until it ended, or until the time for it was over."""
    with account_for(account_pool, "life", operation) as account:
        case = cases_for(contract, operation, account, drawing, 1)[0]
        return account.follow(task_id(contract, created(contract, account, case, FRESH)))


@scenario_for_each_operation(SCENARIO_BUDGETS["cancel"].budget)
def cancellation(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Cancellation:
    """A task that is cancelled as soon as it is there."""
    tasks = tasks_of(contract)
    with account_for(account_pool, "cancel", operation) as account:
        case = cases_for(contract, creator(contract), account, drawing, 1)[0]
        made = created(contract, account, case, FRESH)
        cancelled = account.call(operation.id, path={tasks.id_parameter: task_id(contract, made)})
        return Cancellation(made, cancelled, account.follow(task_id(contract, made)))


@scenario_for_each_operation(SCENARIO_BUDGETS["list"].budget)
def listed(
    operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing
) -> tuple[str, Exchange]:
    """The id of a task that was just created, and the list after that."""
    with account_for(account_pool, "list", operation) as account:
        case = cases_for(contract, creator(contract), account, drawing, 1)[0]
        made = created(contract, account, case, FRESH)
        page = account.call(operation.id)
        account.discard(made)
        return task_id(contract, made), page


def readable(followed: Followed, operation: Operation, contract: Contract) -> None:
    """Leave open what becomes of a task that can't be read."""
    if not decided(followed.last).accepted:
        blocker = derived_id(contract.system, operation.id, "readable")
        raise BlockedError(blocker, f"the task can't be read: {followed.last.summary}")


@derived("readable")
def test_a_new_task_can_be_read(read_task: Read, contract: Contract) -> None:
    if not decided(read_task.found).accepted:
        sentence = f"expected the task that was just created, got {read_task.found.summary}"
        raise Mismatch(sentence, read_task.made.id, read_task.found.id)

    if tasks_of(contract).shows_id:
        assert task_id(contract, read_task.found) == task_id(contract, read_task.made)


@derived("unknown")
def test_a_task_that_nobody_created_is_refused(read_task: Read) -> None:
    answer = decided(read_task.unknown)

    if not answer.outcome.refusal:
        raise Mismatch(f"expected a refusal for {answer.request.url}, got {answer.summary}", answer.id)


@derived("ends")
def test_a_task_ends(followed_task: Followed, operation: Operation, contract: Contract) -> None:
    readable(followed_task, operation, contract)
    if not followed_task.ended:
        sentence = f"expected an end of the task within {followed_task.waited_seconds:g} s"
        raise Mismatch(sentence, followed_task.polls[0].id, followed_task.last.id)


@derived("cancels")
def test_a_cancelled_task_ends_cancelled(cancellation: Cancellation, contract: Contract) -> None:
    tasks = tasks_of(contract)
    cancelled, last = decided(cancellation.cancelled), cancellation.followed.last
    said = tasks.states.get(str(cancelled.get(tasks.status)))
    if not cancelled.accepted or (said is not None and said.phase in ("succeeded", "failed")):
        raise NotOfferedError("the task could not be cancelled before it had ended")
    readable(cancellation.followed, creator(contract), contract)
    if not cancellation.followed.ended:
        if not tasks.polling.stated:
            raise NotOfferedError("the conventions don't say how long a task takes to end (tasks.polling)")
        raise Mismatch("expected an end of the task that was cancelled", cancelled.id, last.id)
    ended = tasks.states[last.string(tasks.status)]
    if said is None and ended.phase != "canceled":
        raise NotOfferedError("the answer to the cancellation does not say whether the task had ended before")

    assert ended.phase == "canceled"


@derived("listed")
def test_a_new_task_is_in_the_list(listed: tuple[str, Exchange], contract: Contract) -> None:
    known, page = listed
    tasks = tasks_of(contract)
    items = decided(page).array(tasks.items or "")

    assert known in [jsonpointer.resolve_pointer(item, tasks.id, None) for item in items if isinstance(item, dict)]
