"""What all applications are made of: requests, answers, refusals, and the switch of one fault."""

from __future__ import annotations

import hmac
import json
import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from applications.rules import Rule

JSON: Final = "application/json"
_TOO_LARGE: Final = 1_000_000


class Unset:
    """The type of `NOTHING`."""


NOTHING: Final = Unset()


@dataclass(frozen=True, slots=True)
class Request:
    """A request, whatever framework has received it; names of headers are in lower case."""

    method: str
    template: str
    path: Mapping[str, str]
    query_string: str
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        """The header's value."""
        return self.headers.get(name.lower())


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: a JSON value, a text of another media type, or nothing."""

    status: int = 200
    body: Any = NOTHING
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = JSON

    @property
    def content(self) -> bytes:
        """The body as it is sent."""
        if isinstance(self.body, Unset):
            return b""
        if self.media.endswith("json"):
            return json.dumps(self.body, ensure_ascii=False, allow_nan=False).encode()
        return str(self.body).encode()

    @property
    def all_headers(self) -> dict[str, str]:
        """The headers, with that of the media type where there is a body."""
        return dict(self.headers) if isinstance(self.body, Unset) else {"Content-Type": self.media, **self.headers}


class RefusedError(Exception):
    """A request is refused: with which status, for which reason."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


class Application:
    """
    The base of an application: where its state is, which fault it has, how it refuses.

    `routes` says which function answers which method of which path. One request is carried out at a time.
    """

    invalid_status: ClassVar[int] = 422
    key_header: ClassVar[str] = "Authorization"

    def __init__(self, fault: str = "", keys: Sequence[str] = ()) -> None:
        self.fault = fault
        self.keys = tuple(keys)
        self._turn = threading.Lock()
        self._number = 0

    @property
    def routes(self) -> Mapping[str, Mapping[str, Callable[[Request], Answer]]]:
        """Path template → method → what answers."""
        raise NotImplementedError

    def refusal(self, refused: RefusedError) -> Answer:
        """How a refusal is told."""
        raise NotImplementedError

    def finished(self, request: Request, answer: Answer) -> Answer:  # noqa: ARG002 - for applications that care
        """The answer as it leaves the application."""
        return answer

    def handle(self, request: Request, handler: Callable[[Request], Answer]) -> Answer:
        """What a handler answers."""
        with self._turn:
            try:
                return self.finished(request, handler(request))
            except RefusedError as error:
                return self.finished(request, self.refusal(error))

    def unrouted(self, method: str, template: str, status: int, allow: str | None) -> Answer:
        """The answer to a path (404) or a method (405) that is not there."""
        request = Request(method, template, {}, "", {}, b"")
        headers = {} if allow is None else {"Allow": allow}
        words = {404: ("not_found", "There is nothing here."), 405: ("method_not_allowed", "Not with this method.")}
        code, message = words.get(status, ("refused", "This request is refused."))
        return self.finished(request, self.refusal(RefusedError(status, code, message, headers)))

    def next_number(self) -> int:
        """A number that was not used before."""
        self._number += 1
        return self._number

    def user(self, request: Request) -> int:
        """Which of the keys the request carries (raises `RefusedError` with 401)."""
        header = self.key_header
        given = request.header(header) or ""
        if header == "Authorization":
            scheme, _, given = given.partition(" ")
            given = given.strip() if scheme.lower() == "bearer" else ""
        for number, key in enumerate(self.keys):
            if given and hmac.compare_digest(given.encode(), key.encode()):
                return number
        challenge = "Bearer" if header == "Authorization" else f'ApiKey header="{header}"'
        raise RefusedError(401, "unauthorized", "A valid key is needed.", {"WWW-Authenticate": challenge})

    def body(self, request: Request, rule: Rule, *, media: str = JSON) -> Any:  # noqa: ANN401 - a JSON value
        """The JSON body, if it keeps a rule (raises `RefusedError` with 415, 400 or the status of invalid requests)."""
        if (request.header("Content-Type") or "").partition(";")[0].strip().lower() != media:
            raise RefusedError(415, "unsupported_media_type", f"The body has to be {media}.")
        try:
            text = request.body[:_TOO_LARGE].decode("utf-8")
            value = json.loads(text, parse_constant=_refuse_constant)
            json.dumps(value, ensure_ascii=False).encode()  # half a character is none in UTF-8
        except (ValueError, RecursionError):
            raise RefusedError(400, "malformed", "The body is no JSON in UTF-8.") from None
        return self.checked(rule, value)

    def query(self, request: Request, **rules: tuple[Rule, Any]) -> dict[str, Any]:
        """The query's parameters, each by its rule, or its default; one that is given twice is refused."""
        read = {name: default for name, (_, default) in rules.items()}
        seen = set()
        for name, text in parse_qsl(request.query_string, keep_blank_values=True):
            if name not in rules:
                continue
            if name in seen:
                raise RefusedError(self.invalid_status, "invalid", f"{name} is given twice.")
            seen.add(name)
            read[name] = self.checked(rules[name][0], text, name)
        return read

    def checked(self, rule: Rule, value: object, place: str = "body") -> Any:  # noqa: ANN401 - a JSON value
        """The value, read by a rule (raises `RefusedError` with the status of invalid requests)."""
        try:
            return rule(value)
        except ValueError as error:
            raise RefusedError(self.invalid_status, "invalid", f"{place}: {error}") from None


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def numbered(text: str) -> int:
    """The id in a path as a number (raises `RefusedError` with 404: there is no thing with another id)."""
    if re.fullmatch(r"[1-9][0-9]{0,17}", text) is None:
        raise RefusedError(404, "not_found", "There is no such thing.")
    return int(text)
