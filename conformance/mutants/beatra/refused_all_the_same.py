"""Mutants that refuse a request and leave its task behind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.reference.beatra.errors import (
    UnsupportedModelError,
    UnsupportedOptionError,
)
from conformance.reference.beatra.handlers.music import FROM_REFERENCE_AUDIO, FROM_TEXT, MusicHandlers
from conformance.reference.beatra.services.catalogue import AUTO
from conformance.reference.beatra.services.creation import Order
from conformance.reference.parts.bodies import NotJsonError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse


class Leaves(MusicHandlers):
    """Makes the task of a request that it refuses, and gives the money back."""

    def leave(self, request: Request, body: Any, capability: str = FROM_TEXT.name) -> None:  # noqa: ANN401 - any JSON
        """Store a task with the request's metadata."""
        tenant_id = self._guard.identify(request).tenant_id
        metadata = body.get("metadata") if isinstance(body, dict) else None
        order = Order(tenant_id, capability, AUTO, {}, metadata or {}, None)
        creation = self._services.creator.create(order)
        self._services.wallet.refund(tenant_id, creation.task.charged)


class ResolvesModelsByPrefix(Leaves):
    """Finds the model by its beginning first, and by its name when the task is there."""

    async def from_text(self, request: Request) -> JSONResponse:
        """Leave a task for a model that is nearly a known one."""
        content = await request.body()
        try:
            return await super().from_text(request)
        except UnsupportedModelError:
            body = json.loads(content)
            if str(body.get("model")).startswith("suno-5.5"):
                self.leave(request, body)
            raise


class ChecksModelsOfCoversLate(Leaves):
    """Checks the model of a cover by the worker."""

    async def from_reference_audio(self, request: Request) -> JSONResponse:
        """Leave a task for a model that is unknown."""
        content = await request.body()
        try:
            return await super().from_reference_audio(request)
        except UnsupportedModelError:
            self.leave(request, json.loads(content), FROM_REFERENCE_AUDIO.name)
            raise


class ChecksNamespacesOneByOne(Leaves):
    """Works through namespaces in their order."""

    async def from_text(self, request: Request) -> JSONResponse:
        """Leave a task where a known namespace came before the unknown one."""
        content = await request.body()
        try:
            return await super().from_text(request)
        except UnsupportedOptionError:
            body = json.loads(content)
            if "suno" in body.get("model_options", {}) and "udio" in body["model_options"]:
                self.leave(request, body)
            raise


class Repairs(Leaves):
    """Reads a body with a parser that repairs what breaks off."""

    def read(self, content: str) -> Any:  # noqa: ANN401 - any JSON
        """The body as the parser understands it."""
        return json.loads(content + "}")

    async def from_text(self, request: Request) -> JSONResponse:
        """Leave what was understood, and let the strict parser refuse it."""
        content = (await request.body()).decode("utf-8", "replace")
        try:
            return await super().from_text(request)
        except NotJsonError:
            try:
                body = self.read(content)
            except (ValueError, RecursionError):
                body = None
            if isinstance(body, dict) and "metadata" in body and not _is_json(content):
                self.leave(request, body)
            raise


class StopsAtTheEnd(Repairs):
    """Reads a body as far as it is JSON."""

    def read(self, content: str) -> Any:  # noqa: ANN401 - any JSON
        """What stands before the rest."""
        return json.JSONDecoder().raw_decode(content)[0]


def _is_json(content: str) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True


def mutant(name: str, story: str, handlers: type[Leaves]) -> Mutant:
    """A mutant that leaves a task."""
    return Mutant(id=name, breaks="BEATRA-MONEY-23", story=story, front={"music": handlers})


MUTANTS = (
    mutant(
        "refused-model-by-prefix-leaves-task",
        "A model is found by its beginning, and refused by its name.",
        ResolvesModelsByPrefix,
    ),
    mutant(
        "refused-cover-leaves-task",
        "The model of a cover is checked when its task is stored.",
        ChecksModelsOfCoversLate,
    ),
    mutant(
        "refused-second-namespace-leaves-task",
        "Namespaces are checked one by one, and the first one is fine.",
        ChecksNamespacesOneByOne,
    ),
    mutant(
        "refused-cut-body-leaves-task", "A lenient parser in front repairs the body, a strict one refuses it.", Repairs
    ),
    mutant(
        "refused-long-body-leaves-task", "A parser that reads a stream stops at the end of the object.", StopsAtTheEnd
    ),
)
