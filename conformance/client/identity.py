"""What tells requests from others: the cause, ids and keys of each, what is sent at once, the run tag in tasks."""

from __future__ import annotations

import itertools
import json
import uuid
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.client.request import encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.client.request import PreparedRequest
    from conformance.contract.conventions import Tasks


# The scenario or test that is on when a request is sent; the journal names it as the cause.
CAUSE: ContextVar[str | None] = ContextVar("cause", default=None)
# The key of the metadata under which the run tag stands.
RUN_TAG: Final = "conformance_run"


@dataclass(frozen=True, slots=True, eq=False)
class ConcurrentBatch:
    """Requests that are made at the same time on purpose; batches are compared by identity."""

    size: int


CONCURRENT_BATCH: Final[ContextVar[ConcurrentBatch | None]] = ContextVar("concurrent_batch", default=None)


@contextmanager
def sent_together(size: int) -> Iterator[None]:
    """Send what is begun in this context, `size` requests, at the same time."""
    before = CONCURRENT_BATCH.set(ConcurrentBatch(size))
    try:
        yield
    finally:
        CONCURRENT_BATCH.reset(before)


class Identity:
    """
    Fresh ids of one worker of one run. Every id names the run, so leftovers at a target can be traced to it.

    Idempotency keys are counted by their cause, so that a scenario gets the same ones whatever runs beside it: its
    recording can be judged again.
    """

    def __init__(self, run_id: str, worker: str) -> None:
        self.run_id = run_id
        self.worker = worker
        self._namespace = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:conformance:{run_id}:{worker}")
        self._counter = itertools.count(1)
        self._keys: dict[str | None, Iterator[int]] = {}

    def request_id(self) -> str:
        """A correlation id of letters, digits and dashes, shorter than 64 characters."""
        return f"{self.run_id}-{self.worker}-{next(self._counter)}"

    def idempotency_key(self) -> str:
        """A key in the form that the documents' examples show: a UUID."""
        cause = CAUSE.get()
        number = next(self._keys.setdefault(cause, itertools.count(1)))
        return str(uuid.uuid5(self._namespace, f"{number}:{cause or ''}"))


def tagged(body: object, operation: str | None, tasks: Tasks | None, run_tag: str | None) -> object:
    """The body of a request for a task with the tag, unless it has one already or its metadata is no object."""
    if run_tag is None or tasks is None or tasks.marks is None or operation not in tasks.create:
        return body
    name = tasks.marks.strip("/")
    if not isinstance(body, dict) or not isinstance(body.get(name, {}), dict) or RUN_TAG in body.get(name, {}):
        return body
    return {**body, name: {**body.get(name, {}), RUN_TAG: run_tag}}


def with_run_tag(prepared: PreparedRequest, tasks: Tasks | None, run_tag: str | None) -> PreparedRequest:
    """
    A request that was prepared elsewhere, with the run tag.

    A request that is drawn to be invalid stays as it is, and so does a body that is not written as `encode` writes it.
    """
    if run_tag is None or tasks is None or prepared.operation not in tasks.create:
        return prepared
    if prepared.generated == "invalid" or isinstance(prepared.content, Path):
        return prepared
    try:
        body = json.loads(prepared.content)
    except (ValueError, RecursionError):
        return prepared
    changed = tagged(body, prepared.operation, tasks, run_tag)
    if changed is body or (prepared.generated is None and encode(body, None)[0] != prepared.content):
        return prepared
    return replace(prepared, content=encode(changed, None)[0])
