"""What the document alone demands, operation by operation, with requests drawn from it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from conformance.accounts.deletions import NOT_OWN
from conformance.client.errors import NotApplicableError, NotOfferedError, RequestLimitError, UndecidedError
from conformance.contract.outcomes import Outcome, matches_status
from conformance.generation.cases import draw_unusual, draw_valid
from conformance.generation.credentials import KEYLESS_EVERYWHERE, near_keys
from conformance.generation.odd_values import odd_values
from conformance.generation.resources import LinkedValues
from conformance.journal.records import Mismatch
from conformance.suite.any_api.creating import PAUSES_SECONDS
from conformance.suite.batch import BatchResult, fire, fire_watched
from conformance.suite.generated import (
    HandedValues,
    KeylessAttempt,
    account_for,
    check_keyless,
    handed_over,
    like_valid,
    looked_at,
    one_case,
    walked_cases,
    write_down,
)
from conformance.suite.novelty import novelty_for
from conformance.suite.quote import budget_of, count_of, few, is_provisional, spared, unusable_keys
from conformance.suite.refusals import is_lacking, leaves_room, weigh
from conformance.suite.scenarios import (
    SHARED_FACTORIES,
    derived,
    scenario_for_each_operation,
    scenario_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conformance.accounts.account import Account
    from conformance.accounts.account_pool import AccountPool
    from conformance.client.request import PreparedRequest
    from conformance.contract.contract import Contract
    from conformance.contract.conventions import Authentication
    from conformance.contract.document import Operation
    from conformance.generation.cases import Case, Drawing
    from conformance.generation.credentials import BadCredentials
    from conformance.money.budget import Budget
    from conformance.suite.batch import Sent
    from conformance.suite.novelty import Novelty
    from conformance.suite.quote import Kind
    from conformance.suite.refusals import Weighed
    from conformance.suite.scenarios import ScenarioRunner

SHOWN = 3


SHARED_FACTORIES["handed_values"] = HandedValues


@pytest.fixture(scope="session")
def operation(request: pytest.FixtureRequest, contract: Contract, scenario_runner: ScenarioRunner) -> Operation:
    """The operation under test, handed in by its id; scenarios that wait for tasks go on meanwhile."""
    return contract.document.operations[request.param]


def declared(kind: Kind) -> Callable[[Contract, Operation, Drawing], Budget]:
    """What requests of a kind may spend for an operation."""

    def of_operation(contract: Contract, operation: Operation, drawing: Drawing) -> Budget:
        keyless = kind == "keyless"
        drawn = len(unusable_keys(contract, operation)) if keyless else spared(contract, operation, drawing).count
        return budget_of(contract, operation, kind, count_of(contract, operation, kind, drawn))

    return of_operation


@dataclass(frozen=True, slots=True)
class Valid:
    """Requests that every reading of the documents accepts, and those refused ones of them that nothing excuses."""

    batch: BatchResult
    weighed: Weighed | None


@scenario_for_each_operation(declared("valid"))
def valid_requests(
    operation: Operation,
    contract: Contract,
    account_pool: AccountPool,
    handed_values: HandedValues,
    *,
    drawing: Drawing,
    budget: Budget,
) -> Valid:
    """Requests that every reading of the documents accepts."""
    fewer = spared(contract, operation, drawing)
    with account_for(account_pool, "valid", operation) as account:
        handed = handed_values.of(contract, operation, account, fewer)
        cases = few(budget, valid_cases(contract, operation, fewer, handed), frugal=account.frugal)
        novelty = novelty_for(drawing, [case for case in cases if not case.tries])
        if operation.method == "DELETE":
            batch = fire_deletions(contract, operation, account, drawing=fewer, cases=cases, novelty=novelty)
        else:
            batch = fire(account, operation, cases, novelty)
        weighed = weigh(account, operation, batch) if leaves_room(contract, operation) else None
        return Valid(write_down(account_pool.client.journal, contract, batch), weighed)


@dataclass(frozen=True, slots=True)
class Unusual:
    """Requests of unusual form: those that break the document, as they were sent, and those that are merely odd."""

    invalid: BatchResult
    odd: tuple[Case, ...]


@scenario_for_each_operation(declared("invalid"))
def unusual_requests(
    operation: Operation,
    contract: Contract,
    account_pool: AccountPool,
    handed_values: HandedValues,
    *,
    drawing: Drawing,
) -> Unusual:
    """Requests of unusual form are drawn; those that break the document are sent and watched for what they cost."""
    fewer = spared(contract, operation, drawing)
    with account_for(account_pool, "unusual", operation) as account:
        asked = operation.refusable
        handed = existing(handed_values, contract, operation, account, fewer) if asked else LinkedValues({}, {})
        drawn = draw_unusual(contract.document, operation, fewer, handed.path)
        invalid = walked_cases(contract, operation, "invalid", handed)
        invalid += like_valid(contract, operation, handed)
        invalid += [case for case in drawn if case.validity == "invalid"]
        unasked = is_provisional(contract, operation, "invalid") and not account_pool.provisional
        watched = fire_watched(account, operation, [] if unasked else invalid, novelty_for(drawing, drawn))
        watched = replace(watched, sent=tuple(looked_at(contract, operation, account, watched.sent)))
    odd = tuple(case for case in drawn if case.validity != "invalid")
    return Unusual(write_down(account_pool.client.journal, contract, watched), odd)


def odd_requests(
    operation: Operation,
    contract: Contract,
    account_pool: AccountPool,
    handed_values: HandedValues,
    *,
    drawing: Drawing,
    drawn: Sequence[Case],
    budget: Budget,
) -> BatchResult:
    """Send drawn requests that are merely odd, and those of the constraint walk."""
    with account_for(account_pool, "odd", operation) as account:
        handed = existing(handed_values, contract, operation, account, spared(contract, operation, drawing))
        odd = [*walked_cases(contract, operation, "odd", handed), *drawn]
        batch = fire(account, operation, few(budget, odd, frugal=account.frugal), novelty_for(drawing, drawn))
        if contract.conventions.embedded is None and not account.frugal:
            batch = replace(batch, sent=(*batch.sent, *fire_odd_values(contract, operation, account, handed)))
        return write_down(account_pool.client.journal, contract, batch)


def fire_odd_values(contract: Contract, operation: Operation, account: Account, handed: LinkedValues) -> Iterator[Sent]:
    """Send odd values together, and one by one where they are refused so: what is refused first hides the others."""
    for odd in odd_values(contract.document, operation, handed.path, handed.body):
        together = fire(account, operation, [odd.together]).sent
        yield from together
        if len(odd.alone) > 1 and any(item.exchange.outcome.refusal for item in together):
            yield from fire(account, operation, odd.alone).sent


@pytest.fixture(scope="session", name="odd_requests")
def odd_requests_or_none(
    operation: Operation,
    contract: Contract,
    drawing: Drawing,
    unusual_requests: Unusual,
    scenario_runner: ScenarioRunner,
) -> BatchResult:
    """Requests that may as well be accepted; none where that may cost more than this run can spend."""
    drawn = unusual_requests.odd
    budget = budget_of(contract, operation, "odd", count_of(contract, operation, "odd", len(drawn)))
    sending = scenario_of(operation, odd_requests, budget, contract=contract, drawing=drawing, drawn=drawn)
    try:
        batch: BatchResult = scenario_runner.carried_out(sending)
    except RequestLimitError:
        raise
    except UndecidedError:
        batch = BatchResult(operation.id, ())
    return batch


@scenario_for_each_operation(declared("keyless"))
def uncredentialed(
    operation: Operation,
    contract: Contract,
    account_pool: AccountPool,
    handed_values: HandedValues,
    *,
    drawing: Drawing,
) -> tuple[KeylessAttempt, ...]:
    """A valid request in every way that presents no usable key."""
    authentication = contract.conventions.authentication
    if contract.keyless:
        raise NotApplicableError("the run sends no credentials to any operation (--no-auth)")
    if authentication is None:
        sentence = "the conventions of this system describe no authentication"
        raise NotOfferedError(sentence)
    with account_for(account_pool, "keyless", operation) as account:
        handed = handed_values.of(contract, operation, account, drawing)
        case = one_case(contract, operation, drawing, handed)
        prepared = replace(case.prepared(account.client.base_url), generated=None)

        def attempts() -> tuple[KeylessAttempt, ...]:
            return tuple(
                KeylessAttempt(bad.name, account.send(with_credentials(prepared, authentication, bad), key=None))
                for bad in unusable_keys(contract, operation)
            )

        made = attempts()
        unread = operation.reads_only and any(each.exchange.outcome is Outcome.CONFLICT for each in made)
        # What can't be read yet shows nothing of the key.
        made = attempts() if unread and is_readable_soon(account, prepared) else made
        everywhere = len(unusable_keys(contract, operation)) == len(KEYLESS_EVERYWHERE)
        near = not everywhere and contract.conventions.embedded is None and not account.frugal
        return (*made, *nearly_good(account, prepared)) if near else made


def nearly_good(account: Account, prepared: PreparedRequest) -> Iterator[KeylessAttempt]:
    """A request with keys that are nearly that of the account, where it has a plain one."""
    for words, alter in near_keys().items():
        with suppress(NotOfferedError):
            altered = account.with_altered_key(alter, words)
            yield KeylessAttempt(f"its key {words}", altered.send(prepared))


def is_readable_soon(account: Account, prepared: PreparedRequest) -> bool:
    """Whether a read is accepted with a key, at once or after a few seconds."""
    for pause in PAUSES_SECONDS:
        if account.send(prepared).accepted:
            return True
        account.pause(pause)
    return False


@derived("accepts")
def test_valid_requests_are_accepted(valid_requests: Valid, operation: Operation, contract: Contract) -> None:
    """Every request that the documents allow gets a success, but for what the account lacks."""
    batch, weighed = valid_requests.batch, valid_requests.weighed
    excused = [
        item
        for item in batch.answered
        if is_documented_conflict(item, operation) or is_lacking(item.exchange, contract.conventions)
    ]
    answered = [item for item in batch.answered if item not in excused]
    refused = [item for item in answered if not item.exchange.accepted]

    judged(batch)
    if not answered:
        why = "every request was in conflict with what is there, or named what the account lacks"
        raise NotOfferedError(f"{why}: {excused[0].exchange.summary}")
    blamed = refused if weighed is None else [item for item in refused if item in weighed.blamed]
    blame(blamed, "expected a success for a valid request")
    if refused and weighed is not None and not weighed.accepted:
        why = f"all of {len(refused)} valid requests were refused by an answer that the document has for that"
        raise NotOfferedError(f"{why}, so that its prose may know of more rules: {refused[0].exchange.summary}")


def is_documented_conflict(item: Sent, operation: Operation) -> bool:
    """Whether a request was refused for the state of what is there, by an answer that the document has for that."""
    conflicts = item.exchange.outcome is Outcome.CONFLICT
    return conflicts and any(matches_status(answer.key, item.exchange.status) for answer in operation.answers)


@derived("refuses")
def test_invalid_requests_are_refused(unusual_requests: Unusual) -> None:
    """Every request that breaks the document gets a 4xx."""
    invalid = unusual_requests.invalid
    accepted = [item for item in invalid.answered if item.exchange.accepted]

    judged(invalid)
    # What is wrong with a header says less of an operation than what is wrong with what it is asked for.
    accepted.sort(key=lambda item: any(name.startswith("header:") for name in item.case.tries))
    blame(accepted, "expected a refusal")
    if all(item.exchange.outcome is Outcome.NOT_FOUND for item in invalid.answered):
        raise NotOfferedError(f"every request was answered as one for what is not there: {_first(invalid)}")


def _first(batch: BatchResult) -> str:
    exchange = batch.answered[0].exchange
    return f"{exchange.request.method} {exchange.request.url} → {exchange.summary}"


@derived("credentials")
def test_requests_without_a_usable_key_are_refused(uncredentialed: tuple[KeylessAttempt, ...]) -> None:
    """No way of presenting no usable key gets a success."""
    check_keyless(uncredentialed)


@derived("conforms")
def test_unusual_requests_are_answered(unusual_requests: Unusual, odd_requests: BatchResult) -> None:
    """Whatever is sent, something comes back; the form of it is judged over all answers of the run."""
    sent = (*unusual_requests.invalid.sent, *odd_requests.sent)
    silent = [item for item in sent if item.exchange.response is None]

    if silent and len(silent) == len(sent):
        sentence = f"none of {len(silent)} requests was answered: {silent[0].exchange.failure}"
        raise NotOfferedError(sentence)


def valid_cases(contract: Contract, operation: Operation, drawing: Drawing, handed: LinkedValues) -> list[Case]:
    """Valid requests of the constraint walk and drawn ones, with values that the target handed over."""
    walked = walked_cases(contract, operation, "valid", handed)
    drawn = draw_valid(contract.document, operation, drawing, handed.path)
    placed = [case.with_body_values(handed.body) for case in drawn]
    return [*walked, *(case for case in placed if not any(map(case.is_part_of, walked)))]


def fire_deletions(
    contract: Contract,
    operation: Operation,
    account: Account,
    *,
    drawing: Drawing,
    cases: Sequence[Case],
    novelty: Novelty,
) -> BatchResult:
    """Send every case once as long as answers are new, each for a thing of its own: what was deleted is gone."""
    sent: list[Sent] = []
    for number, case in enumerate(cases):
        if novelty.may_leave_out(case):
            continue
        if number:
            handed = handed_over(contract, operation, account, drawing)
            own = valid_cases(contract, operation, drawing, handed)[number : number + 1]
        else:
            own = [case]
        for item in fire(account, operation, own).sent:
            sent.append(item)
            novelty.see(case, item.exchange)
    return BatchResult(operation.id, tuple(sent), needless=novelty.left_out)


def existing(
    handed_values: HandedValues, contract: Contract, operation: Operation, account: Account, drawing: Drawing
) -> LinkedValues:
    """Values of something that is there, so that the target checks the rest of a request; none where there are none."""
    try:
        return handed_values.of(contract, operation, account, drawing)
    except UndecidedError:
        return LinkedValues({}, {})


def with_credentials(prepared: PreparedRequest, authentication: Authentication, bad: BadCredentials) -> PreparedRequest:
    """The request with bad credentials where credentials travel, or without any."""
    if bad.value is None:
        return prepared
    if authentication.query:
        joint = "&" if "?" in prepared.url else "?"
        return replace(prepared, url=f"{prepared.url}{joint}{urlencode({authentication.query: bad.value})}")
    presented = prepared.with_header(authentication.header, bad.value)
    return replace(presented, transport="raw" if bad.raw else prepared.transport)


def judged(batch: BatchResult) -> None:
    """Leave the verdict open when no answer decides anything."""
    if not batch.answered:
        if not batch.sent:
            drawn = "no request of this kind could be drawn from the document"
            sentence = f"not sent: {NOT_OWN}" if batch.left_out else drawn
        else:
            first = batch.sent[0].exchange
            sentence = f"no request was answered for what it was: {first.summary}"
        raise NotOfferedError(sentence)


def blame(items: Sequence[Sent], expectation: str) -> None:
    """Fail with the first of several requests that were not treated as expected."""
    if items:
        first = items[0]
        why = f" ({first.case.reason})" if first.case.reason else ""
        more = f", and {len(items) - 1} more" if len(items) > 1 else ""
        sentence = (
            f"{expectation}{why}, got {first.exchange.summary} for {first.exchange.request.method} "
            f"{first.exchange.request.url}{more}"
        )
        _ = first.exchange.status  # what is read last is what reports show first
        raise Mismatch(sentence, *(item.exchange.id for item in items[:SHOWN]))
