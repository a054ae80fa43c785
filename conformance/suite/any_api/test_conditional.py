"""Conditional requests: what has not changed is not sent again, and no change is made of something older."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.client.errors import NotOfferedError
from conformance.contract.outcomes import is_precondition_failed, is_unmodified
from conformance.journal.records import Mismatch
from conformance.suite.any_api.comparing import unchanged
from conformance.suite.any_api.creating import SCENARIO_BUDGETS
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

# An entity tag that no target gives.
_STRANGE: Final = '"a-tag-that-was-never-given"'


@dataclass(frozen=True, slots=True)
class Reads:
    """A thing that was read, read with its own entity tag, with another one, and with its old one after a change."""

    first: Exchange
    same: Exchange
    strange: Exchange
    changed: Exchange | None


@dataclass(frozen=True, slots=True)
class Guarded:
    """A thing that was read, asked to be changed under another entity tag, read again, and changed under its own."""

    before: Exchange
    refused: Exchange
    after: Exchange
    granted: Exchange


@scenario_for_each_operation(SCENARIO_BUDGETS["resource-conditions"].budget)
def conditional_reads(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Reads:
    """Something that is read on conditions."""
    with account_for(account_pool, "reads", operation) as account:
        things = things_of(contract, account, drawing, operation)
        made = things.make(things.parents(), plain=True)
        first = things.read(made)
        tag = tag_of(first)
        same = account.call(operation.id, path=made.path, headers={"If-None-Match": tag})
        strange = account.call(operation.id, path=made.path, headers={"If-None-Match": _STRANGE})
        changing = things.resource.modify or things.resource.replace
        changed = None
        if changing is not None:
            described = things.operation(changing)
            _, change = things.change(described, made, things.change_of(described, things.shown(first)))
            if change.accepted:
                changed = account.call(operation.id, path=made.path, headers={"If-None-Match": tag})
        things.remove(made)
        return Reads(first, same, strange, changed)


@scenario_for_each_operation(SCENARIO_BUDGETS["resource-conditions"].budget)
def guarded_change(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Guarded:
    """Something that is changed, or deleted, on conditions."""
    with account_for(account_pool, "guarded", operation) as account:
        things = things_of(contract, account, drawing, operation)
        made = things.make(things.parents(), plain=True)
        before = things.read(made)
        deletes = operation.id == things.resource.delete
        body = None if deletes else dict(things.change_of(operation, things.shown(before)))
        tag = tag_of(before)
        refused = account.call(operation.id, path=made.path, json=body, headers={"If-Match": _STRANGE})
        after = things.read(made)
        granted = account.call(operation.id, path=made.path, json=body, headers={"If-Match": tag})
        if not (deletes and granted.accepted):
            things.remove(made)
        return Guarded(before, refused, after, granted)


def tag_of(read: Exchange) -> str:
    """The entity tag of what was read (raises `NotOfferedError` where there is none)."""
    tag = read.header("ETag")
    if not decided(read).accepted or not tag:
        raise NotOfferedError("what was made has no header ETag")
    return tag


@derived("unmodified")
def test_what_has_not_changed_is_not_sent_again(conditional_reads: Reads) -> None:
    reads = conditional_reads
    if not is_unmodified(reads.same.status) and reads.same.header("ETag") == reads.first.header("ETag"):
        sentence = "expected 304 for a read with the entity tag of what is there"
        raise Mismatch(f"{sentence}, got {reads.same.summary}", reads.first.id, reads.same.id)
    if is_unmodified(reads.strange.status):
        sentence = f"expected what is there for a read with another entity tag, got {reads.strange.summary}"
        raise Mismatch(sentence, reads.first.id, reads.strange.id)
    if reads.changed is not None and is_unmodified(reads.changed.status):
        sentence = f"expected what is there after a change, got {reads.changed.summary}"
        raise Mismatch(sentence, reads.first.id, reads.changed.id)


@derived("matched")
def test_a_change_rests_on_what_was_read(guarded_change: Guarded) -> None:
    change = guarded_change
    if decided(change.refused).accepted:
        sentence = f"expected 412 under an entity tag that was never given, got {change.refused.summary}"
        raise Mismatch(sentence, change.before.id, change.refused.id)
    moved = [*unchanged(change.before.get(""), change.after.get(""))] if change.after.accepted else []
    if moved:
        sentence = f"expected no change by what was refused, but {moved[0]}"
        raise Mismatch(sentence, change.before.id, change.refused.id, change.after.id)
    if is_precondition_failed(change.granted.status):
        sentence = f"expected a change under the entity tag of what is there, got {change.granted.summary}"
        raise Mismatch(sentence, change.before.id, change.granted.id)
