"""
What answers at the target before any test: documented operations below the base URL, elsewhere, or nowhere.

Safe requests are sent first, and most targets answer the first of them. Requests without a body to operations that
change something follow on play money only.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from conformance.client.errors import ReservationError, UndecidedError
from conformance.client.request import PreparedRequest
from conformance.contract.outcomes import Outcome, is_said_in_front, is_said_of_nothing
from conformance.journal.records import Mismatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.accounts.account import Account
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.journal.records import Exchange

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
        for operation in self._askable():
            try:
                exchange = self._account.call(operation.id, patient=False)
            except ReservationError:  # what the control interface offers shows only now that money is play
                continue
            if exchange.outcome is Outcome.THROTTLED:
                return None  # says nothing about the target but that it is asked too often
            complaint = self._complaint(exchange, operation)
            if complaint is None:
                return None
            if exchange.response is None or not is_said_of_nothing(exchange.status):
                return complaint
            asked.append((operation, exchange))
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
