"""GET /api/v1/tasks/{task_id}."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from conformance.reference.beatoven.assets import STEMS, TRACK
from conformance.reference.beatoven.errors import NotFoundError
from conformance.reference.beatoven.records import COMPOSED, FAILED

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatoven.accounts import Account
    from conformance.reference.beatoven.assets import Assets
    from conformance.reference.beatoven.compositions import Compositions
    from conformance.reference.beatoven.handlers.guard import Guard
    from conformance.reference.beatoven.records import Task


class TaskHandlers:
    """Shows tasks to the account that started them."""

    def __init__(self, compositions: Compositions, assets: Assets, guard: Guard) -> None:
        self._compositions = compositions
        self._assets = assets
        self._guard = guard

    async def get(self, request: Request) -> JSONResponse:
        """Show a task."""
        account = self._guard.admit(request)
        task = self.find(account, request.path_params["task_id"])
        return JSONResponse(self.shown(task, f"{request.url.scheme}://{request.url.netloc}"))

    def find(self, account: Account, task_id: str) -> Task:
        """The account's task; raises NotFoundError."""
        task = self._compositions.find(account, task_id)
        if task is None:
            raise NotFoundError("There is no such task.")
        return task

    def shown(self, task: Task, origin: str) -> dict[str, Any]:
        """A task as it is answered."""
        status = self.status(task)
        if status == COMPOSED:
            return {"status": status, "meta": self.meta(task, origin)}
        if status == FAILED:
            return {"status": status, "error": "The composition failed."}
        return {"status": status}

    def status(self, task: Task) -> str:
        """The status as it is answered."""
        return task.status

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """What a composed task is about."""
        return {
            "project_id": task.track.project_id,
            "track_id": task.track.track_id,
            "prompt": {"text": task.track.prompt},
            "version": task.version,
            "track_url": origin + self._assets.path(task, TRACK),
            "stems_url": {stem: origin + self._assets.path(task, stem) for stem in STEMS},
        }
