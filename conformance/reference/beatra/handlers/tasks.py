"""/v1/tasks: listing, reading and cancelling tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from conformance.reference.beatra.errors import NotFoundError
from conformance.reference.beatra.handlers.parameters import ListParameters
from conformance.reference.beatra.handlers.reading import origin_of, read_optional_json
from conformance.reference.beatra.validation import CANCEL, check

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatra.handlers.guard import Guard
    from conformance.reference.beatra.services.tasks import Selection, Task
    from conformance.reference.beatra.wiring import Services


class TaskHandlers:
    """What can be done with tasks once they exist."""

    parameters: type[ListParameters] = ListParameters

    def __init__(self, services: Services, guard: Guard) -> None:
        self._services = services
        self._guard = guard
        self._parameters = self.parameters(services.cursors)

    async def page(self, request: Request) -> JSONResponse:
        """GET /v1/tasks."""
        tenant_id = self._guard.admit(request)
        selection = self._parameters.selection(request.query_params, tenant_id)
        sections = self._parameters.sections(request.query_params)
        found = self._services.tasks.page(tenant_id, selection)
        page = found[: selection.limit]
        return JSONResponse(
            {
                "object": "list",
                "data": [self.item(request, task, sections) for task in page],
                **self.continuation(tenant_id, selection, page, has_more=len(found) > selection.limit),
            }
        )

    async def get(self, request: Request) -> JSONResponse:
        """GET /v1/tasks/{task_id}."""
        tenant_id = self._guard.admit(request)
        return self.answer(request, self.find(tenant_id, request.path_params["task_id"]))

    async def cancel(self, request: Request) -> JSONResponse:
        """POST /v1/tasks/{task_id}/cancel."""
        tenant_id = self._guard.admit(request)
        check(CANCEL, await read_optional_json(request, self._services.settings.json_bytes))
        task = self.find(tenant_id, request.path_params["task_id"])
        self._services.lifecycle.cancel(task, self._services.clock.now(tenant_id))
        return self.answer(request, self.find(tenant_id, task.task_id))

    def find(self, tenant_id: str, task_id: str) -> Task:
        """The account's task; raises NotFoundError."""
        task = self._services.tasks.find(tenant_id, task_id)
        if task is None:
            raise NotFoundError("There is no such task.")
        return task

    def item(self, request: Request, task: Task, sections: tuple[str, ...]) -> dict[str, Any]:
        """One entry of the list."""
        presenter = self._services.presenter
        if not sections:
            return presenter.summary(task)
        return presenter.expanded(task, sections, origin_of(request), self._services.clock.now(task.tenant_id))

    def continuation(self, tenant_id: str, selection: Selection, page: list[Task], *, has_more: bool) -> dict[str, Any]:
        """Where the list goes on after this page of the selection."""
        del selection
        cursor = self._services.cursors.write(tenant_id, page[-1].position) if has_more else None
        return {"next_cursor": cursor, "has_more": has_more}

    def answer(self, request: Request, task: Task) -> JSONResponse:
        """200 with the whole task."""
        now = self._services.clock.now(task.tenant_id)
        return JSONResponse(self._services.presenter.envelope(task, origin_of(request), now))
