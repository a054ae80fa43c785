"""What was refused is not there: a request for a new thing that is refused leaves nothing in the list."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import NotOfferedError
from conformance.client.request import PreparedRequest
from conformance.generation.resources import evaluated
from conformance.journal.records import Mismatch
from conformance.suite.any_api.creating import SCENARIO_BUDGETS
from conformance.suite.any_api.test_retry_keys import forget
from conformance.suite.any_api.things import things_of
from conformance.suite.generated import account_for
from conformance.suite.scenarios import derived, scenario_for_each_operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.cases import Drawing
    from conformance.journal.records import Exchange
    from conformance.suite.any_api.things import Made, Things

_BROKEN: Final = 2
_NAMES: Final = 2
_JSON: Final = (("Content-Type", "application/json"),)


@dataclass(frozen=True, slots=True)
class RefusedMakings:
    """
    Something that was made, requests that are nearly the same and wrong, and the list before and after these.

    `left` are the items that came in between and that no accepted answer names, as far as this run alone can have made
    them: in an account of its own, or with a text that is in no other request.
    """

    made: Made
    refused: tuple[Exchange, ...]
    before: Exchange
    after: Exchange
    left: tuple[object, ...]


@scenario_for_each_operation(SCENARIO_BUDGETS["resource-refused"].budget)
def refused_makings(
    operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing
) -> RefusedMakings:
    """A thing that is made, and wrong requests for another one like it."""
    with account_for(account_pool, "refused-makings", operation) as account:
        things = things_of(contract, account, drawing, operation)
        parents, mark = things.parents(), marking(things, operation)
        token = f"{account.fresh_key()[:8]} {account.fresh_key()[:8]}"
        made = things.make(parents, {} if mark is None else {mark: token}, plain=True)
        before = things.listed(parents)
        answers = [account.send(each) for each in wrong_requests(operation, made)]
        answers += things.broken(operation, made, _BROKEN)
        after = things.listed(parents)
        named = {str(evaluated(things.resource.place, each)) for each in answers if each.accepted}
        # A list that lags behind may show only now what was made before.
        known = {str(made.name), *(map(str, things.names(before)) if before.accepted else ())}
        came = [item for item in things.items(after) if isinstance(item, dict)] if after.accepted else []
        came = [item for item in came if str(things.name_of(item)) not in known | named]
        if not account_pool.own_tenants:
            came = [item for item in came if mark is not None and item.get(mark) == made.body.get(mark) == token]
        forget(contract, operation, account, *answers)
        things.remove(made)
        refused = tuple(each for each in answers if each.outcome.refusal)
        return RefusedMakings(made, refused, before, after, tuple(map(things.name_of, came)))


def marking(things: Things, operation: Operation) -> str | None:
    """A text that a request sets as it likes and that the items of the list show; None where there is none."""
    shown, body = things.graph.item_members(things.resource), things.body_of(operation)
    for name, member in things.graph.sent_members(things.resource.create).items():
        free = not any(keyword in member for keyword in ("format", "enum", "pattern", "const"))
        # One word may be the name of something that has to be there.
        if name in shown and free and " " in str(body.get(name)) and things.graph.kind_of(member) == "string":
            return name
    return None


def wrong_requests(operation: Operation, made: Made) -> Iterator[PreparedRequest]:
    """Requests that are nearly the one that made a thing, and that targets refuse as a rule."""
    told = json.dumps(made.body)
    url = made.exchange.request.url
    for text in (told[:-1], f"{told}]", *map(json.dumps, strange_bodies(made.body))):
        yield PreparedRequest(operation.method, url, _JSON, text.encode(), operation.id)


def strange_bodies(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Bodies with words that are nearly known ones, and with a member more inside of a member."""
    words = [name for name, value in body.items() if isinstance(value, str) and value and " " not in value]
    for name in words[:_NAMES]:
        yield {**body, name: f"{body[name]}-xyz"}
    nested = [name for name, value in body.items() if isinstance(value, dict) and value]
    for name in nested[:_NAMES]:
        yield {**body, name: {**body[name], "xyz": next(iter(body[name].values()))}}


@derived("unmade")
def test_what_was_refused_is_in_no_list(refused_makings: RefusedMakings) -> None:
    found = refused_makings
    if not found.refused or not found.before.accepted or not found.after.accepted:
        raise NotOfferedError("nothing was refused, or the list was not answered")
    if found.left:
        sentence = f"expected nothing in the list of what was refused, got {found.left[0]!r}"
        raise Mismatch(sentence, found.before.id, *(each.id for each in found.refused), found.after.id)
