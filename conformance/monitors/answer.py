"""One answer of the target as monitors read it: its body read once, its headers found fast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from conformance.contract.outcomes import Outcome
from conformance.monitors.monitor import ABSENT, clip, fault_at, find, json_of

if TYPE_CHECKING:
    from datetime import datetime

    from conformance.contract.document import Answer, Operation
    from conformance.journal.records import Exchange, Response
    from conformance.monitors.monitor import Deviation


@dataclass(frozen=True)
class Answered:
    """
    An exchange with the target that got a response.

    `operation` is the operation of the document that the request was meant for, None when there is none of
    that name or the request used another method. `documented` is what the document says about answers of that
    operation and status, None when it says nothing.
    """

    exchange: Exchange
    response: Response
    operation: Operation | None
    documented: Answer | None

    @property
    def id(self) -> str:
        """The id of the exchange."""
        return self.exchange.id

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status

    @property
    def sent_at(self) -> datetime:
        """When the request was sent."""
        return self.exchange.at

    @cached_property
    def received_at(self) -> datetime:
        """When the response was complete."""
        return self.exchange.at + timedelta(seconds=self.exchange.elapsed_seconds)

    @property
    def outcome(self) -> Outcome:
        """What became of the request."""
        return self.exchange.interpretation.outcome

    @property
    def success(self) -> bool:
        """Whether the request was accepted."""
        return self.outcome is Outcome.ACCEPTED

    @property
    def refusal(self) -> bool:
        """Whether the answer is a refusal or a fault of the server, either of which owes an error envelope."""
        return self.outcome.error

    @property
    def fault(self) -> bool:
        """Whether this is a fault of the server."""
        return self.outcome is Outcome.FAILED

    @property
    def throttled(self) -> bool:
        """Whether this answer is about the rate of requests, not about this one."""
        return self.outcome is Outcome.THROTTLED

    @property
    def has_body(self) -> bool:
        """Whether there is a body that can be judged: not to HEAD, not empty, kept whole in the journal."""
        body = self.response.body
        return self.exchange.request.method != "HEAD" and body.size > 0 and not body.truncated

    @property
    def owes_body(self) -> bool:
        """Whether there is a body that can be judged, or should be one: neither to HEAD, nor cut by the journal."""
        return self.exchange.request.method != "HEAD" and not self.response.body.truncated

    @cached_property
    def json(self) -> object:
        """The body as JSON, `ABSENT` when it is none or was not kept whole."""
        return json_of(self.response.body) if self.has_body else ABSENT

    @cached_property
    def _headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in reversed(self.response.headers.items)}

    def header(self, name: str) -> str | None:
        """The first value of a response header, None when it is absent."""
        return self._headers.get(name.lower())

    @property
    def media_type(self) -> str | None:
        """The declared media type in lower case, without its parameters."""
        declared = self.header("Content-Type")
        return None if declared is None else declared.partition(";")[0].strip().lower()

    def at(self, pointer: str) -> object:
        """What stands at a JSON pointer of the body."""
        return find(self.json, pointer)

    @cached_property
    def label(self) -> str:
        """How a finding names this answer."""
        request = self.exchange.request
        name = self.operation.id if self.operation else f"{request.method} {clip(request.url)}"
        return f"the {self.status} to {name}"

    def expected(self, what: str, pointer: str) -> Deviation:
        """The fault of one place of the body."""
        return fault_at(pointer, self.label, what, self.at(pointer))
