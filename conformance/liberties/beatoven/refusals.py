"""Liberties in what is refused, and how: no document shows a refusal."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.liberties.base import Taken
from conformance.mutants.rewriting import rewriter_of
from conformance.reference.beatoven.errors import ApiError, BadRequestError, NotFoundError, UnauthorizedError
from conformance.reference.beatoven.handlers.guard import Guard
from conformance.reference.beatoven.handlers.tasks import TaskHandlers
from conformance.reference.beatoven.handlers.tracks import TrackHandlers

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.types import ASGIApp, Scope

    from conformance.mutants.rewriting import Answer
    from conformance.reference.beatoven.accounts import Account
    from conformance.reference.beatoven.records import Task

_LONGEST_TEXT = 1000
_FIELDS = {"prompt", "format", "looping"}
_ERRORS = 400


class UnprocessableError(ApiError):
    """The body is not what the operation takes."""

    status = 422


class ForbiddenError(ApiError):
    """The request carries no usable token, or asks for what is another account's."""

    status = 403


class GoneError(ApiError):
    """What was there is there no more."""

    status = 410


class Unprocessable(TrackHandlers):
    """Answers an invalid body 422."""

    async def compose(self, request: Request) -> JSONResponse:
        """Call it by the other status."""
        try:
            return await super().compose(request)
        except BadRequestError as problem:
            raise UnprocessableError(str(problem)) from problem


class ForbidsStrangers(Guard):
    """Answers a request without a usable token 403."""

    def admit(self, request: Request) -> Account:
        """Call it by the other status."""
        try:
            return super().admit(request)
        except UnauthorizedError as problem:
            raise ForbiddenError(str(problem)) from problem


class Inspecting(TrackHandlers):
    """Looks at a body before it is composed."""

    async def compose(self, request: Request) -> JSONResponse:
        """Refuse what `complaint` has a sentence for."""
        self._guard.admit(request)
        try:
            body = json.loads(await request.body())
        except ValueError:
            body = None
        complaint = self.complaint(body) if isinstance(body, dict) else None
        if complaint is not None:
            raise BadRequestError(complaint)
        return await super().compose(request)

    def complaint(self, body: dict[str, Any]) -> str | None:
        """What is wrong with a body."""
        raise NotImplementedError


class NoOtherFields(Inspecting):
    """Refuses fields that no document names."""

    def complaint(self, body: dict[str, Any]) -> str | None:
        """Name one."""
        other = sorted(set(body) - _FIELDS)
        return f"There is no field {other[0]}." if other else None


class BoundedTexts(Inspecting):
    """Refuses long texts."""

    def complaint(self, body: dict[str, Any]) -> str | None:
        """Count letters."""
        prompt = body.get("prompt")
        text = prompt.get("text") if isinstance(prompt, dict) else None
        return "The text is too long." if isinstance(text, str) and len(text) > _LONGEST_TEXT else None


class ForbidsForeignTasks(TaskHandlers):
    """Answers another account's task 403."""

    known: dict[str, Account] = {}  # noqa: RUF012 - an application is one instance in a process of its own

    def find(self, account: Account, task_id: str) -> Task:
        """Tell a task of others from one that does not exist."""
        try:
            task = super().find(account, task_id)
        except NotFoundError as problem:
            if task_id in self.known:
                raise ForbiddenError("This task is another account's.") from problem
            raise
        self.known[task_id] = account
        return task


class OlderPairGone(TrackHandlers):
    """Serves the older pair no more."""

    async def create(self, request: Request) -> JSONResponse:
        """Say so."""
        self._guard.admit(request)
        raise GoneError("Use POST /api/v1/tracks/compose.")

    async def compose_created(self, request: Request) -> JSONResponse:
        """Say so."""
        self._guard.admit(request)
        raise GoneError("Use POST /api/v1/tracks/compose.")


class OlderPairUnknown(TrackHandlers):
    """Knows the older pair no more."""

    async def create(self, request: Request) -> JSONResponse:
        """Find nothing there."""
        del request
        raise NotFoundError("Not Found")

    async def compose_created(self, request: Request) -> JSONResponse:
        """Find nothing there."""
        del request
        raise NotFoundError("Not Found")


def _in_refusals(written: Callable[[Answer], bytes]) -> Callable[[ASGIApp], ASGIApp]:
    def changed(_scope: Scope, answer: Answer) -> Answer:
        return answer if answer.status < _ERRORS else replace(answer, body=written(answer))

    return rewriter_of("beatoven").everywhere(changed)


def _nested(answer: Answer) -> bytes:
    told = json.loads(answer.body)["error"]
    return json.dumps({"detail": [{"msg": told, "type": "value_error"}]}).encode()


TAKEN = (
    Taken(id="refusals-as-422", front={"tracks": Unprocessable}),
    Taken(id="strangers-as-403", front={"guard": ForbidsStrangers}),
    Taken(id="unknown-fields-refused", front={"tracks": NoOtherFields}),
    Taken(id="long-texts-refused", front={"tracks": BoundedTexts}),
    Taken(id="foreign-tasks-as-403", front={"tasks": ForbidsForeignTasks}),
    Taken(id="older-pair-gone", front={"tracks": OlderPairGone}),
    Taken(id="older-pair-unknown", front={"tracks": OlderPairUnknown}),
    Taken(id="details-of-refusals", wrap=_in_refusals(_nested)),
    Taken(id="refusals-without-body", wrap=_in_refusals(lambda _: b"")),
)
