"""What HTTP itself says of a path: HEAD is answered as GET, and a method that is not there gets those that are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.client.errors import NotOfferedError
from conformance.client.request import path_of
from conformance.contract.outcomes import Outcome, is_method_refused, is_said_of_nothing
from conformance.journal.records import Mismatch
from conformance.suite.any_api.creating import SCENARIO_BUDGETS, absent_name
from conformance.suite.any_api.things import things_of
from conformance.suite.batch import decided
from conformance.suite.generated import account_for
from conformance.suite.scenarios import derived, scenario_for_each_operation

if TYPE_CHECKING:
    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.cases import Drawing
    from conformance.journal.records import Exchange

# Without a body none of these does anything that a document could mean.
_ASKED: Final = ("PATCH", "PUT", "TRACE")
# Headers that say the same of the same content (RFC 9110, 9.3.2).
_OF_THE_CONTENT: Final = ("Content-Type", "ETag", "Last-Modified")


@dataclass(frozen=True, slots=True)
class Methods:
    """
    One path, asked by GET, by HEAD, and by a method that the document does not have for it.

    `nowhere` is a path of the same kind that leads to nothing, asked by GET and by HEAD; None where there is none.
    `neighbour` is what HEAD of the list was answered, where HEAD of a thing in it is refused. `allowed` is the answer
    to a second method that the document does not have, and that the answer to the first one says is allowed.
    """

    got: Exchange
    head: Exchange
    other: Exchange
    nowhere: tuple[Exchange, Exchange] | None = None
    neighbour: Exchange | None = None
    allowed: Exchange | None = None


@scenario_for_each_operation(SCENARIO_BUDGETS["resource-methods"].budget)
def methods(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Methods:
    """A path that leads to something that is there."""
    with account_for(account_pool, "methods", operation) as account:
        things = things_of(contract, account, drawing, operation)
        parents = things.parents()
        reads = operation.id == things.resource.read
        made = things.make(parents) if reads else None
        path = path_of(operation, made.path if made else parents.path)
        got = account.call(operation.id, path=made.path if made else parents.path)
        head = account.request("HEAD", path)
        documented = {o.method for o in contract.document.operations.values() if o.path == operation.path}
        undocumented = [method for method in _ASKED if method not in documented]
        other = account.request(undocumented[0], path)
        lying = [method for method in undocumented[1:] if method in stated_by(other)]
        allowed = account.request(lying[0], path) if lying and is_method_refused(other.status) else None
        nowhere = neighbour = None
        if made is not None:
            absent = path_of(operation, {**made.path, things.resource.parameter: absent_name(made.name)})
            nowhere = account.request("GET", absent), account.request("HEAD", absent)
            if head.response is not None and is_method_refused(head.status) and things.resource.list is not None:
                listing = path_of(things.operation(things.resource.list), parents.path)
                neighbour = account.request("HEAD", listing)
            things.remove(made)
        return Methods(got, head, other, nowhere, neighbour, allowed)


def stated_by(refused: Exchange) -> set[str]:
    """The methods that the header Allow of an answer names."""
    values = () if refused.response is None else refused.response.headers.all("Allow")
    return {name.strip().upper() for value in values for name in value.split(",")}


@derived("head")
def test_head_answers_as_get(methods: Methods) -> None:
    got, head = decided(methods.got), decided(methods.head)
    if is_method_refused(head.status):
        neighbour = methods.neighbour
        if got.accepted and neighbour is not None and neighbour.accepted:
            sentence = f"expected HEAD to be answered as GET, as it is for the list, got {head.summary}"
            raise Mismatch(sentence, got.id, head.id, neighbour.id)
        raise NotOfferedError("HEAD is not answered for this path")
    if not got.accepted:
        raise NotOfferedError(f"GET was not answered with what was made: {got.summary}")

    if head.outcome is not got.outcome:
        raise Mismatch(f"expected HEAD to be answered as GET, {got.summary}, got {head.summary}", got.id, head.id)
    for name in _OF_THE_CONTENT:
        one, other = got.header(name), head.header(name)
        if one is not None and other is not None and one != other:
            raise Mismatch(f"expected the header {name} of GET, {one!r}, for HEAD, got {other!r}", got.id, head.id)
    if methods.nowhere is not None:
        one_got, one_head = methods.nowhere
        if one_got.outcome is Outcome.NOT_FOUND and one_head.accepted:
            sentence = f"expected HEAD of what is not there to be answered as GET, {one_got.summary}"
            raise Mismatch(f"{sentence}, got {one_head.summary}", one_got.id, one_head.id)


@derived("undescribed")
def test_a_method_that_the_document_does_not_have_is_refused(methods: Methods) -> None:
    other = decided(methods.other)
    if other.accepted:
        sentence = f"expected a refusal of {other.request.method}, which the document does not have for the path"
        raise Mismatch(f"{sentence}, got {other.summary}", other.id)


@derived("allow")
def test_a_method_that_is_not_allowed_gets_those_that_are(methods: Methods) -> None:
    other = decided(methods.other)
    if not is_method_refused(other.status):
        told = "as what is not there" if is_said_of_nothing(other.status) else f"with {other.summary}"
        raise NotOfferedError(f"a method that the document does not have is answered {told}")
    stated = stated_by(other)

    if other.header("Allow") is None:
        raise Mismatch("expected the header Allow, got none", other.id)
    if other.request.method in stated:
        raise Mismatch(f"expected Allow without {other.request.method}, got {', '.join(sorted(stated))}", other.id)
    allowed = methods.allowed
    if allowed is not None and is_method_refused(allowed.status):
        sentence = f"expected Allow without {allowed.request.method}, which is refused, got {', '.join(sorted(stated))}"
        raise Mismatch(sentence, other.id, allowed.id)
