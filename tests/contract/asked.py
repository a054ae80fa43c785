"""Recordings of a target that a small document describes: exchanges by the names of operations, a second each."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from conformance.journal.reader import Recording
from conformance.journal.records import Body, Exchange, Headers, Request, Response
from tests.contract.described import JSON

if TYPE_CHECKING:
    from conformance.contract.contract import Contract

START: Final = datetime(2026, 1, 2, tzinfo=UTC)


@dataclass
class Asked:
    """What was asked of a target, and what it answered."""

    contract: Contract
    exchanges: list[Exchange] = field(default_factory=list)

    def ask(
        self,
        name: str,
        place: str,
        status: int,
        answer: object = None,
        *,
        media_type: str = JSON,
        account: str = "one",
        at: float | None = None,
    ) -> Asked:
        """One exchange; it takes half a second. Bytes are answered as they are, all else as JSON."""
        method = self.contract.document.operations[name].method
        text = b"" if answer is None else answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        response = Response(status, Headers((("Content-Type", media_type),)), Body(text, len(text)))
        when = START + timedelta(seconds=len(self.exchanges) if at is None else at)
        asked = Request(method, f"http://target.test/v1{place}")
        number = f"e{len(self.exchanges)}"
        self.exchanges.append(Exchange(number, when, 0.5, asked, response, operation=name, account=account))
        return self

    @property
    def recording(self) -> Recording:
        """The recording."""
        return Recording(exchanges=tuple(self.exchanges))
