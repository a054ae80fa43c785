"""Things, as a document describes them: what was made is there, changes are there, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.contract.requirements import derived_id
from conformance.journal.records import Mismatch
from conformance.suite.any_api.comparing import Difference, alike, demanded, differing, unchanged
from conformance.suite.any_api.creating import SCENARIO_BUDGETS
from conformance.suite.any_api.things import Things, related_to, things_of
from conformance.suite.batch import decided
from conformance.suite.generated import account_for
from conformance.suite.scenarios import derived, scenario_for_each_operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.cases import Drawing
    from conformance.journal.records import Exchange
    from conformance.suite.any_api.telling import Style
    from conformance.suite.any_api.things import Made

_BROKEN: Final = 3
_FURTHER: Final[tuple[Style, ...]] = ("ends", "empty", "framed", "marked", "lines")


@dataclass(frozen=True, slots=True)
class Stored:
    """
    Something that was made and read, and something of which only what is required was sent.

    `shown` and `plainly_shown` are what was read of them. `located` is what the header Location of its making led to,
    None where there was none. `others` are things with values at the ends and with empty ones, as they were read, and
    `presumptuous` is one that stated what the target sets itself.
    """

    made: Made
    read: Exchange
    shown: Any
    plain: Made
    plainly_read: Exchange
    plainly_shown: Any
    located: Exchange | None
    located_name: object
    others: tuple[tuple[Made, Exchange, Any], ...] = ()
    presumptuous: tuple[Made, Exchange, Any] | None = None


@dataclass(frozen=True, slots=True)
class Tagged:
    """Three reads of a thing: two without a change between them, and one after a change, where it can be changed."""

    reads: tuple[Exchange, Exchange, Exchange]


@dataclass(frozen=True, slots=True)
class Edit:
    """A further change that was accepted: what was there before it, what was sent, and what was read after it."""

    before: Any
    sent: Mapping[str, Any]
    change: Exchange
    read: Exchange
    after: Any


@dataclass(frozen=True, slots=True)
class ChangedThing:
    """Something that was made and changed: what was sent, what was read before and after, and after broken changes."""

    made: Made
    before: Exchange
    before_shown: Any
    sent: Mapping[str, Any]
    change: Exchange
    after: Exchange
    after_shown: Any
    further: tuple[Edit, ...]
    end: Exchange
    end_shown: Any
    refused: tuple[Exchange, ...]
    last: Exchange
    last_shown: Any
    members: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@scenario_for_each_operation(SCENARIO_BUDGETS["resource-read"].budget)
def stored_thing(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Stored:
    """Something with values that are easily spoilt, read after it was made, and a plain one beside it."""
    with account_for(account_pool, "stored", operation) as account:
        things = things_of(contract, account, drawing, operation)
        parents = things.parents()
        made = things.make(parents)
        read = things.read(made)
        plain = things.make(parents, plain=True, least=True)
        plainly = things.read(plain)
        address = made.exchange.header("Location")
        located = account.request("GET", path) if (path := things.path_below_base(address)) else None
        name = things.name_in(located) if located is not None else None
        shown, plainly_shown = things.shown(read), things.shown(plainly)
        further = [one for style in _FURTHER if (one := things.attempt(parents, style)) is not None]
        others = [(one, each, things.shown(each)) for one in further if (each := things.read(one)).accepted]
        taken = things.presumptuous(parents)
        seen = None if taken is None else things.read(taken)
        presumptuous = None if taken is None or seen is None else (taken, seen, things.shown(seen))
        things.remove(made, plain, *further, *([] if taken is None else [taken]))
        return Stored(made, read, shown, plain, plainly, plainly_shown, located, name, tuple(others), presumptuous)


@scenario_for_each_operation(SCENARIO_BUDGETS["resource-read"].budget)
def tagged_thing(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Tagged:
    """Something that is read twice, changed, and read once more."""
    with account_for(account_pool, "tagged", operation) as account:
        things = things_of(contract, account, drawing, operation)
        made = things.make(things.parents())
        first, again = things.read(made), things.read(made)
        changing = things.resource.modify or things.resource.replace
        if changing is not None:
            described = things.operation(changing)
            things.change(described, made, things.change_of(described, things.shown(again)))
        last = things.read(made)
        things.remove(made)
        return Tagged((first, again, last))


@scenario_for_each_operation(SCENARIO_BUDGETS["resource-change"].budget)
def changed_thing(
    operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing
) -> ChangedThing:
    """Something that is changed, and that broken changes are sent to."""
    with account_for(account_pool, "changed", operation) as account:
        things = things_of(contract, account, drawing, operation)
        made = things.make(things.parents())
        before = things.read(made)
        sent, change = things.change(operation, made, things.change_of(operation, things.shown(before)))
        after = things.read(made)
        further = tuple(edits(things, operation, made, things.shown(after)))
        end = things.read(made)
        refused = tuple(things.broken(operation, made, _BROKEN))
        last = things.read(made)
        shown = (things.shown(each) for each in (before, after, end, last))
        first_shown, after_shown, end_shown, last_shown = shown
        things.remove(made)
        members = things.graph.shown_members(things.resource)
        return ChangedThing(
            made,
            before,
            first_shown,
            sent,
            change,
            after,
            after_shown,
            further,
            end,
            end_shown,
            refused,
            last,
            last_shown,
            members,
        )


def edits(things: Things, operation: Operation, made: Made, shown: Any) -> Iterator[Edit]:  # noqa: ANN401 - any JSON value
    """Further changes of a thing, as far as they are accepted."""
    before = shown
    for body in things.changes_of(operation, shown):
        sent, change = things.change(operation, made, body)
        read = things.read(made)
        if change.accepted and read.accepted:
            yield Edit(before, sent, change, read, things.shown(read))
        before = things.shown(read)


def readable(exchange: Exchange, things: str) -> Exchange:
    """The answer to a read, where it shows something (raises `BlockedError` otherwise)."""
    if not decided(exchange).accepted:
        raise BlockedError(things, f"what was made can't be read: {exchange.summary}")
    return exchange


def reader(contract: Contract, operation: Operation) -> str:
    """The requirement that says that what was made can be read."""
    return derived_id(contract.system, operation.id, "accepts")


@derived("stored")
def test_what_was_made_is_what_is_read(stored_thing: Stored, operation: Operation, contract: Contract) -> None:
    known = related_to(contract, operation)
    members = known.graph.shown_members(known.resource)
    readable(stored_thing.read, reader(contract, operation))

    kept = ((stored_thing.made, stored_thing.read, stored_thing.shown), *stored_thing.others)
    within = known.resource.pointer.rpartition("/")[0]
    for made, read, shown in kept:
        problems = [*differing(demanded(made.body), shown, members)]
        if problems:
            problems[0].look_at(read, shown)
            raise Mismatch(f"expected what was sent, but {problems[0]}", made.exchange.id, read.id)
        # The answer to its making may show a part of it only.
        told = made.exchange.get(within)
        part = {name: member for name, member in members.items() if isinstance(told, dict) and name in told}
        problems = [*differing(demanded(made.body), told, part)]
        if problems:
            problems[0].look_at(made.exchange, told)
            raise Mismatch(f"expected what was sent in the answer, but {problems[0]}", made.exchange.id)


@derived("assigns")
def test_what_the_target_sets_is_not_taken_from_a_client(
    stored_thing: Stored, operation: Operation, contract: Contract
) -> None:
    known = related_to(contract, operation)
    if stored_thing.presumptuous is None:
        raise NotOfferedError("no request that states what the target sets itself was accepted")
    made, read, shown = stored_thing.presumptuous
    readable(read, reader(contract, operation))
    for name in known.graph.assigned_members(known.resource):
        stated = made.body.get(name)
        # A state that is the first one anyhow, and what any thing has, shows nothing.
        usual = stored_thing.plainly_shown.get(name) if isinstance(stored_thing.plainly_shown, dict) else None
        if stated is not None and isinstance(shown, dict) and shown.get(name) == stated != usual:
            sentence = f"expected {name} to be set by the target, but it is {stated!r} as it was sent"
            raise Mismatch(sentence, made.exchange.id, read.id)


@derived("defaults")
def test_documented_defaults_are_there(stored_thing: Stored, operation: Operation, contract: Contract) -> None:
    known = related_to(contract, operation)
    readable(stored_thing.plainly_read, reader(contract, operation))
    defaults = known.graph.defaults(known.resource)
    left_out = {name: value for name, value in defaults.items() if name not in stored_thing.plain.body}
    if not left_out:
        raise NotOfferedError("no request could be made that leaves out a member with a default")

    for name, value in left_out.items():
        shown = stored_thing.plainly_shown.get(name) if isinstance(stored_thing.plainly_shown, dict) else None
        if not alike(value, shown):
            sentence = f"expected {name} to have its default {value!r} where it was left out, got {shown!r}"
            raise Mismatch(sentence, stored_thing.plain.exchange.id, stored_thing.plainly_read.id)


@derived("located")
def test_location_leads_to_what_was_made(stored_thing: Stored) -> None:
    made, located = stored_thing.made, stored_thing.located
    if located is None:
        raise NotOfferedError("the answer has no header Location that leads to a path below the base URL")
    if not decided(located).accepted or located.outcome.refusal:
        raise Mismatch(f"expected what was made at its Location, got {located.summary}", made.exchange.id, located.id)

    if stored_thing.located_name is not None and str(stored_thing.located_name) != str(made.name):
        sentence = f"expected {made.name!r} at its Location, got {stored_thing.located_name!r}"
        raise Mismatch(sentence, made.exchange.id, located.id)


@derived("changes")
def test_a_change_is_there_and_nothing_else(
    changed_thing: ChangedThing, operation: Operation, contract: Contract
) -> None:
    if not decided(changed_thing.change).accepted:
        raise BlockedError(derived_id(contract.system, operation.id, "accepts"), changed_thing.change.summary)
    known = related_to(contract, operation)
    readable(changed_thing.after, reader(contract, contract.document.operations[known.resource.read or ""]))

    first = Edit(
        changed_thing.before_shown,
        changed_thing.sent,
        changed_thing.change,
        changed_thing.after,
        changed_thing.after_shown,
    )
    for edit in (first, *changed_thing.further):
        problems = [*differing(edit.sent, edit.after, changed_thing.members)]
        told = edit.change.get(known.resource.pointer.rpartition("/")[0])
        part = {n: m for n, m in changed_thing.members.items() if isinstance(told, dict) and n in told}
        problems += differing(edit.sent, told, part)
        if operation.id == known.resource.modify and isinstance(edit.before, dict):
            problems += unchanged({k: v for k, v in edit.before.items() if k not in edit.sent}, edit.after)
        elif edit is first:
            problems += not_replaced(changed_thing, known.graph.defaults(known.resource))
        if problems:
            problems[0].look_at(edit.read, edit.after)
            sentence = f"expected the change and nothing else, but {problems[0]}"
            raise Mismatch(sentence, edit.change.id, edit.read.id)


def not_replaced(changed: ChangedThing, defaults: Mapping[str, Any]) -> list[Difference]:
    """What PUT left as it was, although the new representation does not have it, and the document says what it is."""
    left_out = {name: value for name, value in defaults.items() if name not in changed.sent}
    return [
        Difference(
            name, f"{name}, which PUT left out, is {changed.after_shown.get(name)!r} and not its default {value!r}"
        )
        for name, value in left_out.items()
        if name in changed.made.body and not alike(value, changed.after_shown.get(name))
    ]


@derived("keeps")
def test_a_refused_change_changes_nothing(changed_thing: ChangedThing) -> None:
    refused = [exchange for exchange in changed_thing.refused if exchange.outcome.refusal]
    if not refused or len(refused) < len(changed_thing.refused):
        raise NotOfferedError("no change was refused, or some that break the document were accepted")
    if not (decided(changed_thing.end).accepted and decided(changed_thing.last).accepted):
        raise NotOfferedError(f"what was made can't be read: {changed_thing.last.summary}")

    problems = [*unchanged(changed_thing.end_shown, changed_thing.last_shown)]
    if problems:
        problems[0].look_at(changed_thing.last, changed_thing.last_shown)
        sentence = f"expected no change by what was refused, but {problems[0]}"
        raise Mismatch(sentence, changed_thing.end.id, *(each.id for each in refused), changed_thing.last.id)


@derived("tagged")
def test_the_entity_tag_follows_the_content(tagged_thing: Tagged) -> None:
    first, again, changed = tagged_thing.reads
    tags = [exchange.header("ETag") for exchange in tagged_thing.reads]
    if not (decided(first).accepted and decided(again).accepted) or None in tags[:2]:
        raise NotOfferedError("what was made has no header ETag")

    if tags[0] != tags[1] and first.get("") == again.get(""):
        sentence = f"expected the same ETag for the same content, got {tags[0]!r} and {tags[1]!r}"
        raise Mismatch(sentence, first.id, again.id)
    if changed.accepted and tags[0] == tags[2] and first.get("") != changed.get(""):
        sentence = f"expected another ETag for another content, got {tags[0]!r} twice"
        raise Mismatch(sentence, first.id, changed.id)
