"""What an idempotency key protects from where nothing is a task: the same request twice makes one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.contract.requirements import derived_id
from conformance.contract.resources import ResourceGraph
from conformance.generation.freshening import freshened
from conformance.journal.records import Mismatch
from conformance.suite.any_api.creating import SCENARIO_BUDGETS, cases_for
from conformance.suite.batch import decided
from conformance.suite.generated import account_for
from conformance.suite.scenarios import derived, scenario_for_each_operation

if TYPE_CHECKING:
    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.cases import Drawing
    from conformance.journal.records import Exchange

_OF_BODY: Final = "$response.body#"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A request, the same again with its key, and another one with that key where the document allows another."""

    first: Exchange
    again: Exchange
    other: Exchange | None


@scenario_for_each_operation(SCENARIO_BUDGETS["repeat"].budget)
def repeat(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Repeat:
    """A request that is made twice, as by a client that never saw the first answer."""
    with account_for(account_pool, "repeat", operation) as account:
        case = cases_for(contract, operation, account, drawing, 1)[0]
        key = account.fresh_key()
        prepared = case.prepared(account.client.base_url)
        first = account.send(prepared, idempotency_key=key)
        again = account.send(prepared, idempotency_key=key)
        # Other texts alone: what else differs might be refused for another reason.
        different = freshened(contract.document, case, key)
        other = None
        if different is not None:
            other = account.send(different.prepared(account.client.base_url), idempotency_key=key)
        return Repeat(first, again, other)


def accepted(repeat: Repeat, contract: Contract, operation: Operation) -> Exchange:
    """The first answer (raises `BlockedError` where the request was not accepted)."""
    if not decided(repeat.first).accepted:
        raise BlockedError(derived_id(contract.system, operation.id, "accepts"), repeat.first.summary)
    return repeat.first


def made_something(repeat: Repeat, contract: Contract, operation: Operation) -> Exchange:
    """The first answer, where it names what was made: what makes nothing does no harm when it is done twice."""
    first = accepted(repeat, contract, operation)
    if not any(first.get(place) is not None for place in names_in(contract, operation)):
        raise NotOfferedError("the answer has nothing that names what was made")
    return first


@derived("repeats")
def test_a_retry_makes_nothing_new(repeat: Repeat, contract: Contract, operation: Operation) -> None:
    first = made_something(repeat, contract, operation)
    places = names_in(contract, operation)
    again = decided(repeat.again)
    if not again.accepted:
        raise Mismatch(f"expected the answer to the first request again, got {again.summary}", first.id, again.id)

    for place in places:
        if first.get(place) is not None and again.get(place) != first.get(place):
            sentence = f"expected {first.get(place)!r} at {place} as in the first answer, got {again.get(place)!r}"
            raise Mismatch(sentence, first.id, again.id)


@derived("reused")
def test_the_key_of_another_request_is_refused(repeat: Repeat, contract: Contract, operation: Operation) -> None:
    first = made_something(repeat, contract, operation)
    if repeat.other is None:
        raise NotOfferedError("the document allows no second request that differs from the first")
    other = decided(repeat.other)
    if other.accepted:
        raise Mismatch(f"expected that the key of another request is refused, got {other.summary}", first.id, other.id)


def names_in(contract: Contract, operation: Operation) -> tuple[str, ...]:
    """Where an answer names what was made: as links say, else as the paths of the document need it."""
    linked = (
        expression.removeprefix(_OF_BODY)
        for link in contract.document.links
        if link.source == operation.id
        for expression in (*link.parameters.values(), *link.body_values.values())
        if expression.startswith(_OF_BODY)
    )
    made = (r for r in ResourceGraph(contract.document.content).resources if r.create == operation.id)
    known = (resource.pointer for resource in made if not resource.named_in_request)
    return tuple(dict.fromkeys((*linked, *known)))
