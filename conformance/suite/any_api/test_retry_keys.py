"""Idempotency keys beside each other: one key has one request, another key another thing, also at the same moment."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.contract.external.relations import related
from conformance.contract.outcomes import Outcome
from conformance.contract.requirements import derived_id
from conformance.generation.freshening import freshened
from conformance.generation.instances import Schemas
from conformance.generation.walk_request import base_request_of, is_json
from conformance.journal.records import Mismatch
from conformance.suite.any_api.comparing import is_excused
from conformance.suite.any_api.creating import SCENARIO_BUDGETS, cases_for
from conformance.suite.any_api.spelling import other_spelling
from conformance.suite.any_api.test_repeats import names_in
from conformance.suite.any_api.things import things_of
from conformance.suite.batch import decided
from conformance.suite.generated import account_for, handed_over
from conformance.suite.scenarios import derived, scenario_for_each_operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from conformance.accounts.account import Account
    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.cases import Case, Drawing
    from conformance.journal.records import Exchange

_MOST_BODIES: Final = 14
_MEMBERS_OF_MEMBERS: Final = 2
_TRIED: Final = 3
_AT_ONCE: Final = 5
_LONG: Final = 40
_NAMELESS: Final = "the answer has nothing that names what was made"
_HEXADECIMAL: Final = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Reuse:
    """
    A request that made something, and others with its key that differ in one place each, which is named.

    `apart` is one that differs in all its texts, None where the document allows none and where all others were refused.
    """

    first: Exchange
    apart: Exchange | None
    others: tuple[tuple[str, Exchange], ...]


@dataclass(frozen=True, slots=True)
class NearKeys:
    """
    A request that made something, the same with keys that are nearly its own, and with one that is quite another.

    The latter is `apart`, None where each of the others made something else.
    `respelled` is its retry in another spelling of the body, `again` the plain retry where that made another thing.
    """

    first: Exchange
    respelled: Exchange | None
    again: Exchange | None
    near: tuple[tuple[str, Exchange], ...]
    apart: Exchange | None


@dataclass(frozen=True, slots=True)
class Rush:
    """
    Requests with one key at the same moment, and one more when they were answered.

    `plain` is another request and its retry, None where the others made one thing.
    `kept` and `listed` say how many things there were before and after, None where an account is not this run's alone.
    """

    plain: tuple[Exchange, Exchange] | None
    answers: tuple[Exchange, ...]
    kept: int | None
    listed: int | None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """
    A request of one account, and of another account with the same key and with a key of its own.

    They have all in common where the other account can read what the first one made.
    """

    in_common: bool
    first: Exchange
    same: Exchange
    own: Exchange


@scenario_for_each_operation(SCENARIO_BUDGETS["key-bodies"].budget)
def reuse(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Reuse:
    """A key that comes with bodies that are nearly the one that it came with first."""
    with account_for(account_pool, "reuse", operation) as account:
        case, first, key = made_with_key(contract, operation, account, drawing)
        others = [
            (words, sent_with(account, replace(case, content=json.dumps(body).encode()), key))
            for words, body in near_bodies(contract, operation, case)
        ]
        different = freshened(contract.document, case, key)
        apart = None
        if different is not None and any(each.accepted for _, each in others):
            apart = sent_with(account, different, key)
        made = [each for each in (first, apart) if each is not None]
        forget(contract, operation, account, *made, *(each for _, each in others))
        return Reuse(first, apart, tuple(others))


@scenario_for_each_operation(SCENARIO_BUDGETS["near-keys"].budget)
def near_keys(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> NearKeys:
    """Keys that are nearly the same, each with the same request."""
    with account_for(account_pool, "near-keys", operation) as account:
        case, first, key = made_with_key(contract, operation, account, drawing)
        near = [(words, sent_with(account, case, alter(key))) for words, alter in ALTERATIONS.items()]
        name, apart = name_in(contract, operation, first), None
        if any(each.accepted and name_in(contract, operation, each) == name for _, each in near):
            apart = sent_with(account, case, account.fresh_key())
        respelled, again = retried_otherwise(contract, operation, account, case, (first, key))
        others = [each for each in (apart, respelled, again) if each is not None]
        forget(contract, operation, account, first, *others, *(each for _, each in near))
        return NearKeys(first, respelled, again, tuple(near), apart)


def retried_otherwise(
    contract: Contract, operation: Operation, account: Account, case: Case, made: tuple[Exchange, str]
) -> tuple[Exchange | None, Exchange | None]:
    """The retry of a request in another spelling of its body, and a plain one where that made something else."""
    first, key = made
    spelling = other_spelling(case.content)
    if spelling is None:
        return None, None
    respelled = sent_with(account, replace(case, content=spelling), key)
    names = [name_in(contract, operation, each) for each in (first, respelled)]
    if not respelled.accepted or names[0] == names[1]:
        return respelled, None
    return respelled, sent_with(account, case, key)


@scenario_for_each_operation(SCENARIO_BUDGETS["key-rush"].budget)
def rush(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Rush:
    """One request several times at the same moment, as an impatient client sends it."""
    with account_for(account_pool, "rush", operation) as account:
        if not names_in(contract, operation):
            raise NotOfferedError(_NAMELESS)
        case = cases_for(contract, operation, account, drawing, 1)[0]
        before = shown_in_list(contract, operation, account, drawing) if account_pool.own_tenants else None
        key, size = account.fresh_key(), account.batch_size(_AT_ONCE)
        answers = account.at_once([partial(sent_with, account, case, key)] * size)
        again = sent_with(account, case, key)
        after = shown_in_list(contract, operation, account, drawing) if account_pool.own_tenants else None
        sent = (*answers, again)
        names = {str(name_in(contract, operation, each)) for each in sent if each.accepted}
        slow, plain = account.fresh_key(), None
        if len(names) > 1:
            plain = sent_with(account, case, slow), sent_with(account, case, slow)
        forget(contract, operation, account, *(plain or ()), *sent)
        return Rush(plain, sent, before, after)


@scenario_for_each_operation(SCENARIO_BUDGETS["key-rush"].budget)
def foreign_key(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> ForeignKey:
    """Two accounts that choose the same key."""
    with account_for(account_pool, "foreign-key", operation) as account:
        other = account.other_tenant()
        case, first, key = made_with_key(contract, operation, account, drawing)
        handed = handed_over(contract, operation, other, drawing)
        if handed.path or handed.body:
            # What the first account made is not for the other one to name.
            case = cases_for(contract, operation, other, drawing, 1)[0]
        in_common = is_read_by(contract, operation, other, first)
        same, own = sent_with(other, case, key), sent_with(other, case, account.fresh_key())
        forget(contract, operation, account, first)
        forget(contract, operation, other, same, own)
        return ForeignKey(in_common, first, same, own)


def is_read_by(contract: Contract, operation: Operation, other: Account, first: Exchange) -> bool:
    """Whether an account can read what another one made, as far as its name alone leads to it."""
    known = related(contract.document, contract.conventions).get(operation.id)
    if known is None or known.resource.read is None or known.resource.item.count("{") > 1:
        return False
    name = name_in(contract, operation, first)
    return other.call(known.resource.read, path={known.resource.parameter: str(name)}).accepted


def forget(contract: Contract, operation: Operation, account: Account, *made: Exchange) -> None:
    """Take away what requests have made, where a thing is deleted by its name alone."""
    known = related(contract.document, contract.conventions).get(operation.id)
    if known is None or known.resource.delete is None or known.resource.item.count("{") > 1:
        return
    names = {str(name) for each in made if each.accepted and (name := name_in(contract, operation, each)) is not None}
    for name in names:
        account.call(known.resource.delete, path={known.resource.parameter: name})


def sent_with(account: Account, case: Case, key: str) -> Exchange:
    """The answer to a request with a key."""
    return account.send(case.prepared(account.client.base_url), idempotency_key=key)


def made_with_key(
    contract: Contract, operation: Operation, account: Account, drawing: Drawing
) -> tuple[Case, Exchange, str]:
    """
    A request that made something with a key, by a body with as many members as there can be.

    Raises:
        BlockedError: nothing was made.
        NotOfferedError: the document does not say how an answer names what was made.
    """
    if not names_in(contract, operation):
        raise NotOfferedError(_NAMELESS)
    handed = handed_over(contract, operation, account, drawing)
    plain = cases_for(contract, operation, account, drawing, 1)[0]
    bodies = base_request_of(contract.document, operation).bodies
    known: list[Mapping[str, Any]] = []
    known += [body for name, found in bodies.items() if is_json(name) for body in found if isinstance(body, dict)]
    known.sort(key=_size, reverse=True)
    known[:0] = [longer for body in known[:1] if (longer := lengthened(contract, operation, body)) != body]
    full = [replace(plain, content=json.dumps(body).encode()) for body in known]
    exchange: Exchange | None = None
    for case in (*(each.with_body_values(handed.body) for each in full[:_TRIED]), plain):
        key = account.fresh_key()
        exchange = sent_with(account, case, key)
        if exchange.accepted and name_in(contract, operation, exchange) is not None:
            return case, exchange, key
    shown = "" if exchange is None else exchange.summary
    raise BlockedError(derived_id(contract.system, operation.id, "accepts"), f"nothing was made: {shown}")


def lengthened(contract: Contract, operation: Operation, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """A body with longer texts, as far as the document allows them: a part of them may stand for the whole."""
    media = next(media for media in operation.body.values() if is_json(media.name))
    schemas = Schemas(contract.document.content)
    for name, value in body.items():
        if isinstance(value, str) and " " in value:
            longer = {**body, name: " ".join([value] * -(-_LONG // len(value)))}
            body = longer if len(value) < _LONG and schemas.accepts(media.schema, longer) else body
    return body


def _size(body: Mapping[str, Any]) -> int:
    return len(json.dumps(body))


def name_in(contract: Contract, operation: Operation, exchange: Exchange) -> object:
    """What names the thing that an answer hands out; None where there is nothing."""
    found = (exchange.get(place) for place in names_in(contract, operation))
    return next((name for name in found if isinstance(name, str | int)), None)


def near_bodies(contract: Contract, operation: Operation, case: Case) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Bodies that the document allows and that differ from that of a request in one place, with what differs."""
    media = next((media for media in operation.body.values() if is_json(media.name)), None)
    try:
        body = json.loads(case.content)
    except ValueError:
        return
    if media is None or not isinstance(body, dict):
        return
    schemas = Schemas(contract.document.content)
    described = schemas.merged(media.schema).get("properties", {})
    found = 0
    for name, value in body.items():
        member = schemas.merged(described.get(name, {}))
        if "format" in member or is_excused(name, member):
            continue
        for words, other in _others(name, value):
            changed = {**body, name: other}
            if found < _MOST_BODIES and schemas.accepts(media.schema, changed):
                found += 1
                yield words, changed


def _others(name: str, value: object) -> Iterator[tuple[str, object]]:
    """Values that are nearly this one, the first different in more than the others."""
    if isinstance(value, bool):
        yield f"another {name}", not value
    elif isinstance(value, str) and " " in value:
        yield f"other words at the end of {name}", f"{value.rpartition(' ')[0]} another"
        yield f"{name} in other letters", value.swapcase()
        yield f"more blanks in {name}", value.replace(" ", "  ", 1)
    elif isinstance(value, str) and value.swapcase() != value:
        yield f"{name} in other letters", value.swapcase()
    elif isinstance(value, float):
        # The nearer one, for those that compare rounded numbers.
        near = [round(value + step, 4) for step in (0.01, -0.01)]
        yield f"another {name}", min(near, key=lambda other: abs(round(other, 1) - round(value, 1)))
    elif isinstance(value, dict):
        for member, inner in value.items():
            for words, other in _others(f"{name}.{member}", inner):
                yield words, {**value, member: other}
        plain = [member for member, inner in value.items() if isinstance(inner, str)]
        for member in plain[:_MEMBERS_OF_MEMBERS]:
            yield f"another {name}.{member}", {**value, member: "another"}


@derived("distinct-bodies")
def test_a_key_is_not_taken_for_a_body_that_differs(reuse: Reuse, contract: Contract, operation: Operation) -> None:
    decided_ones = [(words, each) for words, each in reuse.others if each.outcome.decisive]
    if not decided_ones:
        raise NotOfferedError("the document allows no second request that differs in one place")
    if reuse.apart is not None and reuse.apart.accepted:
        blocker = derived_id(contract.system, operation.id, "reused")
        raise BlockedError(blocker, "not even a request with other texts is refused for its key")
    for words, exchange in decided_ones:
        if exchange.accepted:
            sentence = f"expected that the key of another request is refused ({words}), got {exchange.summary}"
            raise Mismatch(sentence, reuse.first.id, exchange.id)


# Ways in which keys are cut, shortened or read by halves where they are stored.
ALTERATIONS: Final[Mapping[str, Callable[[str], str]]] = {
    "its beginning": lambda key: key[:-4],
    "the key with more behind it": lambda key: f"{key}-2",
    "a key with another beginning": lambda key: _other(key, 0, 8),
    "a key with another second part": lambda key: _other(key, 9, 13),
    "a key with another middle": lambda key: _other(key, 14, 23),
    "a key with another end": lambda key: _other(key, len(key) - 4, len(key)),
}


def _other(key: str, start: int, stop: int) -> str:
    changed = (
        _HEXADECIMAL[(_HEXADECIMAL.index(each) + 5) % 16] if each in _HEXADECIMAL else each for each in key[start:stop]
    )
    return f"{key[:start]}{''.join(changed)}{key[stop:]}"


@derived("distinct-keys")
def test_another_key_makes_another_thing(near_keys: NearKeys, contract: Contract, operation: Operation) -> None:
    first = name_in(contract, operation, near_keys.first)
    if not any(exchange.accepted for _, exchange in near_keys.near):
        raise NotOfferedError("no request with another key is accepted")
    if near_keys.apart is None:
        return
    apart = name_in(contract, operation, near_keys.apart) if near_keys.apart.accepted else None
    if apart is None or apart == first:
        raise NotOfferedError("the same request with quite another key makes no other thing")
    words, exchange = next(
        each for each in near_keys.near if each[1].accepted and name_in(contract, operation, each[1]) == first
    )
    sentence = f"expected another thing for another key ({words}), got {first!r} again"
    raise Mismatch(sentence, near_keys.first.id, exchange.id, near_keys.apart.id)


@derived("same-bodies")
def test_the_same_body_in_another_spelling_makes_nothing_new(
    near_keys: NearKeys, contract: Contract, operation: Operation
) -> None:
    respelled, again = near_keys.respelled, near_keys.again
    if respelled is None:
        raise NotOfferedError("the body has one spelling only")
    if not decided(respelled).accepted or again is None:
        return
    first, other = (name_in(contract, operation, each) for each in (near_keys.first, respelled))
    if not again.accepted or name_in(contract, operation, again) != first:
        blocker = derived_id(contract.system, operation.id, "repeats")
        raise BlockedError(blocker, "not even a retry in the same spelling is answered with what was made")
    sentence = f"expected nothing new for the same body in another spelling, got {other!r} beside {first!r}"
    raise Mismatch(sentence, near_keys.first.id, respelled.id, again.id)


def shown_in_list(contract: Contract, operation: Operation, account: Account, drawing: Drawing) -> int | None:
    """How many things the list shows that an operation makes; None where there is no such list."""
    known = related(contract.document, contract.conventions).get(operation.id)
    if known is None or known.resource.list is None or known.resource.create != operation.id:
        return None
    things = things_of(contract, account, drawing, operation)
    page = things.listed(things.parents())
    return len(things.items(page)) if page.accepted else None


@derived("repeats-at-once")
def test_requests_at_the_same_moment_make_one_thing(rush: Rush, contract: Contract, operation: Operation) -> None:
    plain = rush.plain or ()
    retried = [name_in(contract, operation, each) if each.accepted else None for each in plain]
    if len({*map(str, retried)}) > 1:
        blocker = derived_id(contract.system, operation.id, "repeats")
        raise BlockedError(blocker, "not even a retry after the answer is answered with what was made")
    made = {str(name): each for each in rush.answers if each.accepted if (name := name_in(contract, operation, each))}
    if not made:
        raise NotOfferedError(f"nothing was made: {rush.answers[0].summary}")
    evidence = tuple(each.id for each in made.values())
    if len(made) > 1:
        raise Mismatch(f"expected one thing for one key, got {', '.join(sorted(made))}", *evidence)
    if rush.kept is not None and rush.listed is not None and rush.listed > rush.kept + 1:
        sentence = f"expected one thing more in the list, got {rush.listed - rush.kept}"
        raise Mismatch(sentence, *evidence)


@derived("foreign-keys")
def test_the_key_of_another_account_is_free(foreign_key: ForeignKey, contract: Contract, operation: Operation) -> None:
    first, same, own = (
        name_in(contract, operation, each) if each.accepted else None
        for each in (foreign_key.first, foreign_key.same, foreign_key.own)
    )
    if foreign_key.in_common:
        raise NotOfferedError("the other account can read what the first one made: they may be one")
    if own is None or own == first:
        raise NotOfferedError(f"the other account can make nothing of its own: {foreign_key.own.summary}")
    if same == first:
        sentence = f"expected another thing for another account, got {first!r}, which is not its own"
        raise Mismatch(sentence, foreign_key.first.id, foreign_key.same.id)
    if foreign_key.same.outcome is Outcome.CONFLICT:
        sentence = f"expected that another account may choose the same key, got {foreign_key.same.summary}"
        raise Mismatch(sentence, foreign_key.first.id, foreign_key.same.id, foreign_key.own.id)
