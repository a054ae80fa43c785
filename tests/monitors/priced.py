"""An API that answers at once, with prices and a stream, and recordings of talks with it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.contract import Contract
from conformance.contract.conventions import parse_conventions
from conformance.contract.document import Document
from conformance.contract.requirements import Registry, derive_requirements
from conformance.journal.interpretation import Reader
from conformance.journal.reader import Recording
from conformance.journal.records import Exchange, Headers, Request, Response
from conformance.monitors.registry import judge
from conformance.monitors.traffic import Traffic
from tests.monitors.factory import BASE, START, body_of
from tests.monitors.sample import rule

if TYPE_CHECKING:
    from conformance.monitors.monitor import MonitorResult

JSON: Final = "application/json"
EVENTS: Final = "text/event-stream"
PART: Final = {"type": "object", "required": ["part"], "properties": {"part": {"type": "string"}}}
END: Final = {"part": "", "over": True, "cost": "3.00"}
DOCUMENT: Final = {
    "openapi": "3.1.0",
    "info": {"title": "Prints", "version": "1"},
    "paths": {
        "/prints": {
            "post": {
                "operationId": "makePrint",
                "requestBody": {"content": {JSON: {"schema": {"type": "object"}}}},
                "responses": {"200": {"description": "…", "content": {JSON: {"schema": {}}}}},
            }
        },
        "/tales": {
            "post": {
                "operationId": "tellTale",
                "requestBody": {"content": {JSON: {"schema": {"type": "object"}}}},
                "responses": {
                    "200": {"description": "…", "content": {EVENTS: {"schema": PART}, JSON: {"schema": {}}}},
                },
            }
        },
    },
}
CONVENTIONS: Final[dict[str, Any]] = {
    "system": "sample",
    "title": "Prints",
    "contract_version": "1",
    "document": "openapi.yaml",
    "surfaces": ["operations"],
    "outcomes": [
        {"outcome": "accepted", "status": "2xx", "body": {"/code": [0, None]}},
        {"outcome": "refused", "body": {"/code": [9]}},
    ],
    "errors": {"object": "", "code": "/code", "message": "/text"},
    "money": {"unit": "coins"},
    "operations": {
        "makePrint": {"price": {"by": "/size", "table": {"small": "1.00", "large": "2.00"}, "charged": "/cost"}},
        "tellTale": {
            "price": {"amount": "3.00", "charged": "/cost"},
            "stream": {"format": "sse", "ends": {"/over": [True]}},
        },
    },
    "generated": {"conforms": {"level": "MUST"}},
}


@dataclass
class Prints:
    """A talk with the API, exchange after exchange."""

    exchanges: list[Exchange] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._document = Document(DOCUMENT)
        self._conventions = parse_conventions(CONVENTIONS)
        self._reader = Reader(self._conventions)

    def make(self, size: object, answer: object, status: int = 200) -> None:
        """A print is asked for."""
        self._say("makePrint", "/prints", {"size": size}, Response(status, _typed(JSON), body_of(answer)))

    def tell(self, *frames: object, cut: bool = False) -> None:
        """A tale is told in frames; bytes are sent as they are."""
        texts = [frame if isinstance(frame, bytes) else json.dumps(frame).encode() for frame in frames]
        content = b"".join(b"data: " + text + b"\n\n" for text in texts)
        self._say("tellTale", "/tales", {}, Response(200, _typed(EVENTS), body_of(content)), cut=cut)

    def refuse_to_tell(self, answer: object) -> None:
        """A tale is refused, in plain JSON."""
        self._say("tellTale", "/tales", {}, Response(200, _typed(JSON), body_of(answer)))

    def judged(self, name: str) -> MonitorResult:
        """What the monitor of that name says."""
        requirement = rule(name)
        derived = derive_requirements(self._document, self._conventions)
        contract = Contract(self._document, Registry((requirement, *derived)), self._conventions)
        wanted = next((known for known in derived if known.id == name), requirement)
        return judge(wanted, Traffic(Recording(exchanges=tuple(self.exchanges)), contract))

    def _say(self, operation: str, path: str, sent: object, response: Response, *, cut: bool = False) -> None:
        number = len(self.exchanges) + 1
        exchange = Exchange(
            id=f"e{number}",
            at=START + timedelta(seconds=number),
            elapsed_seconds=0.5,
            request=Request("POST", BASE + path, Headers(()), body_of(sent)),
            response=response,
            operation=operation,
            account="main",
            failure="the connection was cut" if cut else None,
        )
        self.exchanges.append(self._reader.read(exchange))


def _typed(media_type: str) -> Headers:
    return Headers((("Content-Type", media_type),))
