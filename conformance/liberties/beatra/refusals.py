"""Liberties in how something is refused: with which status and code, in which form, and in which order."""

from __future__ import annotations

from asyncio import get_running_loop
from contextlib import suppress
from dataclasses import replace
from email.utils import formatdate
from time import time
from typing import TYPE_CHECKING, Any

from conformance.liberties.base import Taken
from conformance.liberties.beatra.answers import in_errors, renamed_code, rewriting
from conformance.mutants.rewriting import as_body
from conformance.reference.beatra.errors import (
    ApiError,
    ForbiddenError,
    InsufficientBalanceError,
    InvalidApiKeyError,
    InvalidRequestError,
    NotFoundError,
    UnauthorizedError,
    UnsupportedModelError,
    UnsupportedOptionError,
)
from conformance.reference.beatra.handlers.failures import Failures
from conformance.reference.beatra.handlers.guard import Guard
from conformance.reference.beatra.handlers.music import MusicHandlers
from conformance.reference.beatra.handlers.reading import attempt_of
from conformance.reference.beatra.handlers.tasks import TaskHandlers
from conformance.reference.beatra.validation import check
from conformance.reference.parts.bodies import NotJsonError, parse_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.types import ASGIApp, Scope

    from conformance.mutants.rewriting import Answer
    from conformance.reference.beatra.handlers.music import Capability
    from conformance.reference.beatra.services.accounts import Caller
    from conformance.reference.beatra.services.creation import Creation, Order
    from conformance.reference.beatra.services.tasks import Task
    from conformance.reference.parts.bodies import Json

_CHINESE = "请求无法处理。"


class BadRequestError(InvalidRequestError):
    """What is no JSON at all is a bad request."""

    status = 400


class RegionMismatchError(ApiError):
    """The key is of another region, as far as its form tells."""

    code = "api_key_region_mismatch"
    status = 400


class CallsUnreadableBad(Failures):
    """Answers 400 where a body can't be read, and 422 where it can."""

    async def unreadable(self, request: Request, problem: Exception) -> JSONResponse:
        """Say that it can't be read."""
        return await self.refused(request, BadRequestError(str(problem), details={"errors": []}))


class KnowsNoMethods(Failures):
    """Looks up paths and methods in one table."""

    async def not_routed(self, request: Request, problem: Exception) -> JSONResponse:
        """Find nothing under another method."""
        del problem
        return await self.refused(request, NotFoundError("There is no such endpoint."))


class ForbidsStrangers(TaskHandlers):
    """Says of a task of others that it is theirs."""

    def find(self, tenant_id: str, task_id: str) -> Task:
        """Tell what is there from what is not."""
        try:
            return super().find(tenant_id, task_id)
        except NotFoundError as problem:
            row = self._services.lifecycle.database.row("SELECT 1 FROM tasks WHERE task_id = ?", (task_id,))
            if row is not None:
                raise ForbiddenError("The task belongs to another account.") from problem
            raise


class ForbidsArtifacts(MusicHandlers):
    """Says of an artifact of others that it is theirs."""

    def check_artifact(self, tenant_id: str, artifact_id: str) -> None:
        """Tell what is there from what is not."""
        found = self._services.artifacts.find(artifact_id)
        if found is not None and found.tenant_id != tenant_id:
            raise ForbiddenError("The artifact belongs to another account.")
        super().check_artifact(tenant_id, artifact_id)


class FindsNoArtifact(MusicHandlers):
    """Looks an artifact up as any other resource."""

    def check_artifact(self, tenant_id: str, artifact_id: str) -> None:
        """Not find it."""
        if self._services.artifacts.owned(tenant_id, artifact_id) is None:
            raise NotFoundError("There is no such artifact.")
        super().check_artifact(tenant_id, artifact_id)


class LooksUpLater(MusicHandlers):
    """Leaves it to the job that makes the music whether a reference is there."""

    def check_artifact(self, tenant_id: str, artifact_id: str) -> None:
        """Take every id."""

    def begin_rehosting(self, creation: Creation, reference: dict[str, Any]) -> None:
        """Let the task fail when its audio is looked for."""
        super().begin_rehosting(creation, reference)
        task, artifacts = creation.task, self._services.artifacts
        if self.url_of(reference) is None and artifacts.owned(task.tenant_id, reference["artifact_id"]) is None:
            get_running_loop().call_soon(self._services.rehosting.failed, task)


class CallsMalformedInvalid(Guard):
    """Takes everything in the header for a key."""

    def identify(self, request: Request) -> Caller:
        """Not know a key of any form."""
        try:
            return super().identify(request)
        except UnauthorizedError as problem:
            if "authorization" not in request.headers:
                raise
            raise InvalidApiKeyError("The API key is not known.", headers=problem.headers) from problem


class HasRegions(Guard):
    """Reads the region out of a key before it looks the key up."""

    def identify(self, request: Request) -> Caller:
        """Not know the region of a key that is not of ours."""
        try:
            return super().identify(request)
        except InvalidApiKeyError as problem:
            raise RegionMismatchError("The key is for another region than this host.") from problem


class AsksPermissionLater(Guard):
    """Leaves it to those who make music whether a key may do so."""

    def admit(self, request: Request) -> str:
        """Admit every key to music."""
        if "/music/" not in request.scope["path"]:
            return super().admit(request)
        caller = self.identify(request)
        self.check_rate(caller)
        self._services.lifecycle.settle(caller.tenant_id)
        return caller.tenant_id


class AsksPermissionLast(MusicHandlers):
    """Looks at a body before it looks at what the key may do."""

    async def place(self, request: Request, order: Order) -> Creation:
        """Ask for permission."""
        self._guard.check_permission(self._guard.identify(request))
        return await super().place(request, order)


class ReadsFirst(MusicHandlers):
    """Looks at a body before it looks at the key, as a framework does that validates by itself."""

    async def _create(self, request: Request, capability: Capability) -> JSONResponse:
        body = await json_of(request)
        if body is not None:
            check(capability.shape, body)
        return await super()._create(request, capability)


class CountsFirst(MusicHandlers):
    """Looks into the wallet before it says what is wrong with a body."""

    async def _create(self, request: Request, capability: Capability) -> JSONResponse:
        try:
            return await super()._create(request, capability)
        except (InvalidRequestError, UnsupportedModelError, UnsupportedOptionError) as problem:
            tenant_id = self._guard.identify(request).tenant_id
            cheapest = min(model.price for model in self._services.catalogue.models)
            if self._services.wallet.balance(tenant_id) < cheapest:
                raise InsufficientBalanceError("The balance is too low to create anything.") from problem
            raise


class LooksUpNamesFirst(MusicHandlers):
    """Looks up model and option namespaces before it looks at the form of a body."""

    def check(self, capability: Capability, body: Json) -> None:
        """Refuse names that do not exist first."""
        if isinstance(body, dict) and isinstance(body.get("model"), str):
            self.check_model(body)
        if isinstance(body, dict) and isinstance(body.get("model_options"), dict):
            self.check_options(body)
        super().check(capability, body)


class ComparesFirst(MusicHandlers):
    """Looks a key up before it looks at what is wrong with a body."""

    async def _create(self, request: Request, capability: Capability) -> JSONResponse:
        body = await json_of(request)
        caller = self._guard.identify(request)
        if isinstance(body, dict) and caller.permitted:
            attempt = attempt_of(request, caller.tenant_id, self.fingerprint(body))
            creator = self._services.creator
            if attempt is not None:
                creator.idempotency.recall(attempt, creator.clock.now(caller.tenant_id))
        return await super()._create(request, capability)


class LooksForTheTaskFirst(TaskHandlers):
    """Looks a task up before it reads why it is to be cancelled."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Not find it."""
        caller = self._guard.identify(request)
        if caller.permitted:
            self.find(caller.tenant_id, request.path_params["task_id"])
        return await super().cancel(request)


async def json_of(request: Request) -> Json:
    """The body, which can be read again; None where it is no JSON."""
    with suppress(NotJsonError):
        return parse_json(await request.body())
    return None


def _beside(answer: Answer, error: dict[str, Any]) -> Answer | None:
    if "details" not in error:
        return None
    details = error.pop("details")
    return replace(answer, body=as_body({"error": error, "details": details}))


def _listed(_answer: Answer, error: dict[str, Any]) -> Answer | None:
    if "errors" in error.get("details", {}):
        error["details"] = error["details"]["errors"]
    return None


def _unpointed(_answer: Answer, error: dict[str, Any]) -> Answer | None:
    error.pop("param", None)
    return None


def _in_chinese(_answer: Answer, error: dict[str, Any]) -> Answer | None:
    error["message"] = _CHINESE
    return None


def _both(one: Callable[[ASGIApp], ASGIApp], other: Callable[[ASGIApp], ASGIApp]) -> Callable[[ASGIApp], ASGIApp]:
    return lambda app: other(one(app))


def _without_time(_scope: Scope, answer: Answer) -> Answer:
    headers = {name: value for name, value in answer.headers.items() if name != "retry-after"}
    return replace(answer, headers=headers)


def _with_a_date(_scope: Scope, answer: Answer) -> Answer:
    seconds = answer.headers.get("retry-after", "")
    if not seconds.isdigit():
        return answer
    return answer.with_header("retry-after", formatdate(time() + 1 + int(seconds), usegmt=True))


TAKEN = (
    Taken(
        id="validation-as-400",
        wrap=_both(renamed_code("invalid_request", status=400), renamed_code("unsupported_option", status=400)),
    ),
    Taken(id="options-as-400", wrap=renamed_code("unsupported_option", status=400)),
    Taken(id="unreadable-as-400", front={"failures": CallsUnreadableBad}),
    Taken(id="media-type-as-400", wrap=renamed_code("unsupported_media_type", new="invalid_content_type", status=400)),
    Taken(id="too-large-as-400", wrap=renamed_code("payload_too_large", new="upload_too_large", status=400)),
    Taken(id="methods-as-404", front={"failures": KnowsNoMethods}),
    Taken(id="details-beside-error", wrap=in_errors(_beside)),
    Taken(id="details-as-list", wrap=in_errors(_listed)),
    Taken(id="no-param", wrap=in_errors(_unpointed)),
    Taken(id="messages-in-chinese", wrap=in_errors(_in_chinese)),
    Taken(id="other-name-of-not-found", wrap=renamed_code("not_found", new="resource_missing")),
    Taken(id="other-name-of-conflict", wrap=renamed_code("idempotency_conflict", new="idempotency_key_reused")),
    Taken(id="foreign-tasks-as-403", front={"tasks": ForbidsStrangers}),
    Taken(id="foreign-artifacts-as-403", front={"music": ForbidsArtifacts}),
    Taken(id="unknown-artifacts-as-404", front={"music": FindsNoArtifact}),
    Taken(id="references-looked-up-later", front={"music": LooksUpLater}),
    Taken(id="malformed-keys-as-invalid", front={"guard": CallsMalformedInvalid}),
    Taken(id="unknown-keys-of-another-region", front={"guard": HasRegions}),
    Taken(id="body-before-permission", front={"guard": AsksPermissionLater, "music": AsksPermissionLast}),
    Taken(id="body-before-key", front={"music": ReadsFirst}),
    Taken(id="balance-before-body", front={"music": CountsFirst}),
    Taken(id="names-before-form", front={"music": LooksUpNamesFirst}),
    Taken(id="conflict-before-body", front={"music": ComparesFirst}),
    Taken(id="task-before-reason", front={"tasks": LooksForTheTaskFirst}),
    Taken(id="no-retry-after", wrap=rewriting(_without_time)),
    Taken(id="retry-after-as-date", wrap=rewriting(_with_a_date)),
)
