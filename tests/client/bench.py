"""A client whose requests stay here: a script answers them, and time passes only in notes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conformance.accounts.account import Account
from conformance.client.client import Client, Sender, TrafficLimits
from conformance.client.identity import Identity
from conformance.client.rate_limit import Pacer
from conformance.client.transports.base import Incoming, NoAnswerError
from conformance.contract.contract import Contract
from conformance.contract.conventions import parse_conventions
from conformance.contract.document import Document
from conformance.contract.requirements import Registry
from conformance.journal.reader import read_recording
from conformance.journal.redaction import Redactor, Secret
from conformance.journal.writer import Journal
from conformance.money.guard import PlayMoneyGuard
from tests.monitors.sample import CONVENTIONS, DOCUMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from conformance.accounts.control import Control
    from conformance.client.stop_signal import StopSignal
    from conformance.client.transports.base import Outgoing
    from conformance.client.transports.faulty import FaultPlan
    from conformance.contract.conventions import Polling
    from conformance.journal.reader import Recording
    from conformance.money.guard import SpendGuard

    Scripted = Incoming | NoAnswerError | Callable[[Outgoing], Incoming]

BASE: Final = "http://target.test/api"
CONTROL: Final = "http://target.test/control"
KEY: Final = "sk-abcdefghijklmnopqrstuvwxyz012345"
PATIENCE_SECONDS: Final = 5.0
AUTHENTICATION: Final = {"header": "Authorization", "scheme": "Bearer"}


def sample_contract(without: Iterable[str] = ()) -> Contract:
    """A contract with everything that the client looks at, but for the parts that are left out."""
    parts = {**CONVENTIONS, "authentication": AUTHENTICATION}
    conventions = parse_conventions({name: part for name, part in parts.items() if name not in without})
    return Contract(Document(DOCUMENT), Registry(()), conventions)


def answer(status: int = 200, body: object = None, **headers: str) -> Incoming:
    """An answer with a JSON body (bytes are sent as they are); Retry_After stands for Retry-After."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Incoming(status, named, content, len(content), hashlib.sha256(content).hexdigest())


def headers_of(outgoing: Outgoing, name: str) -> list[str]:
    """Every value with which a header was sent."""
    return [value for known, value in outgoing.headers if known.lower() == name.lower()]


class Script:
    """A transport that answers from a list, whose last entry stands for all that follow."""

    def __init__(self, answers: Sequence[Scripted], name: str = "scripted") -> None:
        self.name = name
        self.sent: list[Outgoing] = []
        self.closed = False
        self._answers = answers

    def send(self, outgoing: Outgoing) -> Incoming:
        self.sent.append(outgoing)
        said = self._answers[min(len(self.sent), len(self._answers)) - 1]
        if isinstance(said, NoAnswerError):
            raise said
        return said if isinstance(said, Incoming) else said(outgoing)

    def close(self) -> None:
        self.closed = True


@dataclass
class Bench:
    """A client with its transport, what it waited for, and what it recorded."""

    client: Client
    script: Script
    folder: Path
    naps: list[float]
    faults: list[FaultPlan] = field(default_factory=list)

    @property
    def sent(self) -> list[Outgoing]:
        return self.script.sent

    @property
    def recording(self) -> Recording:
        return read_recording(self.folder)

    @property
    def stored(self) -> bytes:
        """Every byte that was written to disk."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file())

    def account(self, control: Control | None = None, polling: Polling | None = None, **keys: str) -> Account:
        """An account with a main key, and with those that are named."""
        secrets = {role: Secret(value) for role, value in {"main": KEY, **keys}.items()}
        return Account(self.client, "alice", secrets, control, polling)

    def sender(self) -> Sender:
        return Sender("alice", Secret(KEY))


def make_bench(
    folder: Path,
    answers: Sequence[Scripted],
    *,
    guard: SpendGuard | None = None,
    limits: TrafficLimits | None = None,
    without: Iterable[str] = (),
    contract: Contract | None = None,
    worker: str = "gw0",
    stopping: StopSignal | None = None,
) -> Bench:
    """A bench that records in `folder`; whoever makes it closes its journal."""
    contract = contract or sample_contract(without)
    redactor = Redactor(Secret(KEY))
    script = Script(answers or [answer()])
    naps: list[float] = []
    faults: list[FaultPlan] = []

    def faulty(plan: FaultPlan) -> Script:
        faults.append(plan)
        return script

    client = Client(
        base_url=BASE,
        contract=contract,
        journal=Journal(folder, worker, redactor, run="r1", system="sample", contract_version="1.0", suite_version="1"),
        redactor=redactor,
        transports={"httpx": script, "raw": Script(answers or [answer()], "raw")},
        faulty=faulty,
        guard=guard or PlayMoneyGuard(),
        pacer=Pacer(),
        identity=Identity("r1", worker),
        user_agent="conformance-tests",
        limits=limits,
        sleep=naps.append,
        stopping=stopping,
    )
    return Bench(client, script, folder, naps, faults)


def song(state: str = "working", **more: Any) -> Incoming:  # noqa: ANN401 - any JSON value
    """A task of the sample contract."""
    return answer(200, {"song": "s1", "state": state, **more})
