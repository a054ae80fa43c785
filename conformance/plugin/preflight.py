"""The check before any test: does the target answer, does it answer JSON, does it accept the key."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from conformance.accounts.control_self_check import SELF_CHECKS, failed_self_checks
from conformance.client.errors import NotOfferedError, UndecidedError
from conformance.client.transports.connections import proxy_for
from conformance.contract.outcomes import Outcome
from conformance.journal.records import Mismatch, Observation
from conformance.plugin.session import open_process_session
from conformance.target.reach import Way, probe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.document import Document, Operation
    from conformance.journal.records import Exchange
    from conformance.plugin.settings import RunSettings
    from conformance.target.settings import TargetSettings

_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class FirstLook:
    """The settings completed by what the target offers, and why the run can't go on, if it can't."""

    settings: RunSettings
    problem: str | None = None


def look_first(settings: RunSettings, target: TargetSettings) -> FirstLook:
    """Reach the target, learn what it offers and make one harmless request."""
    proxy = _proxy(settings)
    if proxy is not None and not proxy.startswith("http://"):
        # The URL is not shown: it may hold a password.
        return FirstLook(settings, "The environment names a proxy that is no http:// URL; only such can be used.")
    reached = probe(settings.base_url, way=Way(settings.ca_file, proxy, settings.user_agent))
    if reached.problem is not None:
        return FirstLook(settings, reached.problem)
    try:
        process_session = open_process_session(settings, "first")
    except UndecidedError as error:
        return FirstLook(settings, _as_sentence(str(error)))
    try:
        pretended = _pretended(process_session.account_pool)
        # What is asked from here on is judged as well.
        process_session.account_pool.distrust(pretended)
        offers = (process_session.offer.offers if process_session.offer else frozenset()) - pretended.keys()
        play = not settings.capped and target.money_given(offers) == "play"
        settings = replace(settings, play=play, pretended=dict(pretended))
        return FirstLook(settings, _problem(process_session.account_pool, process_session.contract.document))
    except UndecidedError as error:
        return FirstLook(settings, _as_sentence(str(error)))
    finally:
        process_session.close()


def _proxy(settings: RunSettings) -> str | None:
    parts = urlsplit(settings.base_url)
    return proxy_for(settings.proxy, parts.scheme, parts.hostname or "")


def _pretended(account_pool: AccountPool) -> Mapping[str, str]:
    """The parts of the control interface that fail their self-check, each with a sentence why."""
    if not any(map(account_pool.offers, SELF_CHECKS)):
        return {}
    # Without a key nothing can be checked, nor will any scenario need it. The shared account is left with plenty once
    # it was asked for with a balance.
    with suppress(NotOfferedError), account_pool.account("control", balance=Decimal(0)) as account:
        pretended = failed_self_checks(account)
        for part, sentence in pretended.items():
            text = f"the control interface offers {part}, but {sentence}: it counts as not offered"
            name = f"{account_pool.client.contract.system.upper()}-OBS-CONTROL"
            account_pool.client.journal.observation(Observation(name, text))
        return pretended
    return {}


def _problem(account_pool: AccountPool, document: Document) -> str | None:
    operation = _harmless(document)
    if operation is None:
        return None
    with account_pool.account("first-look") as account:
        exchange = account.call(operation.id, patient=False)
    return _complaint(exchange, operation)


def _harmless(document: Document) -> Operation | None:
    """An operation that changes nothing, answers JSON, and needs no value that only the target knows."""
    return next((o for o in document.operations.values() if _is_harmless(o)), None)


def _is_harmless(operation: Operation) -> bool:
    successes = [answer for answer in operation.answers if answer.key[:1] == "2"]
    speaks_json = bool(successes) and all(set(answer.content) == {_JSON} for answer in successes)
    needs = any(parameter.required for parameter in operation.parameters)
    return operation.method == "GET" and "{" not in operation.path and speaks_json and not needs


def _complaint(exchange: Exchange, operation: Operation) -> str | None:
    where = f"{operation.location} at {exchange.request.url}"
    if exchange.response is None:
        return f"The target does not answer {where}: {exchange.failure}."
    if exchange.outcome in (Outcome.UNAUTHENTICATED, Outcome.FORBIDDEN):
        return f"The target refuses the key at once: {where} is answered with {exchange.status}."
    if exchange.outcome is Outcome.THROTTLED:
        return None  # says nothing about the target but that it is asked too often
    try:
        _ = exchange.json
    except Mismatch:
        kind = exchange.header("Content-Type") or "no media type"
        return (
            f"The target does not speak JSON: {where} is answered with {exchange.status} and {kind}. "
            "Is the base URL right?"
        )
    return None


def _as_sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
