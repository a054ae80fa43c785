"""Applications that take liberties with statuses, pages, members, uploads, keys and what models take."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.mutants.beatra.answers import in_errors, rewriting
from conformance.mutants.beatra.key_lifetimes import forget_key_of
from conformance.mutants.beatra.music_bodies import with_rules
from conformance.reference.beatra.errors import RateLimitedError
from conformance.reference.beatra.handlers.music import MusicHandlers
from conformance.reference.beatra.handlers.parameters import ListParameters
from conformance.reference.beatra.handlers.tasks import TaskHandlers
from conformance.reference.beatra.rules import MinimaxRules, SunoRules
from conformance.reference.beatra.services.artifacts import REFERENCE_AUDIO
from conformance.reference.beatra.services.creation import Creator
from conformance.reference.beatra.services.idempotency import WINDOW, Idempotency
from conformance.reference.beatra.services.lifecycle import Lifecycle
from conformance.reference.beatra.services.presenter import Presenter
from conformance.reference.beatra.validation import Complaint, refusal
from conformance.reference.parts.clock import SECOND
from tests.liberties.applications import reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.datastructures import QueryParams
    from starlette.types import ASGIApp, Scope

    from conformance.mutants.rewriting import Answer
    from conformance.reference.beatra.services.artifacts import Artifact
    from conformance.reference.beatra.services.creation import Order
    from conformance.reference.beatra.services.tasks import Task

_SHORT_PAGE = 10
_MOST_UNFINISHED = 5


class ShortPages(ListParameters):
    """Has the default of another list."""

    def limit(self, query: QueryParams) -> int:
        """Give ten."""
        return super().limit(query) if "limit" in query else _SHORT_PAGE


class ShortPagesHandlers(TaskHandlers):
    """Lists with short pages by default."""

    parameters: type[ListParameters] = ShortPages


class Restless(Presenter):
    """Shows members of its own that are new with each answer, and signs URLs in their path."""

    def summary(self, task: Task) -> dict[str, Any]:
        """Say when it was looked at."""
        return {**super().summary(task), "seen": secrets.token_hex(4), "_links": {"next": secrets.token_hex(4)}}

    def clip(self, task: Task, artifact: Artifact, origin: str) -> dict[str, Any]:
        """Sign the URL of the picture."""
        picture = f"{origin}/{secrets.token_hex(8)}/{artifact.artifact_id}.png"
        return {**super().clip(task, artifact, origin), "picture": picture, "plays": secrets.randbelow(100)}

    def progress(self, task: Task, now: int) -> dict[str, Any]:
        """Estimate anew each time."""
        return {**super().progress(task, now), "estimate": secrets.randbelow(100)}


class KnowsPurposes(MusicHandlers):
    """Takes an upload as a reference only if it was uploaded as one."""

    def check_artifact(self, tenant_id: str, artifact_id: str) -> None:
        """Refuse what is for something else."""
        super().check_artifact(tenant_id, artifact_id)
        found = self._services.artifacts.owned(tenant_id, artifact_id)
        if found is not None and found.purpose != REFERENCE_AUDIO:
            raise refusal([Complaint("/reference_audio/artifact_id", "was not uploaded as reference audio")])


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


class LazyKeys(Idempotency):
    """Sweeps keys away once in a while."""

    def is_over(self, created_at: int, now: int) -> bool:
        """Come an hour late."""
        return now >= created_at + WINDOW + 3600 * SECOND


class FreesKeysOfFailures(Lifecycle):
    """Lets a client try again with its key."""

    def fail(self, task: Task, code: str, moment: int) -> None:
        """Make room for another try."""
        super().fail(task, code, moment)
        forget_key_of(self, task)


class FewUnfinished(Creator):
    """Limits the tasks that an account may have under way."""

    def make(self, order: Order, now: int) -> str:
        """Refuse the sixth."""
        if len(self.tasks.under_way(order.tenant_id)) >= _MOST_UNFINISHED:
            raise RateLimitedError("Five tasks are under way.")
        return super().make(order, now)


def _as_400(answer: Answer, error: dict[str, Any]) -> Answer | None:
    if error["code"] not in ("unsupported_option", "invalid_request"):
        return None
    return replace(answer, status=400, body=json.dumps({"error": error}).encode())


def _untimed(_scope: Scope, answer: Answer) -> Answer:
    content = json.loads(answer.body) if answer.body.startswith(b"{") else None
    if not isinstance(content, dict) or "cancel_requested_at" not in content:
        return answer
    del content["cancel_requested_at"]
    return replace(answer, body=json.dumps(content).encode())


def validation_as_400() -> ASGIApp:
    """Every validation error is a 400, as the API reference has it."""
    return reference(wrap=in_errors(_as_400))


def short_pages() -> ASGIApp:
    """Pages of ten without `limit`."""
    return reference(front={"tasks": ShortPagesHandlers})


def restless_members() -> ASGIApp:
    """Members that no document names differ from answer to answer."""
    return reference(cast={"presenter": Restless})


def strict_purposes() -> ASGIApp:
    """Only uploads with the purpose of a reference serve as one."""
    return reference(front={"music": KnowsPurposes})


def no_model_limits() -> ASGIApp:
    """None of the limits that only another route knows."""
    return reference(front={"music": with_rules(AnySuno(), AnyMinimax())})


def lazy_keys() -> ASGIApp:
    """Keys are forgotten an hour after their window."""
    return reference(cast={"idempotency": LazyKeys})


def keys_of_failures_are_free() -> ASGIApp:
    """The key of a task that failed makes a new one."""
    return reference(cast={"lifecycle": FreesKeysOfFailures})


def few_unfinished_tasks() -> ASGIApp:
    """At most five tasks under way in an account."""
    return reference(cast={"creator": FewUnfinished})


def no_time_of_cancellation() -> ASGIApp:
    """No `cancel_requested_at`, which only an example has."""
    return reference(wrap=rewriting(_untimed))
