"""What scenarios on operations of any document share: accounts, what a request needs, requests without a usable key."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.client.request import path_of
from conformance.contract.outcomes import Outcome
from conformance.contract.requirements import derived_id
from conformance.generation.cases import draw_valid
from conformance.generation.freshening import freshened
from conformance.generation.naming import named_anew
from conformance.generation.near_misses import near_misses
from conformance.generation.resources import LinkedValues, links_to, values_from
from conformance.generation.walk import walk
from conformance.generation.walk_request import base_request_of, is_json
from conformance.journal.reader import NEEDLESS, WALKED
from conformance.journal.records import Mismatch, Observation
from conformance.suite.batch import fire, send_fresh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from conformance.accounts.account import Account
    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Link, Operation
    from conformance.generation.cases import Case, Drawing, Validity
    from conformance.journal.records import Exchange
    from conformance.journal.writer import Journal
    from conformance.suite.batch import BatchResult, Sent


# Enough for every drawn request of an operation, so that none is refused for lack of money.
PLENTY: Final = Decimal(1_000_000)
_SHOWN: Final = 12
_SHOWN_ATTEMPTS: Final = 3


def account_for(account_pool: AccountPool, name: str, operation: Operation) -> AbstractContextManager[Account]:
    """An account for requests to one operation, with enough for all of them."""
    return account_pool.account(f"{name}-{operation.id}", balance=PLENTY)


def handed_over(
    contract: Contract, operation: Operation, account: Account, drawing: Drawing, within: tuple[str, ...] = ()
) -> LinkedValues:
    """
    What other operations must hand over before a request can be valid: ids of a task, of an upload, of a parent.

    What these need in turn is made first; `within` are the operations that this is done for already.
    """
    handed = LinkedValues({}, {})
    for link in links_to(contract.document, operation):
        if link.source not in within:
            handed = handed.beside(_handed_by(contract, link, account, drawing, (*within, operation.id)))
    return handed


class HandedValues:
    """What operations were handed for their requests: one thing serves all that only read it, in one account."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], LinkedValues] = {}

    def of(self, contract: Contract, operation: Operation, account: Account, drawing: Drawing) -> LinkedValues:
        """What other operations hand over, anew where requests may change it."""
        if not operation.reads_only:
            return handed_over(contract, operation, account, drawing)
        key = account.label, operation.id
        if key not in self._known:
            self._known[key] = handed_over(contract, operation, account, drawing)
        return self._known[key]


def _handed_by(
    contract: Contract, link: Link, account: Account, drawing: Drawing, within: tuple[str, ...]
) -> LinkedValues:
    source = contract.document.operations[link.source]
    own = handed_over(contract, source, account, drawing, within)
    case = one_case(contract, source, drawing, own).with_form_fields(link.source_form)
    if source.method == "PUT":
        named = {**own.path, **named_anew(contract.document, source, account.fresh_key())}
        own = LinkedValues(named, own.body, own.query)
        case = placed_at(source, case, named)
    exchange = send_fresh(account, case, longer=True, kept=tuple(own.body))
    handed = values_from(link, exchange, own.path) if exchange.accepted else None
    if handed is None:
        shown = exchange.failure or f"{exchange.status} {exchange.answer.body.text[:120]}"
        blocker = derived_id(contract.system, source.id, "accepts")
        wanted = ", ".join((*link.parameters, *link.body_values))
        raise BlockedError(blocker, f"{source.location} handed over no {wanted}: {shown}")
    return handed


def placed_at(operation: Operation, case: Case, path: Mapping[str, str]) -> Case:
    """A request at the path that these values make; as it was where they are not all of them."""
    if set(re.findall(r"\{([^{}]+)\}", operation.path)) - path.keys():
        return case
    return replace(case, path=path_of(operation, path) + case.path[len(case.path.partition("?")[0]) :])


def one_case(contract: Contract, operation: Operation, drawing: Drawing, handed: LinkedValues) -> Case:
    """
    A single valid request for an operation, with the values that others handed over.

    Raises:
        NotOfferedError: the document describes no such request that could be drawn.
    """
    cases = draw_valid(contract.document, operation, replace(drawing, count=1), handed.path)
    if not cases:
        raise NotOfferedError(f"no valid request for {operation.location} could be drawn from the document")
    return sensible(contract, operation, cases[0]).with_body_values(handed.body)


def sensible(contract: Contract, operation: Operation, case: Case) -> Case:
    """The same JSON request with the body that is most like one of a person: an example, or one in a sensible order."""
    if contract.conventions.embedded is not None:
        return case
    bodies = base_request_of(contract.document, operation).bodies
    body = next((found[0] for name, found in bodies.items() if is_json(name) and found), None)
    given = dict(case.headers)
    json_sent = any(name.lower() == "content-type" and is_json(value) for name, value in given.items())
    return replace(case, content=json.dumps(body).encode()) if json_sent and body is not None else case


def walked_cases(contract: Contract, operation: Operation, validity: Validity, handed: LinkedValues) -> list[Case]:
    """The requests of an operation's walk that are valid, invalid or odd, with values that the target handed over."""
    return [step.case(handed.path, handed.body) for step in walk(contract, operation).only(validity)]


def write_down(journal: Journal, contract: Contract, batch: BatchResult) -> BatchResult:
    """
    Keep in the journal which sides of constraints were tried by requests that were answered, and what was needless.

    What no document demands for certain has no verdict, but what the target makes of it is an observation.
    """
    tried = [name for item in batch.answered if not _is_not_looked_at(item) for name in item.case.tries]
    if tried:
        journal.note(WALKED, operation=batch.operation, tries=tried)
    if batch.needless:
        journal.note(NEEDLESS, operation=batch.operation, requests=batch.needless)
    odd = [item for item in batch.only("odd").answered if item.case.tries]
    prefix = f"{contract.system.upper()}-{batch.operation}"
    certain = contract.document.operations[batch.operation].certain
    accepted = [item for item in odd if item.exchange.accepted and _breaks(item)]
    refused = [
        item for item in odd if certain and not item.exchange.accepted and not _breaks(item) and not _is_made_up(item)
    ]
    _observe(journal, f"{prefix}-OBS-ACCEPTED", "accepted, although the document does not allow it", accepted)
    _observe(journal, f"{prefix}-OBS-REFUSED", "refused, although the document allows it", refused)
    return batch


def _is_not_looked_at(item: Sent) -> bool:
    """Whether a request was answered as one for a thing that is not there, so that nothing else of it was read."""
    return item.exchange.outcome is Outcome.NOT_FOUND and not all(name.startswith("path:") for name in item.case.tries)


def _breaks(item: Sent) -> bool:
    return item.case.tries[0].endswith(" broken")


def _is_made_up(item: Sent) -> bool:
    """Whether a request asks for something by a name that the target never gave."""
    return item.case.tries[0].startswith("path:")


def _observe(journal: Journal, name: str, what: str, items: Sequence[Sent]) -> None:
    if not items:
        return
    named = [f"{item.case.reason} ({item.exchange.summary})" for item in items[:_SHOWN]]
    more = f"; and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    ids = tuple(item.exchange.id for item in items[:_SHOWN])
    journal.observation(Observation(name, f"{what}: {'; '.join(named)}{more}", ids))


def like_valid(contract: Contract, operation: Operation, handed: LinkedValues) -> tuple[Case, ...]:
    """
    Requests that break the document by what is like a valid value, with values that the target handed over.

    None for systems of which the suite knows more than their document.
    """
    if contract.conventions.embedded is not None or not operation.refusable:
        return ()
    return near_misses(contract.document, operation, handed.path, handed.body)


def looked_at(contract: Contract, operation: Operation, account: Account, sent: Iterable[Sent]) -> Iterator[Sent]:
    """
    What was sent, once more under other names where a conflict with what is there hid all else that is wrong.

    With real money nothing is sent again: each could be accepted, and the quote counts on one at most.
    """
    again = contract.conventions.embedded is None and not account.frugal
    for item in sent:
        conflicts = again and item.exchange.outcome is Outcome.CONFLICT
        other = _renamed(contract, operation, item.case, account.fresh_key()) if conflicts else None
        yield from (item,) if other is None else fire(account, operation, [other]).sent


def _renamed(contract: Contract, operation: Operation, case: Case, token: str) -> Case | None:
    """A JSON request with other texts in those members that are as in a plain one; None where there are none."""
    bodies = base_request_of(contract.document, operation).bodies
    sent = json.loads(case.content) if _is_json_object(case) else {}
    for known in (body for name, found in bodies.items() if is_json(name) for body in found if isinstance(body, dict)):
        other = freshened(contract.document, replace(case, content=json.dumps(known).encode()), token, longer=True)
        fresh = {} if other is None else json.loads(other.content)
        changed = {n: fresh[n] for n, value in sent.items() if n in fresh and known.get(n) == value != fresh[n]}
        if changed:
            return replace(case, content=json.dumps({**sent, **changed}).encode())
    return None


def _is_json_object(case: Case) -> bool:
    """Whether the body of a request is a JSON object."""
    try:
        return isinstance(json.loads(case.content), dict)
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class KeylessAttempt:
    """A request with credentials that must not be accepted."""

    name: str
    exchange: Exchange


def check_keyless(attempts: Sequence[KeylessAttempt]) -> None:
    """
    Make sure that none of them was accepted.

    Raises:
        Mismatch: one was.
        NotOfferedError: the answers don't show whether the target looked at the key.
    """
    accepted = [attempt for attempt in attempts if attempt.exchange.accepted]
    if accepted:
        seen = (f"expected a refusal, got {each.exchange.summary} with credentials: {each.name}" for each in accepted)
        raise Mismatch("; ".join(seen), *(attempt.exchange.id for attempt in accepted[:_SHOWN_ATTEMPTS]))
    unpaid = [attempt for attempt in attempts if attempt.exchange.outcome is Outcome.UNPAID]
    if unpaid:
        sentence = f"the balance was looked at before the key: {unpaid[0].exchange.summary} ({unpaid[0].name})"
        raise NotOfferedError(sentence)
    if not any(attempt.exchange.response for attempt in attempts):
        raise NotOfferedError("no request without a usable key was answered at all")
    if all(attempt.exchange.outcome is Outcome.NOT_FOUND for attempt in attempts):
        sentence = f"every request was answered as one for what is not there: {attempts[0].exchange.summary}"
        raise NotOfferedError(sentence)
