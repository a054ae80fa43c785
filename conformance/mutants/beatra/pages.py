"""Mutants that lose tasks, or the reader, between the pages of the list."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from conformance.mutants.base import Mutant
from conformance.reference.beatra.handlers.parameters import DEFAULT_LIMIT, LARGEST_LIMIT, ListParameters
from conformance.reference.beatra.handlers.tasks import TaskHandlers
from conformance.reference.beatra.services.tasks import Tasks

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams
    from starlette.requests import Request

    from conformance.reference.beatra.services.tasks import Selection, Task

EVERYTHING = 1_000_000


class KeyedPages(TaskHandlers):
    """Lists tasks as an object with their ids as keys."""

    async def page(self, request: Request) -> JSONResponse:
        """Save the reader the search."""
        shown = json.loads(bytes((await super().page(request)).body))
        return JSONResponse({**shown, "data": {task["task_id"]: task for task in shown["data"]}})


class BlankIds(TaskHandlers):
    """Lists tasks by other members than those of an envelope."""

    async def page(self, request: Request) -> JSONResponse:
        """Leave the id of each task to its link."""
        shown = json.loads(bytes((await super().page(request)).body))
        return JSONResponse({**shown, "data": [{**task, "task_id": None} for task in shown["data"]]})


class InclusiveCursor(Tasks):
    """Begins a page with the task that the cursor stands for."""

    def conditions(self, tenant_id: str, selection: Selection) -> tuple[str, dict[str, Any]]:
        """Include the position itself."""
        condition, values = super().conditions(tenant_id, selection)
        return condition.replace("position < ", "position <= ").replace("position > ", "position >= "), values


class BackwardPages(Tasks):
    """Sorts in ascending order after it cut the page."""

    def page(self, tenant_id: str, selection: Selection) -> list[Task]:
        """Turn round each page of the newest tasks."""
        if not selection.ascending:
            return super().page(tenant_id, selection)
        newest = super().page(tenant_id, replace(selection, ascending=False))
        return [*newest[: selection.limit][::-1], *newest[selection.limit :]]


class SkippingHandlers(TaskHandlers):
    """Points the cursor at the task behind the page, which the next page then begins after."""

    def continuation(self, tenant_id: str, selection: Selection, page: list[Task], *, has_more: bool) -> dict[str, Any]:
        """Look one task ahead."""
        shown = super().continuation(tenant_id, selection, page, has_more=has_more)
        if not has_more:
            return shown
        ahead = self._services.tasks.page(tenant_id, replace(selection, after=page[-1].position, limit=1))
        return {**shown, "next_cursor": self._services.cursors.write(tenant_id, ahead[0].position)}


class OffsetHandlers(TaskHandlers):
    """Hands out the number of tasks seen so far as the cursor."""

    def continuation(self, tenant_id: str, selection: Selection, page: list[Task], *, has_more: bool) -> dict[str, Any]:
        """Count."""
        seen = (selection.after or 0) + len(page)
        cursor = self._services.cursors.write(tenant_id, seen) if has_more else None
        return {"next_cursor": cursor, "has_more": has_more}


class OffsetTasks(Tasks):
    """Passes over as many tasks as the cursor says."""

    def page(self, tenant_id: str, selection: Selection) -> list[Task]:
        """Count from the first task that there is now."""
        found = super().page(tenant_id, replace(selection, after=None, limit=EVERYTHING))
        start = selection.after or 0
        return found[start : start + selection.limit + 1]


class AlwaysMore(TaskHandlers):
    """Promises another page always."""

    def continuation(self, tenant_id: str, selection: Selection, page: list[Task], *, has_more: bool) -> dict[str, Any]:
        """Say true."""
        return {**super().continuation(tenant_id, selection, page, has_more=has_more), "has_more": True}


class NeverMore(TaskHandlers):
    """Fills in has_more with its default."""

    def continuation(self, tenant_id: str, selection: Selection, page: list[Task], *, has_more: bool) -> dict[str, Any]:
        """Say false."""
        return {**super().continuation(tenant_id, selection, page, has_more=has_more), "has_more": False}


class NoCursor(TaskHandlers):
    """Promises more and forgets to say where."""

    def continuation(self, tenant_id: str, selection: Selection, page: list[Task], *, has_more: bool) -> dict[str, Any]:
        """Leave the cursor out."""
        return {**super().continuation(tenant_id, selection, page, has_more=has_more), "next_cursor": None}


class EndlessTail(TaskHandlers):
    """Names the last cursor again and again where nothing is left."""

    def continuation(self, tenant_id: str, selection: Selection, page: list[Task], *, has_more: bool) -> dict[str, Any]:
        """Go on for ever."""
        position = page[-1].position if page else selection.after or 0
        del has_more
        return {"next_cursor": self._services.cursors.write(tenant_id, position), "has_more": True}


class FixedLimit(ListParameters):
    """Knows one page size."""

    def limit(self, query: QueryParams) -> int:
        """Ignore what was asked for."""
        del query
        return DEFAULT_LIMIT


class FixedLimitHandlers(TaskHandlers):
    """Lists with one page size."""

    parameters: type[ListParameters] = FixedLimit


class LookAhead(ListParameters):
    """Asks the database for one task more, to see whether there is one, and shows it."""

    def limit(self, query: QueryParams) -> int:
        """Count the task behind the page in."""
        limit = super().limit(query)
        return min(limit + 1, LARGEST_LIMIT) if "limit" in query else limit


class LookAheadHandlers(TaskHandlers):
    """Lists with pages that are one too long."""

    parameters: type[ListParameters] = LookAhead


class GenerousDefault(ListParameters):
    """Takes the largest page size for the default."""

    def limit(self, query: QueryParams) -> int:
        """Give everything to those who ask for nothing."""
        return super().limit(query) if "limit" in query else LARGEST_LIMIT


class GenerousDefaultHandlers(TaskHandlers):
    """Lists with long pages by default."""

    parameters: type[ListParameters] = GenerousDefault


class OneTooMany(ListParameters):
    """Asks the database for one task more than the default page holds, to see whether there are more."""

    def limit(self, query: QueryParams) -> int:
        """Give that one as well."""
        return super().limit(query) + (0 if "limit" in query else 1)


class OneTooManyHandlers(TaskHandlers):
    """Lists whose default pages show the task that only tells whether there are more."""

    parameters: type[ListParameters] = OneTooMany


class Pages(TaskHandlers):
    """Says what the class of its answer is called."""

    def continuation(self, tenant_id: str, selection: Selection, page: list[Task], *, has_more: bool) -> dict[str, Any]:
        """Name it."""
        return {**super().continuation(tenant_id, selection, page, has_more=has_more), "object": "page"}


MUTANTS = (
    Mutant(
        id="page-object-of-class",
        breaks="BEATRA-LIST-18",
        story="The kind of object is made from the name of the class.",
        front={"tasks": Pages},
    ),
    Mutant(
        id="page-keyed",
        breaks="BEATRA-LIST-01",
        story="The tasks of a page are an object with their ids as keys.",
        front={"tasks": KeyedPages},
    ),
    Mutant(
        id="page-blank-ids",
        breaks="BEATRA-LIST-01",
        story="The query for the list does not read the column with the ids.",
        front={"tasks": BlankIds},
    ),
    Mutant(
        id="page-larger-than-asked",
        breaks="BEATRA-LIST-04",
        story="The task that tells whether there is a next page is shown on this one.",
        front={"tasks": LookAheadHandlers},
    ),
    Mutant(
        id="page-size-ignored",
        breaks="BEATRA-LIST-04",
        story="The parameter for the page size is never read.",
        front={"tasks": FixedLimitHandlers},
    ),
    Mutant(
        id="page-default-largest",
        breaks="BEATRA-LIST-05",
        story="The default page size was mixed up with the largest one.",
        front={"tasks": GenerousDefaultHandlers},
    ),
    Mutant(
        id="page-default-one-more",
        breaks="BEATRA-LIST-05",
        story="One task more is read to know whether there is a next page, and shown where no limit cuts it off.",
        front={"tasks": OneTooManyHandlers},
    ),
    Mutant(
        id="page-repeats-border",
        breaks="BEATRA-LIST-06",
        story="The comparison with the cursor includes it, so a page begins with the task that ended the one before.",
        cast={"tasks": InclusiveCursor},
    ),
    Mutant(
        id="page-skips-border",
        breaks="BEATRA-LIST-06",
        story="The cursor names the first task of the next page, and the next page begins after it.",
        front={"tasks": SkippingHandlers},
    ),
    Mutant(
        id="page-sorted-after-cut",
        breaks="BEATRA-LIST-06",
        story="Ascending order is made by turning round pages of the newest tasks, so the cursor leads in a circle.",
        cast={"tasks": BackwardPages},
    ),
    Mutant(
        id="page-by-offset",
        breaks="BEATRA-LIST-07",
        story="The cursor counts tasks, so new ones push old ones onto the next page.",
        cast={"tasks": OffsetTasks},
        front={"tasks": OffsetHandlers},
    ),
    Mutant(
        id="page-promises-always",
        breaks="BEATRA-LIST-08",
        story="has_more is set to true where a page is made, and never set to false.",
        front={"tasks": AlwaysMore},
    ),
    Mutant(
        id="page-promises-never",
        breaks="BEATRA-LIST-08",
        story="has_more keeps its default, false.",
        front={"tasks": NeverMore},
    ),
    Mutant(
        id="page-without-cursor",
        breaks="BEATRA-LIST-08",
        story="A page says that there are more and does not say where.",
        front={"tasks": NoCursor},
    ),
    Mutant(
        id="page-tail-endless",
        breaks="BEATRA-LIST-08",
        story="Behind the last task there are empty pages for ever, each of which promises another.",
        front={"tasks": EndlessTail},
    ),
)
