"""The control interface of a target (specs/control/openapi.yaml), and the variables that held the keys of a run."""

from __future__ import annotations

import json as json_module
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from conformance.client.client import Sender
from conformance.client.errors import ControlError
from conformance.client.request import PreparedRequest
from conformance.contract.pricing import readable_amount
from conformance.journal.records import BalanceReading, Mismatch
from conformance.journal.redaction import Secret, UnusableSecretError
from conformance.target.headers import split_pairs, variables_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from decimal import Decimal

    from conformance.client.client import Client
    from conformance.client.transports.base import Incoming
    from conformance.journal.reader import Recording
    from conformance.journal.records import Exchange


Scope = Literal["tenant", "target"]
BALANCE: Final = "/balance_credits"
"""Where an answer of the interface shows the balance."""
KEY_PLACEHOLDERS = {
    "main": "$CONFORMANCE_API_KEY",
    "second": "$CONFORMANCE_SECOND_KEY",
    "forbidden": "$CONFORMANCE_FORBIDDEN_KEY",
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A fresh account: its keys by role (main, second, forbidden), and its balance if the target told it."""

    keys: Mapping[str, Secret]
    balance: Decimal | None


@dataclass(frozen=True, slots=True)
class Offer:
    """
    What a control interface states: the parts that it offers, and whose state a call changes.

    `pretended` are the parts that were found not to work, each with a sentence why; they do not count as offered.
    """

    offers: frozenset[str]
    scope: Scope
    reference_audio_url: str | None = None
    sensitive_text: str | None = None
    pretended: Mapping[str, str] = field(default_factory=dict)

    def without(self, pretended: Mapping[str, str]) -> Offer:
        """The offer without the parts that do not work."""
        return replace(self, offers=self.offers - pretended.keys(), pretended=pretended)


def discover(client: Client, url: str) -> Offer:
    """
    Ask the control interface what it offers.

    Raises:
        ControlError: nothing answers there, or the answer is not that of a control interface.
    """
    exchange = _send(client, Sender(None, None), PreparedRequest("GET", url.rstrip("/"), origin="control"))
    offers = exchange.get("/offers")
    if not isinstance(offers, list):
        sentence = f"{url} does not answer like a control interface: it must list what it offers under /offers"
        raise ControlError(sentence)
    audio, sensitive = exchange.get("/reference_audio_url"), exchange.get("/sensitive_text")
    return Offer(
        offers=frozenset(str(name) for name in offers),
        scope="tenant" if exchange.get("/scope") == "tenant" else "target",
        reference_audio_url=audio if isinstance(audio, str) else None,
        sensitive_text=sensitive if isinstance(sensitive, str) else None,
    )


def sets_balance(exchange: Exchange) -> bool:
    """Whether an exchange set a balance, so that readings before and after it can't be compared."""
    if exchange.origin != "control":
        return False
    path = exchange.request.url.partition("?")[0]
    return (exchange.request.method, path.rpartition("/")[2]) in {("PUT", "wallet"), ("POST", "reset")}


def is_source_of(exchange: Exchange, reading: BalanceReading) -> bool:
    """Whether an exchange is the one whose answer showed a balance."""
    return exchange.origin == "control" and (exchange.account or "", exchange.at) == (reading.account, reading.at)


def advanced_seconds(recording: Recording, account: str | None, since: datetime, until: datetime) -> float:
    """The seconds by which the clock of an account was put ahead between two moments."""
    return sum(
        _advance(exchange)
        for exchange in recording.exchanges
        if exchange.origin == "control" and exchange.account == account and since <= exchange.at <= until
    )


def _advance(exchange: Exchange) -> float:
    if not exchange.accepted or not exchange.request.url.endswith("/clock"):
        return 0.0
    sent = exchange.request.body.json
    seconds = sent.get("advance_seconds") if isinstance(sent, dict) else None
    return float(seconds) if isinstance(seconds, int | float) else 0.0


class Control:
    """The control interface as one account may use it."""

    def __init__(self, client: Client, url: str, offer: Offer, sender: Sender) -> None:
        self.offer = offer
        self._client = client
        self._url = url.rstrip("/")
        self._sender = sender

    def of(self, label: str, key: Secret | None = None) -> Control:
        """The interface for another account, with its key; without a key for an account that is not open yet."""
        return Control(self._client, self._url, self.offer, Sender(label, key))

    def offers(self, name: str) -> bool:
        """Whether the target offers this part of the interface."""
        return name in self.offer.offers

    def new_tenant(self, balance: Decimal | None = None) -> Opened:
        """
        Open a fresh account, with this balance where the target offers `tenants/balance`.

        The keys are registered as secrets before the answer is recorded anywhere. A balance that the answer tells is
        kept in the journal as a reading.
        """
        keys: dict[str, Secret] = {}
        opening = PreparedRequest("POST", f"{self._url}/tenants", origin="control")
        if balance is not None and self.offers("tenants/balance"):
            opening = opening.with_json(_wallet(balance))
        sent = _send(self._client, Sender(None, None), opening, learn=keys)
        if "main" not in keys:
            sentence = f"the control interface opened no account: {_shown(sent)}"
            raise ControlError(sentence)
        if keys.get("second") == keys["main"]:
            # A tenant can't stand for another one.
            del keys["second"]
        return Opened(keys, self._noted(sent) if self.offers("tenants/balance") else None)

    def advance(self, seconds: float) -> datetime | None:
        """Let `seconds` pass at the target at once; returns its time then, None where the answer does not tell it."""
        told = self._call("POST", "/clock", {"advance_seconds": seconds}).get("/now")
        with suppress(ValueError, TypeError):
            now = datetime.fromisoformat(told)
            return None if now.tzinfo is None else now
        return None

    def balance(self) -> Decimal:
        """The account's balance in the system's unit; the reading is kept in the journal."""
        return self._noted(self._call("GET", "/wallet", None))

    def set_balance(self, amount: Decimal) -> None:
        """Set the account's balance."""
        self._call("PUT", "/wallet", _wallet(amount))

    def next_outcome(self, outcome: Literal["failed", "succeeded"], count: int = 1) -> None:
        """Decide how the next `count` tasks of the account end."""
        self._call("POST", "/tasks/outcome", {"outcome": outcome, "count": count})

    def hold(self, state: str | None) -> None:
        """Let tasks stop in a state; None releases them."""
        self._call("POST", "/tasks/hold", {"state": state})

    def rate_limit(self, allow: int | None, retry_after_seconds: int = 1) -> None:
        """Let `allow` more requests pass and refuse those after them; None lifts the limit."""
        self._call("POST", "/rate-limit", {"allow": allow, "retry_after_seconds": retry_after_seconds})

    def limit_plan(self, models: Sequence[str] | None) -> None:
        """Let the account use these models only; None lets it use all again."""
        self._call("PUT", "/plan", {"models": models})

    def reset(self) -> None:
        """Take the account (scope tenant) or the whole target (scope target) back to its first state."""
        self._call("POST", "/reset", None)

    def _noted(self, exchange: Exchange) -> Decimal:
        """The balance that an answer shows, which is kept in the journal as a reading."""
        value = readable_amount(exchange.get(BALANCE))
        if value is None:
            sentence = f"the control interface shows no balance: {_shown(exchange)}"
            raise ControlError(sentence)
        self._client.journal.reading(BalanceReading(self._sender.account or "", f"{value:f}", exchange.at))
        return value

    def _call(self, method: str, path: str, json: Mapping[str, Any] | None) -> Exchange:
        prepared = PreparedRequest(method, self._url + path, origin="control")
        return _send(self._client, self._sender, prepared if json is None else prepared.with_json(json))


def _wallet(balance: Decimal) -> Mapping[str, Any]:
    return {"balance_credits": f"{balance:.4f}"}


def _send(
    client: Client, sender: Sender, prepared: PreparedRequest, learn: dict[str, Secret] | None = None
) -> Exchange:
    receive = None if learn is None else _key_learner(client, learn)
    exchange = client.send(prepared, sender, idempotency_key=None, request_id=None, on_receive=receive)
    if not exchange.accepted:
        sentence = f"the control interface refused {prepared.method} {prepared.url}: {_shown(exchange)}"
        raise ControlError(sentence)
    return exchange


def _key_learner(client: Client, keys: dict[str, Secret]) -> Callable[[Incoming], None]:
    def learn(incoming: Incoming) -> None:
        try:
            answered = json_module.loads(incoming.content)["keys"].items()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return
        for role, value in answered:
            # What can't stand in a header is no key; a scenario that needs the role then says that its key is missing.
            with suppress(UnusableSecretError):
                if isinstance(value, str):
                    keys[role] = Secret(value, KEY_PLACEHOLDERS.get(role, f"$CONFORMANCE_{role.upper()}_KEY"))
                    client.redactor.register(keys[role])

    return learn


def _shown(exchange: Exchange) -> str:
    try:
        return f"{exchange.status} {exchange.answer.body.text[:200]}"
    except Mismatch:
        return exchange.failure or "no answer"


def key_variables(
    roles: Iterable[tuple[str, str]], headers: tuple[str, ...], scheme_keys: tuple[str, ...]
) -> Mapping[str, str]:
    """
    The variables of the keys by role, of those in stated headers, and of those of security schemes.

    A key by role is recorded as the usual variable of its role, whatever the user calls it; all others as their own.
    """
    stated = [name for _, value in split_pairs(headers, ": ") for name in variables_in(value)]
    stated += [variable for _, variable in split_pairs(scheme_keys, "=")]
    named = {role: placeholder.removeprefix("$") for role, placeholder in KEY_PLACEHOLDERS.items()}
    return {name: name for name in stated} | {named[role]: variable for role, variable in roles if role in named}
