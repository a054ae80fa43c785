"""Ends of things, as a document describes them: what was deleted is gone with what hung under it, others are there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.client.errors import NotOfferedError, UndecidedError
from conformance.contract.external.relations import RelatedOperation
from conformance.contract.outcomes import Outcome
from conformance.contract.resources import words_of
from conformance.contract.states import states_of
from conformance.generation.resources import LinkedValues
from conformance.journal.records import Mismatch
from conformance.suite.any_api.creating import PAUSES_SECONDS, SCENARIO_BUDGETS, absent_name
from conformance.suite.any_api.things import Things, things_of
from conformance.suite.batch import decided
from conformance.suite.generated import account_for
from conformance.suite.scenarios import derived, scenario_for_each_operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.cases import Drawing
    from conformance.journal.records import Exchange
    from conformance.suite.any_api.things import Made


# What is told of a thing may outlive it.
_KEPT: Final = frozenset({"history", "audit", "log", "logs", "event", "events", "version", "versions", "revisions"})


@dataclass(frozen=True, slots=True)
class Ended:
    """
    Two things of which the first was deleted, and what was answered about both after that.

    `below` are the answers to what was asked of the first by its actions, and of what hung under it. `inherited` are
    the lists below one that was made anew under the name of the first, and whether they show anything.
    """

    first: Made
    second: Made
    before: Exchange
    deleted: Exchange
    read: Exchange
    other: Exchange
    page: Exchange | None
    listed: tuple[object, ...]
    changed: Exchange | None
    below: tuple[Exchange, ...] = ()
    inherited: tuple[tuple[Exchange, bool], ...] = ()


@scenario_for_each_operation(SCENARIO_BUDGETS["resource-end"].budget)
def ended_thing(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Ended:
    """Two things of which one is deleted."""
    with account_for(account_pool, "ended", operation) as account:
        things = things_of(contract, account, drawing, operation)
        parents = things.parents()
        # A job of odd values may come to no good end.
        plain = things.known.job
        first, second = things.make(parents, plain=plain), things.make(parents, plain=plain)
        before = at_rest(things, first)
        hanging = tuple(children(things, first))
        deleted = account.call(operation.id, path=first.path)
        if hanging and deleted.outcome is Outcome.CONFLICT:
            # What has something below it may have to stay.
            first, hanging = things.make(parents, plain=plain), ()
            before = at_rest(things, first)
            deleted = account.call(operation.id, path=first.path)
        read = things.eventually(lambda: things.read(first), lambda answer: not answer.accepted)
        other = things.read(second)
        page = None
        if things.resource.list:
            page = things.eventually(lambda: things.listed(parents), lambda answer: not things.has(answer, first))
        listed = tuple(things.names(page)) if page is not None and page.accepted else ()
        changing = next(iter(things.changing), None)
        body = things.change_of(things.operation(changing), things.shown(before)) if changing else {}
        changed = things.change(things.operation(changing), first, body)[1] if changing else None
        below = tuple(asked_below(things, first, hanging)) if deleted.accepted and not read.accepted else ()
        again = account.call(operation.id, path=first.path)
        inherited = tuple(left_over(things, first, hanging)) if deleted.accepted and not read.accepted else ()
        things.remove(second)
        return Ended(first, second, before, deleted, read, other, page, listed, changed, (*below, again), inherited)


def left_over(things: Things, first: Made, hanging: tuple[tuple[Things, Made], ...]) -> Iterator[tuple[Exchange, bool]]:
    """The lists of what hangs under a thing that was made anew under its old name, and whether they show something."""
    listing = [own for own, _ in hanging if own.resource.list is not None]
    if not things.resource.named_by_client or not listing or not things.remade(first).accepted:
        return
    for own in listing:
        page = own.listed(LinkedValues(first.path, {}))
        if page.accepted:
            yield page, bool(own.items(page))
    things.remove(first)


def at_rest(things: Things, made: Made) -> Exchange:
    """What is read of a thing; of a job as soon as it has ended, or the time for that is over."""
    states = states_of(things.graph, things.resource) if things.known.job else None
    read = things.read(made)
    for pause in PAUSES_SECONDS if states is not None else ():
        shown = things.shown(read) if read.accepted else None
        if states is None or not isinstance(shown, dict) or not states.is_under_way(shown.get(states.member)):
            break
        things.account.pause(pause)
        read = things.read(made)
    return read


def children(things: Things, parent: Made) -> Iterator[tuple[Things, Made]]:
    """One thing of each kind that hangs under a thing by its path."""
    for child in things.graph.resources:
        if child.collection.startswith(f"{things.resource.item}/") and child.collection.count("{") == len(parent.path):
            known = RelatedOperation(things.graph, child, things.operation(child.create))
            own = Things(things.contract, things.account, things.drawing, known)
            with suppress(UndecidedError):
                yield own, own.make(LinkedValues(parent.path, {}), plain=True)


def asked_below(things: Things, first: Made, hanging: tuple[tuple[Things, Made], ...]) -> Iterator[Exchange]:
    """What is asked of a thing that is gone: its actions, what hung under it, and to make more of that."""
    for action in things.known.actions:
        yield things.account.call(action.id, path=first.path)
    for own, child in hanging:
        if own.resource.read is not None and own.resource.item.startswith(f"{things.resource.item}/"):
            yield own.read(child)
        with suppress(UndecidedError):
            yield own.make(LinkedValues(first.path, {}), plain=True).exchange
    yield from looked_up_below(things, first)


def looked_up_below(things: Things, first: Made) -> Iterator[Exchange]:
    """What is read below a thing that is gone, where the target tells that nothing is below what never was."""
    absent = {**first.path, things.resource.parameter: absent_name(first.name)}
    for operation in things.contract.document.operations.values():
        collection, _, last = operation.path.rpartition("/")
        kept = "{" in last or _KEPT & {*words_of(last)}
        if operation.method == "GET" and collection == things.resource.item and not kept:
            answer = things.account.call(operation.id, path=first.path)
            if answer.accepted and things.account.call(operation.id, path=absent).outcome is Outcome.NOT_FOUND:
                yield answer


@derived("ended")
def test_what_was_ended_is_gone(ended_thing: Ended) -> None:
    if not decided(ended_thing.deleted).accepted:
        raise NotOfferedError(f"nothing was deleted: {ended_thing.deleted.summary}")
    if not decided(ended_thing.before).accepted:
        raise NotOfferedError(f"what was made can't be read: {ended_thing.before.summary}")
    read = decided(ended_thing.read)
    if read.accepted and not is_marked(ended_thing.before, read):
        sentence = f"expected that what was deleted can't be read, got {read.summary}"
        raise Mismatch(sentence, ended_thing.deleted.id, read.id)
    if read.accepted:
        raise NotOfferedError("what was deleted is marked as such, and can still be read")
    if ended_thing.page is not None and str(ended_thing.first.name) in map(str, ended_thing.listed):
        sentence = f"expected a list without {ended_thing.first.name!r}, which was deleted"
        raise Mismatch(sentence, ended_thing.deleted.id, ended_thing.page.id)
    if ended_thing.changed is not None and ended_thing.changed.accepted:
        sentence = f"expected that what was deleted can't be changed, got {ended_thing.changed.summary}"
        raise Mismatch(sentence, ended_thing.deleted.id, ended_thing.changed.id)
    check_below(ended_thing)


def check_below(ended_thing: Ended) -> None:
    """Raise `Mismatch` where something below what was deleted is still there."""
    for asked in ended_thing.below[:-1]:
        if asked.accepted:
            what = f"{asked.request.method} {asked.request.url}"
            sentence = f"expected a refusal of {what} below what was deleted, got {asked.summary}"
            raise Mismatch(sentence, ended_thing.deleted.id, asked.id)
    for page, shows in ended_thing.inherited:
        if shows:
            sentence = "expected nothing below what was made anew under the name of what was deleted, got items"
            raise Mismatch(sentence, ended_thing.deleted.id, page.id)


@derived("spares")
def test_others_are_spared(ended_thing: Ended) -> None:
    if not decided(ended_thing.deleted).accepted:
        raise NotOfferedError(f"nothing was deleted: {ended_thing.deleted.summary}")
    if not decided(ended_thing.other).accepted:
        sentence = f"expected that what was not deleted is still there, got {ended_thing.other.summary}"
        raise Mismatch(sentence, ended_thing.second.exchange.id, ended_thing.deleted.id, ended_thing.other.id)


def is_marked(before: Exchange, after: Exchange) -> bool:
    """Whether what is read of a thing changed by its deletion: it is marked as deleted, and kept."""
    return bool(before.get("") != after.get(""))
