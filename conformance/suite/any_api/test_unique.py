"""What is there already is refused, where the document says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.journal.records import Mismatch
from conformance.suite.any_api.creating import SCENARIO_BUDGETS
from conformance.suite.any_api.things import Made, things_of
from conformance.suite.batch import decided
from conformance.suite.generated import account_for
from conformance.suite.scenarios import derived, scenario_for_each_operation

if TYPE_CHECKING:
    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.cases import Drawing
    from conformance.journal.records import Exchange


@dataclass(frozen=True, slots=True)
class MadeTwice:
    """A thing that was made, and the answer to the same request once more."""

    made: Made
    again: Exchange


@scenario_for_each_operation(SCENARIO_BUDGETS["resource-again"].budget)
def made_twice(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> MadeTwice:
    """A thing that is made twice by the same request."""
    with account_for(account_pool, "twice", operation) as account:
        things = things_of(contract, account, drawing, operation)
        parents = things.parents()
        made = things.make(parents, plain=True)
        again = things.again(parents, made)
        name = again.get(things.resource.pointer) if again.accepted else None
        other = (
            () if name is None else (Made(made.body, again, {**made.path, things.resource.parameter: str(name)}, name),)
        )
        things.remove(made, *other)
        return MadeTwice(made, again)


@derived("unique")
def test_what_is_there_already_is_refused(made_twice: MadeTwice) -> None:
    if decided(made_twice.again).accepted:
        sentence = f"expected a refusal of what is there already, got {made_twice.again.summary}"
        raise Mismatch(sentence, made_twice.made.exchange.id, made_twice.again.id)
