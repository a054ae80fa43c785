"""Ids that no run repeats: request ids and idempotency keys; all follow from the run's id and a counter."""

from __future__ import annotations

import itertools
import uuid
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# The scenario or test that is on when a request is sent; the journal names it as the cause.
CAUSE: ContextVar[str | None] = ContextVar("cause", default=None)


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
