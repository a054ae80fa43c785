"""What the scenarios of any API create and send: budgets, valid requests, tasks, ids that the target never made."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.contract.requirements import derived_id
from conformance.generation.cases import draw_valid
from conformance.money.budget import ANY, Budget, Tier, cancels, harmless, keeps
from conformance.suite.generated import handed_over

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.accounts.account import Account
    from conformance.client.client import ClientSet
    from conformance.contract.contract import Contract
    from conformance.contract.conventions import Tasks
    from conformance.contract.document import Document, Operation
    from conformance.generation.cases import Case, Drawing
    from conformance.generation.resources import LinkedValues
    from conformance.journal.records import Exchange


@dataclass(frozen=True, slots=True)
class ScenarioBudget:
    """A scenario that is carried out for every operation with a requirement of one of these kinds."""

    budget: Budget
    serves: tuple[str, ...]


SCENARIO_BUDGETS: Final[Mapping[str, ScenarioBudget]] = MappingProxyType(
    {
        # One task, its retry, and a request that must be refused as its key is taken.
        "retry": ScenarioBudget(
            Budget(tier=Tier.PAID, cancels=(ANY,), repeats=1, refused=1, requests=5),
            ("replays", "charges-once", "conflicts"),
        ),
        "read": ScenarioBudget(cancels(ANY, requests=4), ("readable", "unknown")),
        "life": ScenarioBudget(keeps(ANY, requests=2), ("ends",)),
        "cancel": ScenarioBudget(cancels(ANY, requests=4), ("cancels",)),
        "list": ScenarioBudget(cancels(ANY, requests=3), ("listed",)),
        "resource-read": ScenarioBudget(harmless(20), ("stored", "defaults", "assigns", "located", "tagged")),
        "resource-change": ScenarioBudget(harmless(24), ("changes", "keeps")),
        "resource-again": ScenarioBudget(harmless(5), ("unique",)),
        "resource-refused": ScenarioBudget(harmless(14), ("unmade",)),
        "resource-end": ScenarioBudget(harmless(20), ("ended", "spares")),
        "resource-list": ScenarioBudget(harmless(60), ("lists", "filters", "sorts", "pages", "totals")),
        "resource-pages": ScenarioBudget(harmless(50), ("paged-queries", "list-defaults", "stable-pages")),
        "resource-methods": ScenarioBudget(harmless(10), ("head", "allow", "undescribed")),
        "resource-foreign": ScenarioBudget(harmless(16), ("isolated",)),
        "resource-states": ScenarioBudget(harmless(40), ("moves", "stays", "progress", "awaited")),
        "resource-jobs": ScenarioBudget(harmless(40), ("final", "results-stay", "times-in-order")),
        "resource-absent": ScenarioBudget(harmless(6), ("absent",)),
        "resource-conditions": ScenarioBudget(harmless(8), ("unmodified", "matched")),
        "key-bodies": ScenarioBudget(harmless(24), ("distinct-bodies",)),
        "near-keys": ScenarioBudget(harmless(16), ("distinct-keys", "same-bodies")),
        "key-rush": ScenarioBudget(harmless(14), ("repeats-at-once", "foreign-keys")),
        "repeat": ScenarioBudget(harmless(4), ("repeats", "reused")),
    }
)


# A job without conventions is polled after these pauses, as long as it is under way.
PAUSES_SECONDS: Final = (0.1, 0.3, 0.8, 1.5, 2.3)


def tasks_of(contract: Contract) -> Tasks:
    """The conventions about tasks (raises `NotOfferedError` where there are none)."""
    if contract.conventions.tasks is None:
        raise NotOfferedError("the conventions describe no tasks")
    return contract.conventions.tasks


def creator(contract: Contract) -> Operation:
    """The operation that makes tasks for scenarios in which it does not matter how they came about."""
    return contract.document.operations[tasks_of(contract).create[0]]


def cases_for(
    contract: Contract, operation: Operation, account: Account, drawing: Drawing, wanted: int
) -> tuple[Case, ...]:
    """So many different valid requests of an operation, with what they need of others."""
    return distinct_cases(contract, operation, drawing, handed_over(contract, operation, account, drawing), wanted)


def created(contract: Contract, account: Account, case: Case, key: ClientSet) -> Exchange:
    """
    A task that was accepted, whatever the exact status.

    Raises:
        BlockedError: none was made, so nothing that needs one can be judged.
    """
    exchange = account.send(case.prepared(account.client.base_url), idempotency_key=key)
    if not isinstance(exchange.get(tasks_of(contract).id) if exchange.accepted else None, str):
        shown = exchange.failure or f"{exchange.status} {exchange.answer.body.text[:200]}"
        blocker = derived_id(contract.system, case.operation, "accepts")
        raise BlockedError(blocker, f"{case.method} {exchange.request.url} made no task: {shown}")
    return exchange


def task_id(contract: Contract, exchange: Exchange) -> str:
    """The id of the task of an answer (raises `Mismatch` where it has none)."""
    return exchange.string(tasks_of(contract).id)


_JSON: Final = "application/json"
# Enough to find one that differs from the first.
_DRAWN: Final = 8


def distinct_cases(
    contract: Contract, operation: Operation, drawing: Drawing, handed: LinkedValues, wanted: int
) -> tuple[Case, ...]:
    """
    So many valid requests of an operation with different bodies, with the values that others handed over.

    A body that the document shows as an example comes first: it means something to the target.

    Raises:
        NotOfferedError: the document does not allow so many.
    """
    found: dict[bytes, Case] = {}
    for count in (1, _DRAWN):
        drawn = draw_valid(contract.document, operation, replace(drawing, count=count), handed.path)
        shown = _shown(contract.document, operation, drawn[:1])
        found |= {case.content: case for case in (c.with_body_values(handed.body) for c in (*shown, *drawn))}
        if len(found) >= wanted:
            return tuple(found.values())[:wanted]
    raise NotOfferedError(f"the document allows only {len(found)} different requests for {operation.location}")


def _shown(document: Document, operation: Operation, like: tuple[Case, ...]) -> Iterator[Case]:
    """The drawn request with the bodies that the document shows as examples, as far as these are valid."""
    media = operation.body.get(_JSON)
    if media is None:
        return
    validator = document.validator(media.schema)
    raw = document.content["paths"][operation.path][operation.method.lower()]
    described = document.resolve(raw["requestBody"])["content"][_JSON]
    for case in like:
        for body in _examples(document, described):
            if validator.accepts(body):
                headers = tuple((name, value) for name, value in case.headers if name.lower() != "content-type")
                yield replace(case, content=json.dumps(body).encode(), headers=(*headers, ("Content-Type", _JSON)))


def _examples(document: Document, media: Mapping[str, Any]) -> Iterator[Any]:
    schema = document.resolve(media.get("schema", {}))
    for holder in (media, schema):
        if "example" in holder:
            yield holder["example"]
    named = media.get("examples", {})
    if isinstance(named, dict):
        yield from (document.resolve(example)["value"] for example in named.values() if "value" in example)
    if isinstance(schema.get("examples"), list):
        yield from schema["examples"]


_DIGITS, _SMALL, _LARGE = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ALPHABETS: Final = (_DIGITS, _SMALL, _LARGE)
# Few enough to leave a prefix alone that says the kind of an id, many enough to be in no use.
_CHANGED: Final = 8
_HEXADECIMAL: Final = frozenset("0123456789abcdefABCDEF")


def unlike(known: str) -> str:
    """
    An id of the form of a known one: of its last letters and digits each is exchanged for another of its kind.

    Where the known one is hexadecimal to its last eight characters, the other one is so as well.
    """
    tail = [character for character in known if character.isalnum()][-_CHANGED:]
    hexadecimal = all(character in _HEXADECIMAL for character in tail)
    made: list[str] = []
    left = _CHANGED
    for character in reversed(known):
        changes = left > 0 and character.isalnum() and character.isascii()
        made.append(_other(character, hexadecimal=hexadecimal) if changes else character)
        left -= changes
    return "".join(reversed(made))


def _other(character: str, *, hexadecimal: bool) -> str:
    alphabet = next(alphabet for alphabet in _ALPHABETS if character in alphabet)
    letters = alphabet[:6] if hexadecimal and not character.isdigit() else alphabet
    return letters[(letters.index(character) + len(letters) // 2) % len(letters)]


# What no target has counted up to.
_NEVER_GIVEN: Final = 987_654_321


def absent_name(name: object) -> str:
    """A name like one that the target gave, which it never gave."""
    return unlike(name) if isinstance(name, str) else str(_NEVER_GIVEN)
