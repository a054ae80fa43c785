"""What the journal holds: exchanges as they went over the wire, the locations that a test read, observations."""

from __future__ import annotations

import json
from collections import OrderedDict, deque
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from conformance.contract.files import is_nested_deeper
from conformance.contract.outcomes import Outcome, at, by_status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from conformance.contract.outcomes import Interpretation


Part = Literal["body", "status", "header"]
# Locations that a test read long before its assertion failed do not explain the failure.
_REMEMBERED: Final = 8
# Of so many exchanges it is known what was last read of them, for tests that judge what a scenario has made of answers.
_EXCHANGES_REMEMBERED: Final = 4096
_CHARACTERS_REMEMBERED: Final = 100


@dataclass(frozen=True, slots=True)
class Location:
    """
    A place of an answer that decided a verdict.

    `name` is a JSON pointer into the body, or the name of a header; a status has none. `expected` and `actual` are
    texts of what should stand there and what does, empty where there are none.
    """

    part: Part
    name: str = ""
    expected: str = ""
    actual: str = ""


@dataclass(frozen=True, slots=True)
class LocationRead:
    """The fact that a location of an exchange was read, and the value that was found there."""

    exchange: str
    location: Location
    value: object


_LOCATIONS_READ: ContextVar[deque[LocationRead] | None] = ContextVar("locations_read", default=None)
# Locations and their values as plain tuples, as nearly none of them is ever asked for.
_READ_EARLIER: Final[OrderedDict[str, deque[tuple[Part, str, str | None]]]] = OrderedDict()


@contextmanager
def locations_read() -> Iterator[deque[LocationRead]]:
    """Collect the last locations that are read within the block, in their order."""
    reads: deque[LocationRead] = deque(maxlen=_REMEMBERED)
    token = _LOCATIONS_READ.set(reads)
    try:
        yield reads
    finally:
        _LOCATIONS_READ.reset(token)


def note_location(exchange: str, part: Part, name: str, value: object) -> None:
    """Note that a location of an exchange was read."""
    reads = _LOCATIONS_READ.get()
    if reads is not None:
        reads.append(LocationRead(exchange, Location(part, name), value))
    kept = str(value)[:_CHARACTERS_REMEMBERED] if isinstance(value, str | int | float) else None
    earlier = _READ_EARLIER.pop(exchange, None) or deque(maxlen=_REMEMBERED)
    earlier.append((part, name, kept))
    _READ_EARLIER[exchange] = earlier
    while len(_READ_EARLIER) > _EXCHANGES_REMEMBERED:
        _READ_EARLIER.popitem(last=False)


def read_of(exchange: str) -> tuple[LocationRead, ...]:
    """What was last read of an exchange in this process; long values are not kept, nor are objects."""
    return tuple(
        LocationRead(exchange, Location(part, name), kept) for part, name, kept in _READ_EARLIER.get(exchange, ())
    )


def forget_reads() -> None:
    """Forget what was read of exchanges: another run begins, whose exchanges have the same ids."""
    _READ_EARLIER.clear()


Origin = Literal["target", "media", "control"]
T = TypeVar("T")
# More levels than any useful answer has, and few enough for recursive readers.
_DEEPEST: Final = 320


class Mismatch(AssertionError):  # noqa: N818 - reads as the verdict it leads to, not as an error of ours
    """
    The target's answer is not what its reader needs: a fail in a test, a missing precondition in a scenario.

    `exchanges` are the ids of the exchanges that show it.
    """

    def __init__(self, sentence: str, *exchanges: str) -> None:
        super().__init__(sentence)
        self.exchanges = exchanges


class Unanswered(Mismatch):
    """There is no answer to read, so the rule in question can't be judged."""


@dataclass(frozen=True)
class Body:
    """
    The body of a request or response, as much of it as is kept.

    `size` and `sha256` are of the bytes that went over the wire. `content` has its content coding undone and
    its secrets removed, so its length says nothing about completeness: `truncated` says whether its end is
    missing.
    """

    # A test runner that shows local variables shows their representation, and before redaction this may hold keys.
    content: bytes = field(default=b"", repr=False)
    size: int = 0
    sha256: str | None = None
    truncated: bool = False

    @cached_property
    def text(self) -> str:
        """The body as text; bytes that are no UTF-8 become replacement characters."""
        return self.content.decode("utf-8", "replace")

    @cached_property
    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """
        The body as JSON.

        Raises:
            Mismatch: it is none, or nested too deeply.
        """
        try:
            value = json.loads(self.content)
        except (ValueError, RecursionError) as error:
            sentence = f"expected a JSON body, got {self.text[:80]!r}"
            raise Mismatch(sentence) from error
        if self.content.count(b"[") + self.content.count(b"{") > _DEEPEST and is_nested_deeper(value, _DEEPEST):
            raise Mismatch(f"expected a JSON body of at most {_DEEPEST} levels, got {self.text[:80]!r}")
        return value


@dataclass(frozen=True, slots=True)
class Headers:
    """Headers in the order in which they went over the wire; names are compared without regard to case."""

    items: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def get(self, name: str) -> str | None:
        """The first value of a header, None when it is absent."""
        return next((value for key, value in self.items if key.lower() == name.lower()), None)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a header."""
        return tuple(value for key, value in self.items if key.lower() == name.lower())


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was sent, secrets removed."""

    method: str
    url: str
    headers: Headers = field(default_factory=Headers)
    body: Body = field(default_factory=Body)


@dataclass(frozen=True, slots=True)
class StreamFrame:
    """
    One frame of a stream: its data, and when it was complete, in seconds since the request was sent.

    `seconds` is None where it was not measured.
    """

    data: str = field(repr=False)
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """
    A response as it was received, secrets removed.

    `frames` are those of a stream, None where the answer is none.
    """

    status: int
    headers: Headers = field(default_factory=Headers)
    body: Body = field(default_factory=Body)
    frames: tuple[StreamFrame, ...] | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """
    One request and what came back.

    `operation` is the operation of the document that the request was meant for, `account` the label of the
    account whose key it carried, `cause` the scenario that caused it. `failure` says why there is no
    response, or no whole one. `generated` is "valid" or "invalid" for cases drawn from the document. `read_as` is the
    interpretation of the answer, read once when the exchange is recorded.
    """

    id: str
    at: datetime
    elapsed_seconds: float
    request: Request
    response: Response | None
    origin: Origin = "target"
    operation: str | None = None
    account: str | None = None
    cause: str | None = None
    transport: str = "httpx"
    failure: str | None = None
    generated: Literal["valid", "invalid"] | None = None
    repeats: str | None = None
    read_as: Interpretation | None = None

    @property
    def interpretation(self) -> Interpretation:
        """The interpretation that was recorded; that of the status by HTTP alone where none was."""
        if self.read_as is not None:
            return self.read_as
        return by_status(None if self.response is None else self.response.status)

    @property
    def outcome(self) -> Outcome:
        """The outcome of the request, by the conventions of the system."""
        read = self.interpretation
        if self.response is not None:
            note_location(self.id, "status", "", self.response.status)
            if read.pointer is not None:
                self.get(read.pointer)
        return read.outcome

    @property
    def answer(self) -> Response:
        """
        The response.

        Raises:
            Unanswered: there was none.
        """
        if self.response is None:
            sentence = f"expected an answer to {self.request.method} {self.request.url}, got none: {self.failure}"
            raise Unanswered(sentence, self.id)
        return self.response

    @property
    def status(self) -> int:
        """The HTTP status of the response (raises `Mismatch` without one)."""
        note_location(self.id, "status", "", self.answer.status)
        return self.answer.status

    @property
    def accepted(self) -> bool:
        """Whether the request was accepted."""
        return self.outcome is Outcome.ACCEPTED

    @property
    def summary(self) -> str:
        """The answer in a few words: its status, with the outcome where the status does not tell it."""
        if self.response is None:
            return f"no answer ({self.failure})"
        told = self.interpretation.pointer is None and self.response.frames is None
        return str(self.response.status) if told else f"{self.response.status}, {self.interpretation.words}"

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """The response body as JSON (raises `Mismatch` when it is none)."""
        return self.answer.body.json

    def get(self, pointer: str) -> Any:  # noqa: ANN401 - any JSON value
        """The value at a JSON pointer of the response body, None when there is no such place or no JSON."""
        try:
            found = at(self.json, pointer)
        except Mismatch:
            found = None
        note_location(self.id, "body", pointer, found)
        return found

    def sent(self, pointer: str) -> Any:  # noqa: ANN401 - any JSON value
        """The value at a JSON pointer of the request body, None when there is no such place or no JSON."""
        try:
            return at(self.request.body.json, pointer)
        except Mismatch:
            return None

    def string(self, pointer: str) -> str:
        """The string at a JSON pointer of the response body (raises `Mismatch` when there is none)."""
        return self._typed(pointer, str, "a string")

    def array(self, pointer: str) -> list[Any]:
        """The array at a JSON pointer of the response body (raises `Mismatch` when there is none)."""
        return self._typed(pointer, list, "an array")

    def mapping(self, pointer: str) -> dict[str, Any]:
        """The object at a JSON pointer of the response body (raises `Mismatch` when there is none)."""
        return self._typed(pointer, dict, "an object")

    def header(self, name: str) -> str | None:
        """The first value of a response header, None when absent (raises `Mismatch` without a response)."""
        found = self.answer.headers.get(name)
        note_location(self.id, "header", name, found)
        return found

    def _typed(self, pointer: str, kind: type[T], words: str) -> T:
        found = self.get(pointer)
        if not isinstance(found, kind):
            shown = json.dumps(found, ensure_ascii=False, default=str)[:120]
            sentence = (
                f"expected {words} at {pointer or 'the top'} of the answer to "
                f"{self.request.method} {self.request.url} ({self.status}), got {shown}"
            )
            raise Mismatch(sentence, self.id)
        return found


@dataclass(frozen=True, slots=True)
class Observation:
    """What the target does where the documents are silent or contradict each other; it has no verdict."""

    id: str
    text: str
    exchanges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BalanceReading:
    """One reading of an account's balance, taken outside of the API under test (control interface)."""

    account: str
    balance: str
    at: datetime
