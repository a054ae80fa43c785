"""Altering the answers of an application from outside, as a proxy or a middleware would."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jsonpointer import resolve_pointer
from starlette.responses import Response

from conformance.contract.contract import load_contract
from conformance.target.launch import embedded_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from conformance.contract.conventions import Embedded

_ERRORS = 400


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the API, with the names of its headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def with_header(self, name: str, value: str) -> Answer:
        """The same with a header set."""
        return replace(self, headers={**self.headers, name: value})


@dataclass(frozen=True, slots=True)
class AnswerRewriter:
    """Alters what the API of one system answers, with `error_object` pointing to what is wrong."""

    embedded: Embedded
    error_object: str

    @property
    def base_path(self) -> str:
        """Below which the API is served."""
        return self.embedded.base_path

    def everywhere(self, change: Callable[[Scope, Answer], Answer]) -> Callable[[ASGIApp], ASGIApp]:
        """Wrap an application so that every answer of its API is changed before it is sent."""

        def wrap(app: ASGIApp) -> ASGIApp:
            async def rewritten(scope: Scope, receive: Receive, send: Send) -> None:
                if scope["type"] != "http" or not is_of_the_api(self.embedded, scope["path"]):
                    await app(scope, receive, send)
                    return
                messages: list[Message] = []

                async def keep(message: Message) -> None:
                    messages.append(message)

                await app(scope, receive, keep)
                changed = change(scope, _answer(messages))
                response = Response(changed.body, changed.status)
                kept = {name: value for name, value in changed.headers.items() if name != "content-length"}
                response.raw_headers[:] = [(name.encode(), value.encode("latin-1")) for name, value in kept.items()]
                response.headers["content-length"] = str(len(changed.body))
                await response(scope, receive, send)

            return rewritten

        return wrap

    def in_errors(self, change: Callable[[Answer, dict[str, Any]], Answer | None]) -> Callable[[ASGIApp], ASGIApp]:
        """Wrap an application so that `change` may alter the error object in place, or give another answer."""

        def changed(_scope: Scope, answer: Answer) -> Answer:
            if answer.status < _ERRORS:
                return answer
            content = json.loads(answer.body)
            other = change(answer, resolve_pointer(content, self.error_object))
            return replace(answer, body=as_body(content)) if other is None else other

        return self.everywhere(changed)


def is_of_the_api(embedded: Embedded, path: str) -> bool:
    """Whether a path is one of the API that an embedded implementation serves, and not one of its control interface."""
    # An API that begins at the root has the control interface below it.
    controls = f"{path}/".startswith(f"{embedded.control_path}/")
    return path.startswith(f"{embedded.base_path.rstrip('/')}/") and not controls


def as_body(content: object) -> bytes:
    """JSON as the reference writes it, so that nothing changes but what is changed."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def rewriter_of(system: str) -> AnswerRewriter:
    """
    The rewriter for the embedded implementation of a system, by its conventions.

    Raises:
        NoEmbeddedTargetError: the system comes without one.
    """
    conventions = load_contract(system).conventions
    error_object = conventions.errors.object if conventions.errors else ""
    return AnswerRewriter(embedded_of(conventions), error_object)


def _answer(messages: list[Message]) -> Answer:
    start = messages[0]
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], headers, b"".join(message.get("body", b"") for message in messages[1:]))
