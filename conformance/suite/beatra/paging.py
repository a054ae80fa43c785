"""Walking through the list of tasks, page by page, also where a cursor never ends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError
from conformance.journal.records import Mismatch
from conformance.suite.beatra.answers import decided

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from conformance.journal.records import Exchange
    from conformance.suite.beatra.gateway import Gateway

LIST_SHAPE: Final = "BEATRA-LIST-01"
VISITS_ONCE: Final = "BEATRA-LIST-06"
TELLS_MORE: Final = "BEATRA-LIST-08"
LAG_PAUSES_SECONDS: Final = (0.2, 0.5, 1, 2, 4)
"""The pauses between looks at a list that may lag behind."""
_CIRCLING: Final = 4


@dataclass(frozen=True)
class Walk:
    """
    The pages that following `next_cursor` led to, and the `limit` that was asked for.

    `cut` says that the walk was given up although the last page names one more cursor.
    """

    limit: int | None
    pages: tuple[Exchange, ...]
    cut: bool

    @cached_property
    def items(self) -> tuple[dict[str, Any], ...]:
        """
        The tasks of all pages.

        Raises:
            Mismatch: a page was refused.
            BlockedError: a page can't be read.
        """
        return tuple(item for page in self.pages for item in items_of(page))

    @cached_property
    def visits(self) -> tuple[str, ...]:
        """The ids of the tasks in the order of the walk; within a page each counts once."""
        return tuple(task_id for page in self.pages for task_id in dict.fromkeys(ids_in(items_of(page))))

    @property
    def exchange_ids(self) -> tuple[str, ...]:
        """The exchanges that show the walk."""
        return tuple(page.id for page in self.pages)

    def order_of(self, wanted: Sequence[str]) -> list[str]:
        """Those of the wanted tasks that the walk visited, by their first visit."""
        return [task_id for task_id in dict.fromkeys(self.visits) if task_id in set(wanted)]

    def expect_end(self) -> None:
        """
        Make sure that nothing of the list is left over, so that a task that was not seen is not in the list.

        Raises:
            BlockedError: the walk could not go on to the end.
        """
        last = self.pages[-1]
        if self.cut:
            raise BlockedError(VISITS_ONCE, f"the list had no end after {len(self.pages)} pages")
        if last.get("/has_more") is True and items_of(last):
            raise BlockedError(TELLS_MORE, "the last page says that there are more, but does not lead on")


def walk(
    beatra: Gateway, query: Mapping[str, object], most: int, *, meanwhile: Callable[[int], None] | None = None
) -> Walk:
    """
    List with this query, and follow `next_cursor` for `most` pages at the most, less where it goes in circles.

    `meanwhile` is called with the number of pages so far before the next one is asked for.
    """
    limit = query.get("limit")
    pages = [beatra.list_tasks(**query)]
    while (cursor := _next_cursor(pages)) is not None and len(pages) < most and not _goes_in_circles(pages):
        if meanwhile is not None:
            meanwhile(len(pages))
        pages.append(beatra.list_tasks(**{**query, "cursor": cursor}))
    return Walk(limit if isinstance(limit, int) else None, tuple(pages), _next_cursor(pages) is not None)


def items_of(page: Exchange) -> list[dict[str, Any]]:
    """
    The tasks on a page.

    Raises:
        Mismatch: the page was refused.
        BlockedError: the answer is no page of tasks.
    """
    if not page.accepted:
        raise Mismatch(f"expected {page.request.url} to be answered with tasks, got {decided(page)}", page.id)
    found = page.get("/data")
    if not isinstance(found, list) or not all(_is_task(item) for item in found):
        raise BlockedError(LIST_SHAPE, f"{page.request.url} is not answered with an array of tasks")
    return found


def ids_in(items: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The ids of tasks on a page."""
    return (item["task_id"] for item in items)


def cursor_of(page: Exchange) -> str | None:
    """The cursor that a page names, None when it names none that can be sent."""
    cursor = page.get("/next_cursor")
    return cursor if isinstance(cursor, str) and cursor else None


def _next_cursor(pages: Sequence[Exchange]) -> str | None:
    """
    The cursor to follow after these pages, None at the end.

    A cursor is followed also where `has_more` does not say true, as clients do, unless that led in a circle or to
    nothing. An empty page is taken for the end when another one came before it.
    """
    last = pages[-1]
    more = last.get("/has_more") is True
    new = _new_on_last(pages)
    if not last.accepted or not (more or new):
        return None
    empty = not _readable(last)
    if empty and len(pages) > 1 and not _readable(pages[-2]):
        return None
    return cursor_of(last)


def _goes_in_circles(pages: Sequence[Exchange]) -> bool:
    """Whether the last pages had nothing but what came before: one that repeats another may be a slip, not several."""
    last = range(max(1, len(pages) - _CIRCLING), len(pages))
    return len(last) == _CIRCLING and not any(_new_on_last(pages[: number + 1]) for number in last)


def _new_on_last(pages: Sequence[Exchange]) -> set[str]:
    seen = {task_id for page in pages[:-1] for task_id in ids_in(_readable(page))}
    return set(ids_in(_readable(pages[-1]))) - seen


def _readable(page: Exchange) -> list[dict[str, Any]]:
    found = page.get("/data") if page.accepted else None
    return [item for item in found if _is_task(item)] if isinstance(found, list) else []


def _is_task(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("task_id"), str)
