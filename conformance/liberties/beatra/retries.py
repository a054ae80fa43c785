"""Liberties with Idempotency-Key: what a replay looks like, how long and for what a key counts."""

from __future__ import annotations

import asyncio
import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from conformance.liberties.base import Taken
from conformance.liberties.beatra.refusals import json_of
from conformance.mutants.beatra.key_lifetimes import forget_key_of
from conformance.reference.beatra.errors import ApiError, IdempotencyConflictError, InvalidRequestError
from conformance.reference.beatra.handlers.music import MusicHandlers
from conformance.reference.beatra.services.idempotency import WINDOW, Idempotency
from conformance.reference.beatra.services.lifecycle import Lifecycle
from conformance.reference.parts.clock import SECOND

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse

    from conformance.reference.beatra.handlers.music import Capability
    from conformance.reference.beatra.services.creation import Creation, Order
    from conformance.reference.beatra.services.idempotency import Attempt
    from conformance.reference.beatra.services.tasks import Task

_OK = 200
_WORK_SECONDS = 0.3


class InProgressError(ApiError):
    """A request with the same key is being carried out."""

    code = "idempotency_in_progress"
    status = 409
    retryable = True


class LazyKeys(Idempotency):
    """Sweeps keys away once in a while."""

    def is_over(self, created_at: int, now: int) -> bool:
        """Come an hour late."""
        return super().is_over(created_at, now) and now >= created_at + WINDOW + 3600 * SECOND


class RenewedKeys(Idempotency):
    """Counts the window from the last request with a key."""

    def recall(self, attempt: Attempt, now: int) -> str | None:
        """Begin anew."""
        known = super().recall(attempt, now)
        if known is not None:
            self.remember(attempt, known, now)
        return known


class OneKeySpace(Idempotency):
    """Has one space of keys for all operations of an account."""

    def scope(self, attempt: Attempt) -> str:
        """Not look at the operation."""
        del attempt
        return "any"


class FreesKeysOfFailures(Lifecycle):
    """Lets a client try again with its key."""

    def fail(self, task: Task, code: str, moment: int) -> None:
        """Make room for another try."""
        super().fail(task, code, moment)
        forget_key_of(self, task)


class OrderCounts(MusicHandlers):
    """Compares bodies as they were written."""

    def fingerprint(self, body: dict[str, Any]) -> str:
        """Look at the order of members."""
        return super().fingerprint({"written": json.dumps(body)})


class ReplaysAs200(MusicHandlers):
    """Answers 202 only where work begins."""

    def answer(self, request: Request, creation: Creation) -> JSONResponse:
        """Tell a replay from a beginning."""
        answer = super().answer(request, creation)
        answer.status_code = answer.status_code if creation.is_new else _OK
        return answer


class SaysReplayed(MusicHandlers):
    """Says in a header that an answer is a replay."""

    def answer(self, request: Request, creation: Creation) -> JSONResponse:
        """Add the header."""
        answer = super().answer(request, creation)
        if not creation.is_new:
            answer.headers["Idempotent-Replayed"] = "true"
        return answer


class ReplaysTheFirstAnswer(MusicHandlers):
    """Keeps the answer to a request and gives it again, word for word."""

    def answer(self, request: Request, creation: Creation) -> JSONResponse:
        """Give the first one."""
        return self._answers.setdefault(creation.task.task_id, super().answer(request, creation))

    @cached_property
    def _answers(self) -> dict[str, JSONResponse]:
        return {}


class OneAtATime(MusicHandlers):
    """Refuses a request while another one with its key is carried out."""

    async def place(self, request: Request, order: Order) -> Creation:
        """Say that it is in progress."""
        key = None if order.attempt is None else (order.tenant_id, order.attempt.key)
        if key is None:
            return await super().place(request, order)
        if key in self._under_way:
            raise InProgressError("A request with this key is in progress.", headers={"Retry-After": "1"})
        self._under_way.add(key)
        try:
            await asyncio.sleep(_WORK_SECONDS)
            return await super().place(request, order)
        finally:
            self._under_way.discard(key)

    @cached_property
    def _under_way(self) -> set[tuple[str, str]]:
        return set()


class RefusalsUseKeysUp(MusicHandlers):
    """Remembers the key of a request that it refused."""

    async def _create(self, request: Request, capability: Capability) -> JSONResponse:
        body = await json_of(request)
        caller = self._guard.identify(request)
        key = (caller.tenant_id, request.headers.get("idempotency-key"))
        written = json.dumps(body, sort_keys=True)
        if caller.permitted and key[1] and self._refused.get(key, written) != written:
            raise IdempotencyConflictError("The Idempotency-Key was already used with a different body.")
        try:
            return await super()._create(request, capability)
        except InvalidRequestError:
            self._refused[key] = written
            raise

    @cached_property
    def _refused(self) -> dict[tuple[str, str | None], str]:
        return {}


TAKEN = (
    Taken(id="lazy-keys", cast={"idempotency": LazyKeys}),
    Taken(id="renewed-windows", cast={"idempotency": RenewedKeys}),
    Taken(id="one-key-space", cast={"idempotency": OneKeySpace}),
    Taken(id="keys-of-failures-are-free", cast={"lifecycle": FreesKeysOfFailures}),
    Taken(id="order-of-members-counts", front={"music": OrderCounts}),
    Taken(id="replays-as-200", front={"music": ReplaysAs200}),
    Taken(id="replays-are-marked", front={"music": SaysReplayed}),
    Taken(id="replays-of-the-first-answer", front={"music": ReplaysTheFirstAnswer}),
    Taken(id="duplicates-in-progress-refused", front={"music": OneAtATime}),
    Taken(id="refusals-use-keys-up", front={"music": RefusalsUseKeysUp}),
)
