"""Applications that a run is tried on: with one account for all, without operations, where things happen in between."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from conformance.reference.beatra.app import create_app
from conformance.reference.beatra.handlers import control
from conformance.reference.beatra.services.lifecycle import Lifecycle
from conformance.reference.beatra.settings import ReferenceSettings
from tests.liberties.applications import reference

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from conformance.reference.beatra.services.tasks import Task


_NOT_FOUND = {"error": {"code": "not_found", "message": "There is no such path.", "retryable": False}}
_REFUSED = 400
_OVER = {"error": {"code": "task_not_cancelable", "message": "The task has ended.", "retryable": False}}


def one_for_all() -> ASGIApp:
    """A control interface whose state is that of the whole target, so that it opens no accounts for scenarios."""
    return create_app(replace(ReferenceSettings.from_environment(), scope="target"))


def nothing() -> ASGIApp:
    """An application without any route, whose errors have the documented form."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _not_found(scope)(scope, receive, send)

    return answer


def without_covers() -> ASGIApp:
    """The reference without the operation that makes music from reference audio."""
    return _without("/v1/music/reference-audio-to-music")


def without_uploads() -> ASGIApp:
    """The reference without uploads, for a target that does not offer the surface."""
    return _without("/v1/uploads")


def _without(path: str) -> ASGIApp:
    def wrap(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["path"] == path:
                await _not_found(scope)(scope, receive, send)
            else:
                await app(scope, receive, send)

        return answer

    return reference(wrap=wrap)


def _not_found(scope: Scope) -> ASGIApp:
    sent = dict(scope["headers"]).get(b"x-request-id", b"req_1").decode("latin-1")
    return JSONResponse(json.loads(json.dumps(_NOT_FOUND)), 404, {"X-Request-Id": sent})


class PaysBackWhenAsked(Lifecycle):
    """Leaves refunds until it is asked to pay them back."""

    due: list[tuple[PaysBackWhenAsked, Task]] = []  # noqa: RUF012 - one list for the one instance of a process

    def refund(self, task: Task) -> None:
        """Put it on the list."""
        self.due.append((self, task))

    def pay_back(self, task: Task) -> None:
        """Take it from the list."""
        with self.database.transaction():
            super().refund(task)


def refunds_between_reads() -> ASGIApp:
    """Refunds are booked just before the first list that shows bills, when all tasks have been read."""
    PaysBackWhenAsked.due = []

    def wrap(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and b"expand=billing" in scope["query_string"]:
                while PaysBackWhenAsked.due:
                    lifecycle, task = PaysBackWhenAsked.due.pop()
                    lifecycle.pay_back(task)
            await app(scope, receive, send)

        return answer

    return reference(cast={"lifecycle": PaysBackWhenAsked}, wrap=wrap)


def confirms_no_cancellation_without_a_reason() -> ASGIApp:
    """
    A cancellation without a reason, and one that repeats it, gets 409, as for a task that has ended by itself.

    That is all that a client sees of a task that ends just before it is cancelled. Tasks can't be held.
    """
    control.OFFERS = tuple(name for name in control.OFFERS if name != "tasks/hold")
    without_reason: set[str] = set()

    def wrap(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            sent = dict(scope.get("headers", ()))
            is_cancel = scope["type"] == "http" and scope["path"].endswith("/cancel")
            if is_cancel and sent.get(b"content-length", b"0") == b"0":
                without_reason.add(scope["path"])
            if not is_cancel or scope["path"] not in without_reason:
                await app(scope, receive, send)
                return
            answered: list[Message] = []

            async def keep(message: Message) -> None:
                answered.append(message)

            await app(scope, receive, keep)
            if answered[0]["status"] < _REFUSED:
                headers = {"X-Request-Id": sent.get(b"x-request-id", b"req_1").decode("latin-1")}
                await JSONResponse(_OVER, 409, headers)(scope, receive, send)
                return
            for message in answered:
                await send(message)

        return answer

    return reference(wrap=wrap)
