"""Recordings for tests of monitors: exchanges as a run would have recorded them, built one by one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

from conformance.journal.interpretation import Reader
from conformance.journal.reader import Recording
from conformance.journal.records import BalanceReading, Body, Exchange, Headers, Request, Response
from conformance.monitors.registry import judge
from conformance.monitors.traffic import Traffic
from tests.monitors.sample import contract, rule

if TYPE_CHECKING:
    from conformance.contract.contract import Contract
    from conformance.contract.requirements import Place
    from conformance.journal.records import Origin
    from conformance.monitors.monitor import MonitorResult

START = datetime(2026, 1, 1, tzinfo=UTC)
BASE: Final = "http://target.test/api"
METHODS = {operation.id: (operation.method, operation.path) for operation in contract().document.operations.values()}


def body_of(content: object) -> Body:
    """A body or bytes as they are, anything else as JSON, None as nothing."""
    if content is None or isinstance(content, Body):
        return content or Body()
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Body(data, len(data))


def fault(kind: str = "odd", *, again: object = False, **more: object) -> dict[str, Any]:
    """An error envelope."""
    return {"fault": {"kind": kind, "text": "No.", "again": again, **more}}


def song(state: object = "working", name: str = "s1", **more: object) -> dict[str, Any]:
    """A task envelope."""
    return {"song": name, "state": state, **more}


def cost(paid: object = "30.00", back: object = None, **more: object) -> dict[str, Any]:
    """The part of a task envelope that tells of money."""
    return {"paid": paid, "back": back, **more}


class Options(TypedDict, total=False):
    """
    What may be special about an exchange.

    `asking` are request headers, `headers` go over those that a proper answer has. With `during` the request is sent
    while the exchange of that id is still going on.
    """

    sent: object
    asking: dict[str, str]
    headers: dict[str, str]
    path: str
    during: str
    lasting: float
    method: str
    account: str | None
    origin: Origin
    repeats: str | None


class Talk:
    """A talk with the target: exchanges one after the other, a second each."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.readings: list[BalanceReading] = []
        self._now = START
        self._reader = Reader(contract().conventions)

    def say(self, operation: str | None, status: int | None, answer: object = None, **options: Unpack[Options]) -> str:
        """One exchange; returns its id."""
        own = f"e{len(self.exchanges) + 1:05d}"
        method, template = METHODS.get(operation or "", ("GET", "/nowhere"))
        during, lasting = options.get("during"), options.get("lasting", 0.5)
        at = self._now if during is None else self._exchange(during).at + timedelta(seconds=0.1)
        proper = {"Content-Type": "application/json", "X-Trace": f"made{own}", **options.get("headers", {})}
        response = Response(status or 0, Headers(tuple(proper.items())), body_of(answer))
        exchange = Exchange(
            id=own,
            at=at,
            elapsed_seconds=lasting,
            request=Request(
                options.get("method", method),
                BASE + options.get("path", template.replace("{song}", "s1")),
                Headers(tuple(options.get("asking", {}).items())),
                body_of(options.get("sent")),
            ),
            response=None if status is None else response,
            origin=options.get("origin", "target"),
            operation=operation,
            account=options.get("account", "main"),
            failure="refused" if status is None else None,
            repeats=options.get("repeats"),
        )
        self.exchanges.append(self._reader.read(exchange))
        self._now = max(self._now, at + timedelta(seconds=lasting)) + timedelta(seconds=0.5)
        return own

    def create(self, answer: object = None, **options: Unpack[Options]) -> str:
        """A task that is created, for the model `loud` if nothing else is said."""
        options.setdefault("sent", {"model": "loud"})
        return self.say("createSong", 202, song("waiting") if answer is None else answer, **options)

    def get(self, answer: object, **options: Unpack[Options]) -> str:
        """A task that is read."""
        return self.say("getSong", 200, answer, **options)

    def stop(self, answer: object, **options: Unpack[Options]) -> str:
        """A task that is cancelled."""
        return self.say("stopSong", 200, answer, **options)

    def list(self, *songs: object, **options: Unpack[Options]) -> str:
        """A page of tasks."""
        return self.say("listSongs", 200, {"songs": songs}, **options)

    def read_balance(self, balance: str, account: str = "main") -> None:
        """The wallet of an account is read."""
        self.readings.append(BalanceReading(account, balance, self._now))
        self.pass_time(1)

    def set_balance(self) -> str:
        """The wallet is given another balance."""
        return self.say(None, 200, origin="control", method="PUT", path="/_control/wallet")

    def pass_time(self, seconds: float) -> None:
        """Nothing is said for a while."""
        self._now += timedelta(seconds=seconds)

    def traffic(self, judged_by: Contract) -> Traffic:
        """Everything that was said, to be judged by a contract."""
        return Traffic(Recording(exchanges=tuple(self.exchanges), readings=tuple(self.readings)), judged_by)

    def judged(self, name: str, *owns: Place) -> MonitorResult:
        """What the monitor of that name says."""
        requirement = rule(name, *owns)
        return judge(requirement, self.traffic(contract(requirement)))

    def _exchange(self, exchange_id: str) -> Exchange:
        return next(exchange for exchange in self.exchanges if exchange.id == exchange_id)


def sentences(judged: MonitorResult) -> list[str]:
    """What was found, in words."""
    return [finding.sentence for finding in judged.findings]
