"""A model that plays with an application in this process: no socket, no server, the client and the journal are real."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import httpx

from conformance.accounts.account_pool import AccountPool
from conformance.accounts.control import discover
from conformance.client.client import Client, TrafficLimits
from conformance.client.identity import Identity
from conformance.client.rate_limit import Pacer
from conformance.client.transports.base import Incoming
from conformance.contract.contract import load_contract
from conformance.journal.redaction import Redactor, Secret
from conformance.journal.writer import Journal
from conformance.money.guard import PlayMoneyGuard
from conformance.reference.beatra.app import Front, create_app
from conformance.reference.beatra.settings import ReferenceSettings
from conformance.reference.beatra.wiring import Cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import ASGIApp

    from conformance.client.transports.base import Outgoing
    from conformance.money.guard import SpendGuard
    from conformance.mutants.base import Mutant

ORIGIN: Final = "http://target.test"
CONTROL: Final = f"{ORIGIN}/_control"
KEY_HEADER: Final = "Idempotency-Key"
CONTRACT: Final = load_contract("beatra")


class InThisProcess:
    """A transport that calls an application."""

    name = "httpx"

    def __init__(self, app: ASGIApp) -> None:
        self._runner = asyncio.Runner()
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def send(self, outgoing: Outgoing) -> Incoming:
        return self._runner.run(self._answer(outgoing))

    def close(self) -> None:
        self._runner.close()

    async def _answer(self, outgoing: Outgoing) -> Incoming:
        assert isinstance(outgoing.content, bytes)
        headers = [*outgoing.headers, ("Host", "target.test")]
        request = httpx.Request(outgoing.method, outgoing.url, headers=headers, content=outgoing.content)
        answer = await self._transport.handle_async_request(request)
        content = await answer.aread()
        named = tuple(answer.headers.multi_items())
        return Incoming(answer.status_code, named, content, len(content), hashlib.sha256(content).hexdigest())


def reference(settings: ReferenceSettings | None = None) -> ASGIApp:
    return create_app(settings or ReferenceSettings())


def mutated(mutant: Mutant, settings: ReferenceSettings | None = None) -> ASGIApp:
    settings = settings or ReferenceSettings()
    app: ASGIApp = create_app(settings, cast=Cast(**mutant.cast), front=Front(**mutant.front))
    return app if mutant.wrap is None else mutant.wrap(app)


class Calls:
    """An application as a person with curl sees it, in an account of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._runner = asyncio.Runner()
        self._transport = httpx.ASGITransport(app)
        self._key = self.control("POST", "/tenants", signed=False)["keys"]["main"]

    def control(self, method: str, path: str, body: object = None, *, signed: bool = True) -> dict[str, Any]:
        return self._runner.run(self._ask(method, CONTROL + path, body, {} if not signed else self._signature))

    def send(self, method: str, url: str, body: object, key: str | None) -> dict[str, Any]:
        return self._runner.run(self._ask(method, url, body, {**self._signature, **({KEY_HEADER: key} if key else {})}))

    def close(self) -> None:
        self._runner.close()

    @property
    def _signature(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key}"}

    async def _ask(self, method: str, url: str, body: object, headers: dict[str, str]) -> dict[str, Any]:
        async with httpx.AsyncClient(transport=self._transport) as client:
            answer = await client.request(method, url, json=body, headers=headers)
        content: dict[str, Any] = answer.json()
        return content


@contextmanager
def account_pool_of(
    app: ASGIApp, folder: Path, key: str | None = None, *, lacks: str = "", guard: SpendGuard | None = None
) -> Iterator[AccountPool]:
    """
    Where accounts of an application come from.

    `key` opens the one that all share where there are no others; `lacks` is a part of the control interface that is
    not offered.
    """
    redactor = Redactor()
    journal = Journal(
        folder, "main", redactor, run="run", system="beatra", contract_version="1.0", suite_version="1", seed=1
    )
    transport = InThisProcess(app)
    guard = guard or PlayMoneyGuard()
    client = Client(
        base_url=f"{ORIGIN}/v1",
        contract=CONTRACT,
        journal=journal,
        redactor=redactor,
        transports={"httpx": transport},
        faulty=lambda _: transport,
        guard=guard,
        pacer=Pacer(),
        identity=Identity("run", "main"),
        user_agent="test",
        limits=TrafficLimits(),
        sleep=lambda _: None,
    )
    offer = discover(client, CONTROL)
    try:
        yield AccountPool(
            client,
            guard=guard,
            keys={} if key is None else {"main": Secret(key, "$CONFORMANCE_API_KEY")},
            control_url=CONTROL,
            offer=replace(offer, offers=offer.offers - {lacks}),
            polling=None,
            lock_file=folder / "target.lock",
        )
    finally:
        client.close()
        journal.close()
