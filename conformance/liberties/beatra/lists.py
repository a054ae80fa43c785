"""Liberties of the task list: how full pages are, what goes on, how current it is, what it shows."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from starlette.datastructures import QueryParams

from conformance.liberties.base import Taken
from conformance.liberties.beatra.answers import in_lists, in_summaries
from conformance.reference.beatra.errors import InvalidRequestError, NotFoundError
from conformance.reference.beatra.handlers.parameters import LARGEST_LIMIT, ListParameters, refused
from conformance.reference.beatra.handlers.tasks import TaskHandlers
from conformance.reference.beatra.services.cursors import Cursors
from conformance.reference.beatra.services.presenter import SECTIONS
from conformance.reference.beatra.services.tasks import Tasks

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse

    from conformance.reference.beatra.services.tasks import Selection, Task

_SHORT_PAGE = 10
_SMALL_SHARE = 0.7
_LAG_SECONDS = 0.7
_KNOWN = frozenset({"status", "capability", "created_after", "created_before", "limit", "cursor", "order", "expand"})


class ReadsParameters(TaskHandlers):
    """Reads the parameters of the list with a class of this module."""


class ShortPages(ListParameters):
    """Has the default of another list."""

    def limit(self, query: QueryParams) -> int:
        """Give ten."""
        return super().limit(query) if "limit" in query else min(_SHORT_PAGE, super().limit(query))


class UnfilledPages(ListParameters):
    """Fills pages as its storage does."""

    def limit(self, query: QueryParams) -> int:
        """Give a part of what was asked for."""
        return max(1, int(super().limit(query) * _SMALL_SHARE))


class SmallestOfAll(ListParameters):
    """Has a limit of its own below the one that is allowed."""

    def limit(self, query: QueryParams) -> int:
        """Give fifty at most."""
        return min(50, super().limit(query))


class ClampsLimits(ListParameters):
    """Takes the nearest limit that is allowed."""

    def limit(self, query: QueryParams) -> int:
        """Keep to the bounds."""
        try:
            return super().limit(query)
        except InvalidRequestError:
            number = query["limit"]
            if not number.removeprefix("-").isdecimal():
                raise
            return super().limit(QueryParams({"limit": str(min(max(int(number), 1), LARGEST_LIMIT))}))


class MatchesNothing(ListParameters):
    """Looks for tasks of states that do not exist."""

    def selection(self, query: QueryParams, tenant_id: str) -> Selection:
        """Find none in a state without name."""
        try:
            return super().selection(query, tenant_id)
        except InvalidRequestError:
            others = QueryParams([(name, value) for name, value in query.multi_items() if name != "status"])
            return replace(super().selection(others, tenant_id), status=query.get("status"))


class KnowsItsParameters(ListParameters):
    """Refuses parameters that it does not know."""

    def selection(self, query: QueryParams, tenant_id: str) -> Selection:
        """Refuse the first one."""
        unknown = [name for name in query if name not in _KNOWN]
        if unknown:
            raise refused(unknown[0], "is not known")
        return super().selection(query, tenant_id)


class FindsNoCursor(Cursors):
    """Looks a cursor up as any other resource."""

    def read(self, tenant_id: str, cursor: str) -> int:
        """Not find it."""
        try:
            return super().read(tenant_id, cursor)
        except InvalidRequestError as problem:
            raise NotFoundError("There is no such cursor.") from problem


class InclusiveTasks(Tasks):
    """Counts the instant itself in."""

    def conditions(self, tenant_id: str, selection: Selection) -> tuple[str, dict[str, Any]]:
        """Compare with the instant."""
        condition, values = super().conditions(tenant_id, selection)
        edges = condition.replace("created_at > :", "created_at >= :").replace("created_at < :", "created_at <= :")
        return edges, values


class LaggingTasks(Tasks):
    """Reads lists from a copy that hears of a task a moment later."""

    def add(self, values: dict[str, Any]) -> None:
        """Keep when it came."""
        super().add(values)
        self._added[values["task_id"]] = time.monotonic()

    def page(self, tenant_id: str, selection: Selection) -> list[Task]:
        """Leave out what is too new."""
        newest = time.monotonic() - _LAG_SECONDS
        return [task for task in super().page(tenant_id, selection) if self._added.get(task.task_id, 0) <= newest]

    @cached_property
    def _added(self) -> dict[str, float]:
        return {}


class StaleItems(TaskHandlers):
    """Shows a task in the list as it was a moment ago."""

    def item(self, request: Request, task: Task, sections: tuple[str, ...]) -> dict[str, Any]:
        """Go on with what it showed until that is old; where a state is asked for, show that."""
        shown = self._shown[task.task_id]
        if not shown or shown[-1].status != task.status:
            shown.append(task)
            self._since[task.task_id] = time.monotonic()
        late = time.monotonic() - self._since[task.task_id] < _LAG_SECONDS
        earlier = shown[-2] if len(shown) > 1 and late and "status" not in request.query_params else task
        return super().item(request, earlier, sections)

    @cached_property
    def _shown(self) -> defaultdict[str, list[Task]]:
        return defaultdict(list)

    @cached_property
    def _since(self) -> dict[str, float]:
        return {}


class CountedTasks(Tasks):
    """Goes on from a number of tasks, and not from a task."""

    def page(self, tenant_id: str, selection: Selection) -> list[Task]:
        """Pass over so many."""
        passed = selection.after or 0
        found = super().page(tenant_id, replace(selection, after=None, limit=passed + selection.limit))
        return found[passed:]


class CountsTasks(TaskHandlers):
    """Has a number of tasks for a cursor."""

    def continuation(self, tenant_id: str, selection: Selection, page: list[Task], *, has_more: bool) -> dict[str, Any]:
        """Count what was shown."""
        passed = (selection.after or 0) + len(page)
        cursor = self._services.cursors.write(tenant_id, passed) if has_more else None
        return {**super().continuation(tenant_id, selection, page, has_more=has_more), "next_cursor": cursor}


class AlwaysAnotherPage(TaskHandlers):
    """Does not look whether anything follows a full page."""

    def continuation(self, tenant_id: str, selection: Selection, page: list[Task], *, has_more: bool) -> dict[str, Any]:
        """Say that more follows."""
        full = bool(page) and len(page) == selection.limit
        return super().continuation(tenant_id, selection, page, has_more=has_more or full)


class WholeSummaries(TaskHandlers):
    """Shows whole tasks always."""

    def item(self, request: Request, task: Task, sections: tuple[str, ...]) -> dict[str, Any]:
        """Add all parts."""
        return super().item(request, task, sections or SECTIONS)


class Unmodified(TaskHandlers):
    """Lets clients keep lists for no time at all, and says so."""

    async def page(self, request: Request) -> JSONResponse:
        """Name the pages beside it."""
        answer = await super().page(request)
        answer.headers["Link"] = f'<{request.url.path}>; rel="first"'
        return answer


def _reading(parameters: type[ListParameters]) -> dict[str, type[Any]]:
    return {"tasks": type("Reads", (ReadsParameters,), {"parameters": parameters})}


def _minimal(task: dict[str, Any]) -> dict[str, Any]:
    return {name: task[name] for name in ("task_id", "status", "created_at") if name in task}


def _with_other_id(task: dict[str, Any]) -> dict[str, Any]:
    return {"id" if name == "task_id" else name: value for name, value in task.items()}


def _without_has_more(page: dict[str, Any]) -> None:
    page.pop("has_more", None)


def _without_null_cursor(page: dict[str, Any]) -> None:
    if page.get("next_cursor") is None:
        page.pop("next_cursor", None)


def _without_object(page: dict[str, Any]) -> None:
    page.pop("object", None)


TAKEN = (
    Taken(id="short-default-pages", front=_reading(ShortPages)),
    Taken(id="unfilled-pages", front=_reading(UnfilledPages)),
    Taken(id="pages-of-fifty", front=_reading(SmallestOfAll)),
    Taken(id="limits-clamped", front=_reading(ClampsLimits)),
    Taken(id="unknown-states-match-nothing", front=_reading(MatchesNothing)),
    Taken(id="unknown-parameters-refused", front=_reading(KnowsItsParameters)),
    Taken(id="unknown-cursors-as-404", cast={"cursors": FindsNoCursor}),
    Taken(id="inclusive-edges", cast={"tasks": InclusiveTasks}),
    Taken(id="lagging-lists", cast={"tasks": LaggingTasks}),
    Taken(id="stale-lists", front={"tasks": StaleItems}),
    Taken(id="counting-cursors", cast={"tasks": CountedTasks}, front={"tasks": CountsTasks}),
    Taken(id="always-another-page", front={"tasks": AlwaysAnotherPage}),
    Taken(id="whole-summaries", front={"tasks": WholeSummaries}),
    Taken(id="link-headers", front={"tasks": Unmodified}),
    Taken(id="minimal-summaries", wrap=in_summaries(_minimal)),
    Taken(id="summaries-with-another-id", wrap=in_summaries(_with_other_id)),
    Taken(id="has-more-left-out", wrap=in_lists(_without_has_more)),
    Taken(id="last-cursor-left-out", wrap=in_lists(_without_null_cursor)),
    Taken(id="list-object-left-out", wrap=in_lists(_without_object)),
)
