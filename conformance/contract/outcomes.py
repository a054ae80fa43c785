"""The one reading of an answer: from its status and body to an outcome, by rules that the conventions state."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol

import jsonpointer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def matches_status(pattern: str, code: int) -> bool:
    """Whether an HTTP status falls under an OpenAPI response key such as `404`, `4XX` or `default`."""
    if pattern == "default":
        return True
    return all(want in ("X", "x", have) for want, have in zip(pattern, str(code), strict=False))


class Outcome(StrEnum):
    """
    The result of a request.

    `CONFLICT` is a refusal because of the state of what is there, or of what was asked for before.
    `UNCLEAR` is an answer that neither accepts nor refuses: a redirect, whose target was not asked, or a success by its
    status that is none by the rules of the conventions. It owes no error envelope, and what it cost is not known.
    `FAILED` is a fault of the server, which may have happened before or after it did what it was asked for.
    """

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    NOT_FOUND = "not found"
    THROTTLED = "throttled"
    UNPAID = "unpaid"
    FAILED = "failed"
    UNCLEAR = "unclear"
    NO_ANSWER = "no answer"

    @property
    def refusal(self) -> bool:
        """Whether the target refused the request."""
        return self in _REFUSALS

    @property
    def error(self) -> bool:
        """Whether the answer owes an error envelope: a refusal, or a fault of the server."""
        return self is Outcome.FAILED or self in _REFUSALS

    @property
    def decisive(self) -> bool:
        """Whether it shows how the target judges the request itself, and not only its rate, balance or server."""
        return self not in _PASSING

    @property
    def cost_unknown(self) -> bool:
        """Whether the target may have done what costs money without saying so."""
        return self in (Outcome.FAILED, Outcome.UNCLEAR, Outcome.NO_ANSWER)


_REFUSALS: Final = frozenset(
    {
        Outcome.REFUSED,
        Outcome.UNAUTHENTICATED,
        Outcome.FORBIDDEN,
        Outcome.CONFLICT,
        Outcome.NOT_FOUND,
        Outcome.THROTTLED,
        Outcome.UNPAID,
    }
)
_PASSING: Final = frozenset({Outcome.THROTTLED, Outcome.UNPAID, Outcome.FAILED, Outcome.NO_ANSWER})
# HTTP's own meaning of statuses (RFC 9110, and RFC 6585 for 429), the first that fits.
_BY_STATUS: Final = (
    ("2XX", Outcome.ACCEPTED),
    ("401", Outcome.UNAUTHENTICATED),
    ("402", Outcome.UNPAID),
    ("403", Outcome.FORBIDDEN),
    ("404", Outcome.NOT_FOUND),
    ("409", Outcome.CONFLICT),
    ("410", Outcome.NOT_FOUND),
    ("429", Outcome.THROTTLED),
    ("4XX", Outcome.REFUSED),
    ("1XX", Outcome.UNCLEAR),
    ("3XX", Outcome.UNCLEAR),
)

# What a load balancer or gateway answers when the service does not, or not validly (RFC 9110, 15.6).
_SAID_IN_FRONT: Final = frozenset({502, 503, 504})
# The answers of a path or method that does not exist (RFC 9110, 15.5.5, 15.5.6, 15.6.2).
_SAID_OF_NOTHING: Final = frozenset({404, 405, 501})
_ELSEWHERE: Final = frozenset({301, 302, 303, 307, 308})
# What an answer gives that is the whole representation, rather than a word on what goes on (RFC 9110, 15.3.1, 15.3.3).
_WHOLE: Final = 200
_METHOD_REFUSED: Final = 405
_CREATED: Final = 201
_NOT_MODIFIED, _PRECONDITION_FAILED = 304, 412


def is_said_in_front(status: int) -> bool:
    """Whether a status is one that a gateway in front of a service answers in its place."""
    return status in _SAID_IN_FRONT


def is_said_of_nothing(status: int) -> bool:
    """Whether a status is one of an operation that does not exist; a resource that does not exist may have it too."""
    return status in _SAID_OF_NOTHING


def is_redirect(status: int) -> bool:
    """Whether a status says that what was asked for is at the URL of its Location (RFC 9110, 15.4)."""
    return status in _ELSEWHERE


def is_method_refused(status: int) -> bool:
    """Whether a status says that a resource does not have the method (RFC 9110, 15.5.6)."""
    return status == _METHOD_REFUSED


def is_created(status: int) -> bool:
    """Whether a status says that something new was made (RFC 9110, 15.3.2)."""
    return status == _CREATED


def is_unmodified(status: int) -> bool:
    """Whether a status says that what a client has is still what is there (RFC 9110, 15.4.5)."""
    return status == _NOT_MODIFIED


def is_precondition_failed(status: int) -> bool:
    """Whether a status says that a condition of the request does not hold (RFC 9110, 15.5.13)."""
    return status == _PRECONDITION_FAILED


def is_whole(status: int) -> bool:
    """Whether a status says that what was asked for is done, and that the body shows all there is to it."""
    return status == _WHOLE


@dataclass(frozen=True, slots=True)
class Interpretation:
    """
    An outcome, with what the answer says of it.

    `code` is the error code as text, also where it is a number, `shape` the number of the error shape that it was found
    by, and `pointer` the place of the body that decided, None where the status did.
    """

    outcome: Outcome
    code: str | None = None
    message: str | None = None
    shape: int | None = None
    pointer: str | None = None

    @property
    def words(self) -> str:
        """The outcome with its code, for sentences."""
        return f"{self.outcome} ({self.code})" if self.code else str(self.outcome)


NO_ANSWER: Final = Interpretation(Outcome.NO_ANSWER)


@dataclass(frozen=True, slots=True)
class OutcomeRule:
    """An outcome, and the answers that have it: by one of the statuses, and one of the values at each of the places."""

    outcome: Outcome
    statuses: tuple[str, ...]
    body: Mapping[str, frozenset[str]]

    def holds(self, status: int, body: Callable[[], object]) -> bool:
        """Whether the rule holds for an answer; `body` returns its JSON value, None where it is no JSON."""
        if self.statuses and not any(matches_status(pattern, status) for pattern in self.statuses):
            return False
        return all(as_text(at(body(), pointer)) in values for pointer, values in self.body.items())


def parse_rules(content: Sequence[Mapping[str, Any]]) -> tuple[OutcomeRule, ...]:
    """The rules of `outcomes` in `conventions.yaml`, in their order."""
    return tuple(
        OutcomeRule(Outcome(part["outcome"]), _patterns(part.get("status", ())), values_at(part.get("body", {})))
        for part in content
    )


def values_at(content: Mapping[str, Sequence[Any]]) -> Mapping[str, frozenset[str]]:
    """The values at each place as texts to compare; null also stands for a place that is not there."""
    return MappingProxyType({pointer: frozenset(map(as_text, values)) for pointer, values in content.items()})


def _patterns(content: Any) -> tuple[str, ...]:  # noqa: ANN401 - a number, a pattern, or a list of them
    return tuple(str(one).upper() for one in (content if isinstance(content, list | tuple) else [content]))


@lru_cache(maxsize=1024)
def by_status(status: int | None) -> Interpretation:
    """What an answer of this status means by HTTP alone; None: there was no answer."""
    if status is None:
        return NO_ANSWER
    named = (outcome for pattern, outcome in _BY_STATUS if matches_status(pattern, status))
    return Interpretation(next(named, Outcome.FAILED))


class ErrorPlaces(Protocol):
    """Where one shape of errors has its code and its message."""

    @property
    def code(self) -> str:
        """The pointer to the code."""

    @property
    def message(self) -> str:
        """The pointer to the message."""


class EndedBy(Protocol):
    """Recognises the last frame of a stream by its text, or by its JSON value (None where it is no JSON)."""

    def __call__(self, text: str, value: object) -> bool:
        """Whether this frame is the last one."""


class Interpreter:
    """Reads the answers of one system by the rules of its conventions, and by HTTP's statuses where no rule holds."""

    def __init__(
        self,
        rules: Sequence[OutcomeRule] = (),
        operations: Mapping[str, Sequence[OutcomeRule]] | None = None,
        shapes: Sequence[ErrorPlaces] = (),
    ) -> None:
        self._rules = tuple(rules)
        self._operations = {name: (*own, *rules) for name, own in (operations or {}).items()}
        self._shapes = tuple(shapes)

    def read(self, operation: str | None, status: int, body: Callable[[], object]) -> Interpretation:
        """What an answer to an operation means; `body` returns its JSON value, None where it is no JSON."""
        found, rule = self._outcome(operation, status, body)
        if found is Outcome.ACCEPTED:
            return Interpretation(found, pointer=_deciding(rule))
        return self._with_error(found, body() if self._shapes else None, _deciding(rule))

    def read_stream(
        self, operation: str | None, status: int, frames: Sequence[tuple[str, object]], ended_by: EndedBy
    ) -> Interpretation:
        """
        What a stream means: the last frame with an error decides; a stream without its last frame is no answer.

        What a stream that was cut cost is not known.
        """
        opening = by_status(status)
        if opening.outcome is not Outcome.ACCEPTED:
            return opening
        for _, value in reversed(frames):
            if value is None:
                continue
            found, rule = self._outcome(operation, status, _just(value))
            said = rule is not None and bool(rule.body)
            if said and found is not Outcome.ACCEPTED:
                return self._with_error(found, value, _deciding(rule))
            told = self._with_error(Outcome.FAILED, value, None)
            if not said and told.code is not None:
                return told
        return opening if any(ended_by(text, value) for text, value in frames) else NO_ANSWER

    def _outcome(
        self, operation: str | None, status: int, body: Callable[[], object]
    ) -> tuple[Outcome, OutcomeRule | None]:
        rules = self._operations.get(operation or "", self._rules)
        for rule in rules:
            if rule.holds(status, body):
                return rule.outcome, rule
        plain = by_status(status).outcome
        accepting = plain is Outcome.ACCEPTED and any(rule.outcome is Outcome.ACCEPTED for rule in rules)
        return (Outcome.UNCLEAR if accepting else plain), None

    def _with_error(self, outcome: Outcome, body: object, pointer: str | None) -> Interpretation:
        for number, shape in enumerate(self._shapes):
            code = at(body, shape.code)
            if isinstance(code, str | int | float) and not isinstance(code, bool):
                message = at(body, shape.message)
                told = message if isinstance(message, str) else None
                return Interpretation(outcome, as_text(code), told, number, pointer)
        return Interpretation(outcome, pointer=pointer)


# Pointers are those of conventions and tests, some hundred; one that can't be parsed is parsed again.
_parsed = lru_cache(maxsize=1024)(jsonpointer.JsonPointer)


def at(body: object, pointer: str) -> object:
    """The value at a JSON pointer of a JSON value; None where there is none."""
    try:
        return _parsed(pointer).resolve(body, None)
    except (jsonpointer.JsonPointerException, TypeError):
        return None


def as_text(value: object) -> str:
    """A JSON value as text, so that a code compares equal as a number and as a string."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)


def _deciding(rule: OutcomeRule | None) -> str | None:
    return next(iter(rule.body), None) if rule else None


def _just(value: object) -> Callable[[], object]:
    return lambda: value
