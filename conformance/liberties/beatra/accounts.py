"""Liberties with accounts and surfaces: what else is there, and what is not."""

from __future__ import annotations

import secrets
from functools import cached_property
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, PlainTextResponse

from conformance.liberties.base import Taken
from conformance.mutants.beatra.answers import BASE_PATH
from conformance.reference.beatra.services.accounts import Accounts
from conformance.reference.beatra.services.lifecycle import Lifecycle
from conformance.reference.beatra.services.money import UNITS_PER_CREDIT
from conformance.reference.beatra.services.tasks import CANCELED, FAILED, QUEUED, SUCCEEDED
from conformance.reference.parts.audio import MELODY_BYTES, MELODY_TYPE
from conformance.reference.parts.clock import SECOND, Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from conformance.reference.beatra.services.accounts import Keys

_DAY = 86_400 * SECOND
_LEFT = 30
_PRICE = 80 * UNITS_PER_CREDIT
_DOCUMENTS = ("/openapi.yaml", "/openapi.json", "/llms.txt")
_PLANNED = tuple(f"{BASE_PATH}/{name}" for name in ("images", "videos", "audio", "voices", "uploads/sessions"))
_NOT_YET = {"error": {"code": "not_implemented", "message": "This is planned.", "retryable": False}}
_MORE = {
    f"{BASE_PATH}/version": {"version": "2026.11"},
    f"{BASE_PATH}/console": {"greeting": "This is the console."},
}


class UsedBefore(Accounts):
    """Has a first account in which there is work of other days; those that it opens later are new."""

    def open_with(self, keys: Keys) -> str:
        """Leave tasks of each end there."""
        is_first = not self.all_tenants()
        tenant_id = super().open_with(keys)
        now = Clock().now()
        for number in range(_LEFT if is_first else 0):
            self._leave(tenant_id, (SUCCEEDED, FAILED, CANCELED)[number % 3], now - _DAY - number * 60 * SECOND)
        return tenant_id

    def _leave(self, tenant_id: str, status: str, moment: int) -> None:
        task = {**_row(tenant_id, status, moment), "completed_at": moment + 20 * SECOND}
        paid_back = {"refunded": _PRICE} if status != SUCCEEDED else {}
        failure = {"failure": "provider_error"} if status == FAILED else {}
        self._database.insert("tasks", {**task, **paid_back, **failure})
        for clip in range(2 if status == SUCCEEDED else 0):
            self._database.insert("artifacts", _clip(task, clip))


class OthersWork(Lifecycle):
    """Has other clients in the first account, who make tasks and cancel them."""

    def settle_all(self) -> None:
        """Cancel what they made the last time, and make another task."""
        super().settle_all()
        found = self.database.row("SELECT tenant_id FROM tenants ORDER BY rowid LIMIT 1")
        if found is None:
            return
        tenant_id = found["tenant_id"]
        now = self.clock.now(tenant_id)
        with self.database.transaction():
            for task_id in self._made:
                task = self.tasks.find(tenant_id, task_id)
                if task is not None:
                    self.cancel(task, now)
            self._made.clear()
            if self.wallet.balance(tenant_id) >= _PRICE:
                self.wallet.debit(tenant_id, _PRICE)
                row = {**_row(tenant_id, QUEUED, now), **self.schedule(now), "started_at": None}
                self.tasks.add({**row, "planned_failure": None})
                self._made.append(row["task_id"])

    @cached_property
    def _made(self) -> list[str]:
        return []


def _row(tenant_id: str, status: str, moment: int) -> dict[str, Any]:
    return {
        "task_id": f"tsk_{secrets.token_hex(13)}",
        "tenant_id": tenant_id,
        "status": status,
        "capability": "text_to_music",
        "model": "suno-5.5",
        "resolved_model": "suno-5.5",
        "input": '{"prompt": "another client\'s song"}',
        "metadata": '{"client": "another"}',
        "charged": _PRICE,
        "waits_for_audio": 0,
        "created_at": moment,
        "starts_at": moment + 2 * SECOND,
        "ends_at": moment + 20 * SECOND,
        "started_at": moment + 2 * SECOND,
    }


def _clip(task: dict[str, Any], clip: int) -> dict[str, Any]:
    return {
        "artifact_id": f"artifact_{secrets.token_hex(13)}",
        "tenant_id": task["tenant_id"],
        "task_id": task["task_id"],
        "clip": clip,
        "token": secrets.token_hex(16),
        "purpose": "music_clip",
        "media_type": MELODY_TYPE,
        "content_type": MELODY_TYPE,
        "extension": ".wav",
        "size_bytes": MELODY_BYTES,
        "created_at": task["ends_at"],
    }


def _at(paths: Callable[[str], bool], answer_of: Callable[[Scope], ASGIApp]) -> Callable[[ASGIApp], ASGIApp]:
    """Answer otherwise at some paths."""

    def wrap(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            there = scope["type"] == "http" and paths(scope["path"])
            await (answer_of(scope) if there else app)(scope, receive, send)

        return answer

    return wrap


def _named(scope: Scope) -> dict[str, str]:
    given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return {"X-Request-Id": given or f"req_{secrets.token_hex(12)}"}


def _planned(scope: Scope) -> ASGIApp:
    headers = _named(scope)
    error = {**_NOT_YET["error"], "request_id": headers["X-Request-Id"]}
    return JSONResponse({"error": error}, 404, headers)


TAKEN = (
    Taken(id="one-scope-for-all", settings={"scope": "target"}),
    Taken(id="leftovers-of-others", cast={"accounts": UsedBefore}),
    Taken(id="others-at-work", cast={"lifecycle": OthersWork}),
    Taken(id="no-documents", wrap=_at(lambda path: path in _DOCUMENTS, lambda _: PlainTextResponse("Not Found", 404))),
    Taken(id="planned-paths-known", wrap=_at(lambda path: path.startswith(_PLANNED), _planned)),
    Taken(
        id="more-operations",
        wrap=_at(lambda path: path in _MORE, lambda scope: JSONResponse(_MORE[scope["path"]], 200, _named(scope))),
    ),
)
