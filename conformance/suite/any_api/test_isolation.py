"""Two accounts: what one made is out of the other's reach, as far as the target or its document keeps them apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.client.errors import NotOfferedError
from conformance.client.request import path_of
from conformance.contract.list_queries import conditions_of, orders_of
from conformance.contract.outcomes import Outcome
from conformance.contract.resources import words_of
from conformance.generation.resources import LinkedValues
from conformance.journal.records import Mismatch
from conformance.suite.any_api.creating import SCENARIO_BUDGETS
from conformance.suite.any_api.things import Things, related_to, things_of
from conformance.suite.batch import decided
from conformance.suite.generated import account_for
from conformance.suite.scenarios import derived, scenario_for_each_operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.accounts.account import Account
    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.cases import Drawing
    from conformance.journal.records import Exchange
    from conformance.suite.any_api.things import Made

_FORBIDDEN: Final = 403
_MOST_LISTS: Final = 6
# What members are called that keep a thing to its owner, and that show it to all.
_SECLUDED: Final = frozenset({"private", "hidden", "secret"})
_OPEN: Final = frozenset({"public", "shared", "published"})
_OUT_OF_REACH: Final = (Outcome.NOT_FOUND, Outcome.FORBIDDEN)
# Words by which documents say that a thing has an owner.
_OWNED: Final = re.compile(
    r"\b(own|owns|owned|owner|yours?|belongs?|caller|someone else|another user|other users?)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Foreign:
    """
    Something that one account made, and what another account was answered about it.

    `page` is a list of the other's that shows the thing, else the plain one, and `listed` whether it does; `hidden`:
    the plain one does not. `own` is what shows that the other key is a good one. `read` is the other's read,
    `parts` those of what hangs under it, and `writes` its changes and its deletion, in this order.
    """

    made: Made
    own: Exchange
    read: Exchange
    parts: tuple[Exchange, ...]
    writes: tuple[Exchange, ...]
    page: Exchange | None
    listed: bool | None
    hidden: bool


@scenario_for_each_operation(SCENARIO_BUDGETS["resource-foreign"].budget)
def foreign_thing(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Foreign:
    """Something that one account made and another one asks for, changes and deletes."""
    with account_for(account_pool, "foreign", operation) as account:
        other = account.other_tenant()
        things = things_of(contract, account, drawing, operation)
        made = things.make(things.parents(), secluded(things))
        others = Things(contract, other, drawing, things.known)
        pages = lists_of(things, others, made) if things.resource.list else []
        page = next((each for each in pages if each.accepted and others.has(each, made)), next(iter(pages), None))
        listed = others.has(page, made) if page is not None and page.accepted else None
        hidden = any(each.accepted and not others.has(each, made) for each in pages[:1])
        own = page if page is not None and page.accepted else own_thing(others)
        read = others.read(made)
        parts = tuple(parts_of(contract, things, other, made))
        writes = tuple(written(things, others, made))
        if not (things.resource.delete and writes[-1].accepted):
            things.remove(made)
        return Foreign(made, own, read, parts, writes, page, listed, hidden)


def secluded(things: Things) -> Mapping[str, bool]:
    """The members of a request by which a thing is for its owner alone, as far as their names say so."""
    graph, found = things.graph, dict[str, bool]()
    for name, member in graph.sent_members(things.resource.create).items():
        said = {*words_of(name)}
        if graph.kind_of(member) == "boolean" and said & (_SECLUDED | _OPEN):
            found[name] = bool(said & _SECLUDED)
    return found


def lists_of(things: Things, others: Things, made: Made) -> list[Exchange]:
    """The lists of the other account: the plain one, then in each order, and with each filter that fits the thing."""
    operation, parents = things.operation(things.resource.list), parents_of(made, things)
    shown = things.shown(things.read(made))
    known = shown if isinstance(shown, dict) else {}
    queries: list[Mapping[str, object]] = [{}]
    queries += [order.query for order in orders_of(things.graph, things.resource, operation)]
    for condition in conditions_of(things.graph, things.resource, operation):
        value = known.get(condition.member)
        if condition.kind == "equal" and isinstance(value, str | int):
            queries.append({condition.parameter: value})
    return [others.listed(parents, query) for query in queries[:_MOST_LISTS]]


def own_thing(others: Things) -> Exchange:
    """What the other account made for itself, and took away again."""
    own = others.make(others.parents(), plain=True)
    others.remove(own)
    return own.exchange


def parents_of(made: Made, things: Things) -> LinkedValues:
    """The path values of what a thing hangs under."""
    return LinkedValues({k: v for k, v in made.path.items() if k != things.resource.parameter}, {})


def parts_of(contract: Contract, things: Things, other: Account, made: Made) -> Iterator[Exchange]:
    """What the other account reads of what hangs under a thing."""
    for operation in contract.document.operations.values():
        below = operation.path.startswith(f"{things.resource.item}/") and operation.path.count("{") == len(made.path)
        if operation.method == "GET" and below:
            yield other.request("GET", path_of(operation, made.path))


def written(things: Things, others: Things, made: Made) -> Iterator[Exchange]:
    """The moves, the changes and the deletion that the other account asks for."""
    for action in things.known.actions:
        yield others.account.call(action.id, path=made.path)
    shown = things.shown(things.read(made))
    for name in things.changing:
        described = things.operation(name)
        yield others.change(described, made, things.change_of(described, shown))[1]
    if things.resource.delete is not None:
        yield others.account.call(things.resource.delete, path=made.path)


@derived("isolated")
def test_what_one_account_made_is_out_of_reach_of_another(
    foreign_thing: Foreign, operation: Operation, contract: Contract
) -> None:
    things = foreign_thing
    asked = [things.read, *things.parts, *things.writes]
    if any(each.outcome is Outcome.UNAUTHENTICATED for each in asked) or not things.own.accepted:
        raise NotOfferedError(f"the second key is not accepted: {things.own.summary}")
    refused = [each for each in asked if each.outcome in _OUT_OF_REACH]
    hidden = things.hidden
    private = is_private(operation, contract)
    if not (refused or hidden or private):
        raise NotOfferedError("neither the document nor the target keeps what one account made from another")

    reachable = [each for each in things.writes if each.accepted]
    if not decided(things.read).accepted:
        reachable += [each for each in things.parts if each.accepted]
    elif hidden or private:
        reachable.append(things.read)
    if things.listed and not things.read.accepted and things.page is not None:
        reachable.append(things.page)
    if reachable:
        shown = ", ".join(f"{each.request.method} {each.request.url} → {each.summary}" for each in reachable)
        sentence = f"expected what one account made to be out of another's reach, got {shown}"
        raise Mismatch(sentence, things.made.exchange.id, *(each.id for each in (*reachable, *refused[:1])))


def is_private(operation: Operation, contract: Contract) -> bool:
    """Whether the document keeps some accounts from reading: by an answer 403, or by saying that things have owners."""
    if any(answer.key == str(_FORBIDDEN) for answer in operation.answers):
        return True
    content: Mapping[str, object] = contract.document.content
    raw = related_to(contract, operation).graph.raw(operation.id).raw
    tags = [tag for tag in _list(content.get("tags")) if tag.get("name") in raw.get("tags", ())]
    told = [raw, *tags, *raw["responses"].values()]
    return any(_OWNED.search(f"{part.get('summary', '')} {part.get('description', '')}") for part in told)


def _list(value: object) -> list[Mapping[str, str]]:
    return value if isinstance(value, list) else []
