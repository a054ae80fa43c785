"""What a lie is made of: an answer that can be altered, and the places of its JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

Change = Callable[[str, Any], Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """
    An answer of the API before it goes over the wire.

    `number` counts the answers since the first list of tasks, `missing` the bytes that its length promises in vain.
    """

    number: int
    method: str
    path: str
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    missing: int = 0

    def saying(self, body: bytes) -> Answer:
        return replace(self, body=body)

    def with_status(self, status: int) -> Answer:
        return replace(self, status=status)

    def with_header(self, name: bytes, *values: bytes) -> Answer:
        """The same with these values of a header and no others."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name)
        return replace(self, headers=(*kept, *((name, value) for value in values)))


Lie = Callable[[Answer], Answer]


def in_json(change: Callable[[Any], Any]) -> Lie:
    """A lie about the JSON of an answer."""

    def tell(answer: Answer) -> Answer:
        if answer.body[:1] not in (b"{", b"["):
            return answer
        return answer.saying(json.dumps(change(json.loads(answer.body))).encode())

    return tell


def everywhere(change: Change) -> Lie:
    """A lie about each value of an answer, by the name of the member that it belongs to, the innermost first."""

    def changed(value: Any, name: str = "") -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, dict):
            value = {inner: changed(member, inner) for inner, member in value.items()}
        elif isinstance(value, list):
            value = [changed(member, name) for member in value]
        return change(name, value)

    return in_json(changed)


def in_tasks(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Lie:
    """A lie about each task that an answer shows."""
    return everywhere(lambda _, value: change(value) if isinstance(value, dict) and "task_id" in value else value)


def in_pages(change: Callable[[Answer, dict[str, Any]], dict[str, Any]]) -> Lie:
    """A lie about each page of tasks."""

    def tell(answer: Answer) -> Answer:
        if b'"has_more"' not in answer.body:
            return answer
        return in_json(lambda page: {**page, **change(answer, page)})(answer)

    return tell


def in_errors(change: Callable[[dict[str, Any]], object]) -> Lie:
    """A lie about the error of each refusal."""

    def changed(value: Any) -> Any:  # noqa: ANN401 - any JSON value
        return {"error": change(value["error"])} if "error" in value and "task_id" not in value else value

    return in_json(changed)
