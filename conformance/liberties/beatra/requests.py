"""Liberties in what requests may be: models, fields, ids of requests, forms of keys and of task ids."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from conformance.liberties.base import Taken
from conformance.reference.beatra.errors import InvalidRequestError
from conformance.reference.beatra.handlers.failures import envelope
from conformance.reference.beatra.handlers.music import MusicHandlers
from conformance.reference.beatra.handlers.tasks import TaskHandlers
from conformance.reference.beatra.rules import MinimaxRules, SunoRules
from conformance.reference.beatra.services.catalogue import Catalogue
from conformance.reference.beatra.services.tasks import Tasks
from conformance.reference.beatra.validation import Complaint, refusal
from conformance.reference.parts.request_id import HEADER, RequestIds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from conformance.reference.beatra.handlers.music import Capability
    from conformance.reference.beatra.rules import ModelRules
    from conformance.reference.beatra.services.catalogue import Model
    from conformance.reference.beatra.services.creation import Creation, Order
    from conformance.reference.beatra.services.tasks import Task
    from conformance.reference.parts.bodies import Json

_TASK_ID = re.compile("tsk_[0-9a-f]{26}")
_LONGEST_KEY = 64
_FIELDS = frozenset(
    {
        "model",
        "prompt",
        "lyrics",
        "instrumental",
        "title",
        "metadata",
        "model_options",
        "reference_audio",
        "callback_url",
        "callback_signing_key_id",
    }
)


class TypedIds(TaskHandlers):
    """Has a type for the id in the path: what has another form is invalid."""

    def find(self, tenant_id: str, task_id: str) -> Task:
        """Look at the form first."""
        if not _TASK_ID.fullmatch(task_id):
            raise InvalidRequestError("The path names no task id.", details={"errors": []})
        return super().find(tenant_id, task_id)


class UniqueIds(Tasks):
    """Takes UUIDs for ids."""

    def new_id(self) -> str:
        """A UUID."""
        return str(uuid4())


class NumberedTasks(Tasks):
    """Numbers tasks."""

    def new_id(self) -> str:
        """The digits of a number."""
        return str(uuid4().int % 10**15)


class KnowsItsFields(MusicHandlers):
    """Refuses members of a body that it does not know."""

    def check(self, capability: Capability, body: Json) -> None:
        """Refuse a body that has others."""
        super().check(capability, body)
        unknown = [name for name in body if name not in _FIELDS]
        if unknown:
            raise refusal([Complaint(f"/{name}", "is not known") for name in unknown])


class WantsKeys(MusicHandlers):
    """Makes nothing without an Idempotency-Key."""

    async def place(self, request: Request, order: Order) -> Creation:
        """Refuse an order without one."""
        if order.attempt is None:
            raise InvalidRequestError("An Idempotency-Key is required.", details={"errors": []})
        return await super().place(request, order)


class WantsShortKeys(MusicHandlers):
    """Keeps keys in a narrow column."""

    async def place(self, request: Request, order: Order) -> Creation:
        """Refuse an order with a long one."""
        if order.attempt is not None and len(order.attempt.key) > _LONGEST_KEY:
            raise InvalidRequestError("An Idempotency-Key has at most 64 characters.", details={"errors": []})
        return await super().place(request, order)


class AnySuno(SunoRules):
    """Takes what the documents of this route allow."""

    def song_complaints(self, body: dict[str, Any]) -> Iterator[Complaint]:
        """See nothing wrong."""
        del body
        yield from ()


class AnyMinimax(MinimaxRules):
    """Takes what the documents of this route allow."""

    def song_complaints(self, body: dict[str, Any]) -> Iterator[Complaint]:
        """See nothing wrong."""
        del body
        yield from ()

    def cover_complaints(self, body: dict[str, Any]) -> Iterator[Complaint]:
        """See nothing wrong."""
        return self.song_complaints(body)


class HasNoLimits(MusicHandlers):
    """Has no rules of single models."""

    rules: Mapping[str, ModelRules] = MappingProxyType({"suno-5.5": AnySuno(), "minimax-music-2.6": AnyMinimax()})


class WithoutMinimax(Catalogue):
    """Is that of an account with one model."""

    models = Catalogue.models[:1]


class WithoutSuno(Catalogue):
    """Is that of an account with the other model."""

    models = Catalogue.models[1:]


class ChoosesMinimax(Catalogue):
    """Prefers the cheaper model."""

    def choose(self) -> Model:
        """Take the last one."""
        return self.models[-1]


class ChoosesByTurns(Catalogue):
    """Spreads requests over the models."""

    def __init__(self) -> None:
        self._asked = 0

    def choose(self) -> Model:
        """Take the next one."""
        self._asked += 1
        return self.models[self._asked // 2 % len(self.models)]


class UniqueRequestIds(RequestIds):
    """Takes UUIDs for ids of requests that have none."""

    def choose(self, offered: str | None) -> str:
        """Make a UUID in place of its own."""
        chosen = super().choose(offered)
        return chosen if chosen == offered else str(uuid4())


class NarrowRequestIds(RequestIds):
    """Takes over only short ids of few characters."""

    well_formed = re.compile(r"[A-Za-z0-9_-]{1,64}")


class StrictRequestIds(NarrowRequestIds):
    """Refuses others."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer before anything else is done."""
        given = dict(scope.get("headers", ())).get(HEADER.lower().encode())
        if given is None or self.well_formed.fullmatch(given.decode("latin-1")):
            await super().__call__(scope, receive, send)
            return
        problem = InvalidRequestError("An X-Request-Id has 1 to 64 letters, digits, - or _.", details={"errors": []})
        made = self.choose(None)
        answer = envelope(problem, made)
        answer.headers[HEADER] = made
        await answer(scope, receive, send)


def _of_any_type(app: ASGIApp) -> ASGIApp:
    """Read whatever comes as JSON where JSON is expected."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "/music/" in scope["path"]:
            headers = [(name, value) for name, value in scope["headers"] if name != b"content-type"]
            scope = {**scope, "headers": [*headers, (b"content-type", b"application/json")]}
        await app(scope, receive, send)

    return answer


TAKEN = (
    Taken(id="typed-ids", front={"tasks": TypedIds}),
    Taken(id="task-ids-are-uuids", cast={"tasks": UniqueIds}),
    Taken(id="task-ids-are-digits", cast={"tasks": NumberedTasks}),
    Taken(id="unknown-fields-refused", front={"music": KnowsItsFields}),
    Taken(id="key-required", front={"music": WantsKeys}),
    Taken(id="short-keys-only", front={"music": WantsShortKeys}),
    Taken(id="no-limits-of-models", front={"music": HasNoLimits}),
    Taken(id="no-minimax", cast={"catalogue": WithoutMinimax}),
    Taken(id="no-suno", cast={"catalogue": WithoutSuno}),
    Taken(id="auto-is-minimax", cast={"catalogue": ChoosesMinimax}),
    Taken(id="auto-by-turns", cast={"catalogue": ChoosesByTurns}),
    Taken(id="request-ids-are-uuids", front={"request_ids": UniqueRequestIds}),
    Taken(id="narrow-request-ids", front={"request_ids": NarrowRequestIds}),
    Taken(id="odd-request-ids-refused", front={"request_ids": StrictRequestIds}),
    Taken(id="any-content-type", wrap=_of_any_type),
)
