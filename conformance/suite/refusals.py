"""Refusals of valid requests that decide nothing: by rules between members, or for what an account may lack."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from jsonpointer import resolve_pointer

from conformance.contract.outcomes import Outcome, matches_status
from conformance.contract.requirements import derived_id
from conformance.generation.instances import Schemas, schemas_of
from conformance.generation.walk_request import base_request_of, is_json
from conformance.journal.records import Mismatch
from conformance.suite.batch import Sent, send_fresh

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.accounts.account import Account
    from conformance.contract.contract import Contract
    from conformance.contract.conventions import Conventions
    from conformance.contract.document import Document, Operation
    from conformance.generation.cases import Case
    from conformance.journal.records import Exchange
    from conformance.suite.batch import BatchResult


_MEMBER: Final = re.compile(r"body:[^ ]*?/properties/(?P<name>[^/ ]+)/(?P<keyword>[A-Za-z]+) met")
# What is meant by a bound, a choice, or being there or not; a format or a pattern hardly ever says all that is asked.
_PLAIN: Final = frozenset(
    ("minLength", "maxLength", "minimum", "maximum", "enum", "minItems", "maxItems", "exclusiveMinimum", "required")
)
_AMOUNTS: Final = frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"))
# A value of such a name is one that the target handed out, or names something that must be there.
_HANDED_OUT: Final = re.compile(
    r"(id|ids|uuid|key|cursor|token|after|before|code|ref|reference|slug|url|uri)$", re.IGNORECASE
)
_MOST_WEIGHED: Final = 4


@dataclass(frozen=True, slots=True)
class Weighed:
    """
    Valid requests that were refused: those that nothing excuses, and how many of the others were accepted.

    `tried` says in words what was asked for in other ways before a refusal was blamed.
    """

    blamed: tuple[Sent, ...]
    accepted: int
    tried: int = 0


def leaves_room(contract: Contract, operation: Operation) -> bool:
    """Whether the document alone says that valid requests are accepted, so that its prose may know of exceptions."""
    name = derived_id(contract.system, operation.id, "accepts")
    return name in contract.registry and contract.registry[name].level != "MUST"


def weigh(account: Account, operation: Operation, batch: BatchResult) -> Weighed:
    """
    Ask in other ways for what valid requests were refused, where a rule between members may explain it.

    A refusal is blamed when it breaks off what the document says of one member alone: at one of its bounds, while other
    requests are accepted, and whatever the other members are. A fault of the server is always blamed, and so is a
    refusal by a status that the document does not have. The document's other refusals leave room for rules in prose.
    """
    answered = [item for item in batch.answered if item.exchange.outcome.decisive or _failed(item)]
    accepted = sum(item.exchange.accepted for item in answered)
    blamed: list[Sent] = []
    tried = 0
    for item in answered:
        if item.exchange.accepted or item.exchange.outcome is Outcome.CONFLICT:
            continue
        if _failed(item) or not is_documented(item, operation) or _is_read_of_what_is_there(item, operation):
            blamed.append(item)
        elif accepted and tried < _MOST_WEIGHED and _is_about_one(item.case, operation):
            tried += 1
            others = list(_otherwise(account.client.contract.document, operation, item.case))
            if all(not send_fresh(account, other).accepted for other in others):
                blamed.append(item)
    return Weighed(tuple(blamed), accepted, tried)


def _failed(item: Sent) -> bool:
    return item.exchange.outcome is Outcome.FAILED


def is_documented(item: Sent, operation: Operation) -> bool:
    """Whether the document has the status of an answer."""
    return any(matches_status(answer.key, item.exchange.status) for answer in operation.answers)


def _is_read_of_what_is_there(item: Sent, operation: Operation) -> bool:
    """Whether a request asks for nothing but what was made."""
    plain = not item.case.content and "?" not in item.case.path
    return operation.reads_only and plain and "{" in operation.path


def _is_about_one(case: Case, operation: Operation) -> bool:
    """
    Whether a request tries a plain constraint of one member that nothing else decides.

    How much of something may be asked for may depend on the thing that a path names.
    """
    for tried in case.tries:
        member = _MEMBER.match(tried)
        if member is not None and member["keyword"] in _AMOUNTS and "{" in operation.path:
            continue
        if member is not None and member["keyword"] in _PLAIN and not _HANDED_OUT.search(member["name"]):
            return True
    return False


def _otherwise(document: Document, operation: Operation, case: Case) -> Iterator[Case]:
    """The same with as few other members as may be, and with the same value in the members that are alike."""
    media = next((media for media in operation.body.values() if is_json(media.name)), None)
    found = next((match for tried in case.tries if (match := _MEMBER.match(tried))), None)
    if media is None or found is None:
        return
    schemas = schemas_of(document)
    body: Any = json.loads(case.content)
    name = found["name"]
    if not isinstance(body, dict) or name not in body:
        return
    bases = [b for n, made in base_request_of(document, operation).bodies.items() if is_json(n) for b in made]
    least = min((base for base in bases if isinstance(base, dict)), key=len, default={})
    yield from _valid(({**least, name: body[name]}, _levelled(body, name)), schemas, media.schema, case, body)


def _levelled(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A body whose members of the same kind as one have its value."""
    value = body[name]
    alike = (key for key, other in body.items() if type(other) is type(value) and not isinstance(other, bool))
    return {**body, **dict.fromkeys(alike, value)} if isinstance(value, int | float) else body


def _valid(
    bodies: Sequence[Mapping[str, Any]],
    schemas: Schemas,
    schema: Mapping[str, Any],
    case: Case,
    known: Mapping[str, Any],
) -> Iterator[Case]:
    for body in bodies:
        if body != known and schemas.accepts(schema, dict(body)):
            yield replace(case, content=json.dumps(body).encode())


def is_lacking(exchange: Exchange, conventions: Conventions) -> bool:
    """Whether a request was refused because the account lacks what it names, which not every account has."""
    entitlements = conventions.entitlements
    if entitlements is None or exchange.interpretation.code != entitlements.code or not exchange.outcome.error:
        return False
    errors = conventions.shape(exchange.interpretation)
    row = None if errors is None else errors.codes.get(entitlements.code)
    if row is not None and not row.has(exchange.status):
        return False
    named = named_in(exchange, conventions)
    return isinstance(named, str) and named not in entitlements.everyone


def named_in(exchange: Exchange, conventions: Conventions) -> Any:  # noqa: ANN401 - any value of JSON
    """What a request names that an account may lack; None where it names nothing."""
    sent = exchange.request.body
    entitlements = conventions.entitlements
    if entitlements is None or sent.truncated:
        return None
    try:
        body = sent.json
    except Mismatch:
        return None  # no JSON was sent
    return resolve_pointer(body, entitlements.named_by, None) if isinstance(body, dict) else None
