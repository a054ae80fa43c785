"""
The check before any test: does the target answer, what does it offer, which documented operations are there, and where.

Safe requests are sent first, and most targets answer the first of them. Requests without a body to operations that
change something follow on play money only.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from conformance.accounts.control_self_check import SELF_CHECKS, failed_self_checks
from conformance.client.errors import NotOfferedError, ReservationError, UndecidedError
from conformance.client.request import PreparedRequest
from conformance.client.transports.connections import proxy_for
from conformance.contract.outcomes import Outcome, is_said_in_front, is_said_of_nothing
from conformance.journal.records import Mismatch, Observation
from conformance.plugin.session import open_process_session
from conformance.target.reach import ReachSettings, probe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.accounts.account import Account
    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.journal.records import Exchange
    from conformance.plugin.settings import RunSettings
    from conformance.target.settings import TargetSettings


_JSON: Final = "application/json"
_MOST_ASKED: Final = 4
_DOOR: Final = (Outcome.UNAUTHENTICATED, Outcome.FORBIDDEN)
_USUAL_PATHS: Final = ("", "/v1", "/api", "/api/v1", "/v2", "/api/v2")


class Survey:
    """The first requests of a run; `creates`: requests that may create something cost nothing."""

    def __init__(self, account: Account, contract: Contract, *, creates: bool, app: bool) -> None:
        self._account = account
        self._contract = contract
        self._base = account.client.base_url
        self._creates = creates
        self._app = app

    def problem(self) -> str | None:
        """Why nothing can be judged, in a sentence; None where a documented operation answers, or none can be asked."""
        asked: list[tuple[Operation, Exchange]] = []
        foreign: list[str] = []
        for operation in self._askable():
            if foreign and not operation.reads_only:
                break
            try:
                exchange = self._account.call(operation.id, patient=False)
            except ReservationError:  # what the control interface offers shows only now that money is play
                continue
            if exchange.outcome is Outcome.THROTTLED:
                return None  # says nothing about the target but that it is asked too often
            complaint = self._complaint(exchange, operation)
            if complaint is None:
                return None
            if exchange.response is None or exchange.outcome in _DOOR:
                return complaint
            if is_said_of_nothing(exchange.status):
                asked.append((operation, exchange))
            else:
                # One operation may redirect, or show a page, where others are as the document says.
                foreign.append(complaint)
        if foreign:
            return foreign[0]
        return self._nowhere(asked) if asked else None

    def _askable(self) -> Iterator[Operation]:
        """Operations that need no value which only the target knows; those that change something come last."""
        operations = self._contract.document.operations.values()
        simple = [one for one in operations if "{" not in one.path and not any(p.required for p in one.parameters)]
        yield from [one for one in simple if one.method == "GET" and _speaks_json(one)][:_MOST_ASKED]
        if self._creates:
            yield from [one for one in simple if one.method == "POST" and one.body_required][:_MOST_ASKED]

    def _complaint(self, exchange: Exchange, operation: Operation) -> str | None:
        where = f"{operation.location} at {exchange.request.url}"
        if exchange.response is None:
            return f"The target does not answer {where}: {exchange.failure}."
        if exchange.outcome in _DOOR:
            return f"{self._at_the_door}: {where} is answered with {exchange.status}."
        if is_said_of_nothing(exchange.status):
            return f"The target has no {where}."
        if _needs_no_json(exchange) or _is_read_as_json(exchange):
            return None
        kind = exchange.header("Content-Type") or "no media type"
        said = f"The target does not speak JSON: {where} is answered with {exchange.status} and {kind}."
        return f"{said} Is the base URL right?"

    @property
    def _at_the_door(self) -> str:
        if self._contract.keyless:
            return "The target asks for a key, and none is sent (--no-auth)"
        if self._contract.conventions.authentication is None:
            name = self._contract.document.name
            return (
                f"The target asks for a key, and {name} describes none (-H 'Authorization: Bearer $VARIABLE' sends one)"
            )
        return "The target refuses the key at once"

    def _nowhere(self, asked: list[tuple[Operation, Exchange]]) -> str:
        """That no operation is there, and where one is, if it is found."""
        statuses = " or ".join(sorted({str(exchange.status) for _, exchange in asked}))
        named = ", ".join(operation.location for operation, _ in asked)
        said = f"No documented operation answers below {self._base}: {named} {'is' if len(asked) == 1 else 'are'} "
        said += f"answered with {statuses}"
        for path in self._other_paths():
            if any(self._answers(operation, path) for operation, _ in asked[:2]):
                return f"{said}; below {path or '/'} they are there: {self._remedy(path)}."
        return f"{said}. Is the base URL right?"

    def _remedy(self, path: str) -> str:
        if self._app:
            return f'state base_url = "http://localhost{path}" under [target] in target.toml'
        return f"give {_origin(self._base)}{path} as the URL"

    def _other_paths(self) -> Iterator[str]:
        """Where the operations may be instead, without the path of the base URL itself."""
        own = urlsplit(self._base).path.rstrip("/")
        conventions = self._contract.conventions
        stated = [urlsplit(str(one.get("url", ""))).path for one in self._contract.document.content.get("servers", ())]
        embedded = [conventions.embedded.base_path] if conventions.embedded else []
        found = (*stated, *embedded, *_USUAL_PATHS, *(f"{own}{path}" for path in ("/v1", "/api")))
        yield from dict.fromkeys(path.rstrip("/") for path in found if path.rstrip("/") != own and "{" not in path)

    def _answers(self, operation: Operation, path: str) -> bool:
        """Whether an operation is there below another path, by the difference to what is certainly not there."""
        try:
            there = self._asked(operation.method, f"{path}{operation.path}")
            if there.response is None or is_said_of_nothing(there.status):
                return False
            absent = self._asked(operation.method, f"{path}/conformance-{secrets.token_hex(8)}")
        except UndecidedError:
            return False
        return absent.response is not None and is_said_of_nothing(absent.status)

    def _asked(self, method: str, path: str) -> Exchange:
        return self._account.send(PreparedRequest(method, _origin(self._base) + path), patient=False)


def _speaks_json(operation: Operation) -> bool:
    successes = [answer for answer in operation.answers if answer.key[:1] == "2"]
    return bool(successes) and all(set(answer.content) == {_JSON} for answer in successes)


def _needs_no_json(exchange: Exchange) -> bool:
    """Whether an answer shows the operation without JSON: a refusal without a body, or a handler that raised."""
    if exchange.outcome is Outcome.REFUSED:
        return exchange.response is not None and not exchange.response.body.size
    return exchange.outcome is Outcome.FAILED and not is_said_in_front(exchange.status)


def _is_read_as_json(exchange: Exchange) -> bool:
    try:
        _ = exchange.json
    except Mismatch:
        return False
    return True


def _origin(base_url: str) -> str:
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class FirstLook:
    """The settings completed by what the target offers, and why the run can't go on, if it can't."""

    settings: RunSettings
    problem: str | None = None


def look_first(settings: RunSettings, target: TargetSettings) -> FirstLook:
    """Reach the target, learn what it offers and look for documented operations."""
    proxy = _proxy(settings)
    if proxy is not None and not proxy.startswith("http://"):
        # The URL is not shown: it may hold a password.
        return FirstLook(settings, "The environment names a proxy that is no http:// URL; only such can be used.")
    reached = probe(settings.base_url, way=ReachSettings(settings.ca_file, proxy, settings.user_agent))
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
        app = target.app is not None
        return FirstLook(settings, _problem(process_session.account_pool, play=play, app=app))
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


def _problem(account_pool: AccountPool, *, play: bool, app: bool) -> str | None:
    contract = account_pool.client.contract
    with account_pool.account("first-look") as account:
        return Survey(account, contract, creates=play, app=app).problem()


def _as_sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
