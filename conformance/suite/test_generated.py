"""What the document alone demands, operation by operation, with requests drawn from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from conformance.client.errors import BlockedError, NotOfferedError, UndecidedError
from conformance.contract.registry import derived_id
from conformance.generation.cases import Drawing, draw_unusual, draw_valid
from conformance.generation.credentials import bad_credentials
from conformance.generation.links import Handed, link_to, values_from
from conformance.journal.records import Mismatch
from conformance.suite.costs import fire, fire_watched
from conformance.suite.marks import derived
from conformance.suite.traffic import Volley

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.client.account import Account
    from conformance.client.building import Prepared
    from conformance.client.stage import Stage
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.credentials import BadCredentials
    from conformance.journal.records import Exchange
    from conformance.suite.scenarios import Conductor
    from conformance.suite.traffic import Sent

# Enough for every drawn request of an operation, so that none is refused for lack of money.
PLENTY = Decimal(1_000_000)
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request with credentials that must not be accepted."""

    name: str
    exchange: Exchange


@pytest.fixture(scope="session")
def operation(request: pytest.FixtureRequest, contract: Contract, conductor: Conductor) -> Operation:
    """The operation under test, handed in by its id; scenarios that wait for tasks go on meanwhile."""
    return contract.document.operations[request.param]


@pytest.fixture(scope="session")
def valid_requests(operation: Operation, contract: Contract, stage: Stage, drawing: Drawing) -> Volley:
    """Requests that every reading of the documents accepts."""
    with stage.account(f"valid-{operation.id}", balance=PLENTY) as account:
        handed = handed_over(contract, operation, account, drawing)
        cases = draw_valid(contract.document, operation, drawing, handed.path)
        return fire(account, operation, [case.with_body_values(handed.body) for case in cases])


@pytest.fixture(scope="session")
def unusual_requests(operation: Operation, contract: Contract, stage: Stage, drawing: Drawing) -> Volley:
    """Requests of unusual form; those that break the document are watched for what they cost."""
    with stage.account(f"unusual-{operation.id}", balance=PLENTY) as account:
        cases = draw_unusual(contract.document, operation, drawing, existing(contract, operation, account, drawing))
        invalid = [case for case in cases if case.validity == "invalid"]
        odd = [case for case in cases if case.validity != "invalid"]
        watched = fire_watched(account, operation, invalid)
        return Volley(operation.id, watched.sent + fire(account, operation, odd).sent)


@pytest.fixture(scope="session")
def uncredentialed(operation: Operation, contract: Contract, stage: Stage, drawing: Drawing) -> tuple[Attempt, ...]:
    """A valid request in every way that presents no usable key."""
    authentication = contract.conventions.authentication
    if authentication is None:
        sentence = "the conventions of this system describe no authentication"
        raise NotOfferedError(sentence)
    with stage.account(f"keyless-{operation.id}", balance=PLENTY) as account:
        handed = handed_over(contract, operation, account, drawing)
        drawn = draw_valid(contract.document, operation, one_of(drawing), handed.path)
        case = drawn[0].with_body_values(handed.body)
        prepared = replace(case.prepared(account.client.base_url), generated=None)
        return tuple(
            Attempt(bad.name, account.send(with_credentials(prepared, authentication.header, bad), key=None))
            for bad in bad_credentials(authentication)
        )


@derived("accepts")
def test_valid_requests_are_accepted(valid_requests: Volley) -> None:
    """Every request that the documents allow gets a success."""
    refused = [item for item in valid_requests.answered if not item.exchange.ok]

    judged(valid_requests)
    blame(refused, "expected a success for a valid request")


@derived("refuses")
def test_invalid_requests_are_refused(unusual_requests: Volley) -> None:
    """Every request that breaks the document gets a 4xx."""
    invalid = unusual_requests.only("invalid")
    accepted = [item for item in invalid.answered if item.exchange.ok]

    judged(invalid)
    blame(accepted, "expected a refusal (4xx)")


@derived("credentials")
def test_requests_without_a_usable_key_are_refused(uncredentialed: tuple[Attempt, ...]) -> None:
    """No way of presenting no usable key gets a success."""
    accepted = [attempt for attempt in uncredentialed if attempt.exchange.ok]

    if accepted:
        names = ", ".join(attempt.name for attempt in accepted)
        sentence = f"expected a refusal, got {accepted[0].exchange.status} with credentials: {names}"
        raise Mismatch(sentence, *(attempt.exchange.id for attempt in accepted[:SHOWN]))
    if not any(attempt.exchange.response for attempt in uncredentialed):
        sentence = "no request without a usable key was answered at all"
        raise NotOfferedError(sentence)


@derived("conforms")
def test_unusual_requests_are_answered(unusual_requests: Volley) -> None:
    """Whatever is sent, something comes back; the form of it is judged over all answers of the run."""
    silent = [item for item in unusual_requests.sent if item.exchange.response is None]

    if silent and len(silent) == len(unusual_requests.sent):
        sentence = f"none of {len(silent)} requests was answered: {silent[0].exchange.failure}"
        raise NotOfferedError(sentence)


def handed_over(contract: Contract, operation: Operation, account: Account, drawing: Drawing) -> Handed:
    """What other operations must hand over before a request can be valid: ids of a task, of an upload."""
    link = link_to(contract.document, operation)
    if link is None:
        return Handed({}, {})
    source = contract.document.operations[link.source]
    case = draw_valid(contract.document, source, one_of(drawing))[0]
    exchange = account.send(case.prepared(account.client.base_url))
    handed = values_from(link, exchange) if exchange.ok else None
    if handed is None:
        shown = exchange.failure or f"{exchange.status} {exchange.answer.body.text[:120]}"
        blocker = derived_id(contract.system, source.id, "accepts")
        raise BlockedError(blocker, f"{source.location} handed over no {', '.join(link.parameters)}: {shown}")
    return handed


def existing(contract: Contract, operation: Operation, account: Account, drawing: Drawing) -> Mapping[str, str]:
    """Path values of something that is there, so that a body is looked at; none where nobody hands any over."""
    if not operation.body or "{" not in operation.path:
        return {}
    try:
        return handed_over(contract, operation, account, drawing).path
    except UndecidedError:
        return {}


def one_of(drawing: Drawing) -> Drawing:
    """A drawing of the same seed for a single request."""
    return replace(drawing, count=1)


def with_credentials(prepared: Prepared, header: str, bad: BadCredentials) -> Prepared:
    """The request with bad credentials in the header for credentials, or without that header."""
    if bad.value is None:
        return prepared
    return replace(prepared.with_header(header, bad.value), transport="raw" if bad.raw else prepared.transport)


def judged(volley: Volley) -> None:
    """Leave the verdict open when not one request told anything."""
    if not volley.answered:
        if not volley.sent:
            sentence = "no request of this kind could be drawn from the document"
        else:
            first = volley.sent[0].exchange
            sentence = f"no request was answered for what it was: {first.failure or first.status}"
        raise NotOfferedError(sentence)


def blame(items: Sequence[Sent], expectation: str) -> None:
    """Fail with the first of several requests that were not treated as expected."""
    if items:
        first = items[0]
        why = f" ({first.case.reason})" if first.case.reason else ""
        more = f", and {len(items) - 1} more" if len(items) > 1 else ""
        sentence = (
            f"{expectation}{why}, got {first.exchange.status} for {first.exchange.request.method} "
            f"{first.exchange.request.url}{more}"
        )
        raise Mismatch(sentence, *(item.exchange.id for item in items[:SHOWN]))
