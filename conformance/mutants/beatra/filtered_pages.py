"""Mutants that filter the first page of a list and lose the filter, or tasks, on those that follow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.reference.beatra.handlers.tasks import TaskHandlers
from conformance.reference.beatra.services.tasks import Tasks

if TYPE_CHECKING:
    from conformance.reference.beatra.services.tasks import Selection, Task


def is_filtered(selection: Selection) -> bool:
    """Whether a list is asked for with a filter."""
    return any(
        value is not None
        for value in (selection.status, selection.capability, selection.created_after, selection.created_before)
    )


def continues(selection: Selection) -> bool:
    """Whether a page that a cursor leads to is asked for with a filter."""
    return selection.after is not None and is_filtered(selection)


class Forgetful(Tasks):
    """Leaves a filter out where a cursor is there."""

    @staticmethod
    def unfiltered(selection: Selection) -> Selection:
        """The selection without the filter."""
        raise NotImplementedError

    def conditions(self, tenant_id: str, selection: Selection) -> tuple[str, dict[str, Any]]:
        """Trust the cursor."""
        left = selection if selection.after is None else self.unfiltered(selection)
        return super().conditions(tenant_id, left)


class WithoutStatus(Forgetful):
    """Forgets the state."""

    @staticmethod
    def unfiltered(selection: Selection) -> Selection:
        """Drop it."""
        return replace(selection, status=None)


class WithoutCapability(Forgetful):
    """Forgets the capability."""

    @staticmethod
    def unfiltered(selection: Selection) -> Selection:
        """Drop it."""
        return replace(selection, capability=None)


class WithoutBeginning(Forgetful):
    """Forgets when the list begins."""

    @staticmethod
    def unfiltered(selection: Selection) -> Selection:
        """Drop it."""
        return replace(selection, created_after=None)


class WithoutEnd(Forgetful):
    """Forgets when the list ends."""

    @staticmethod
    def unfiltered(selection: Selection) -> Selection:
        """Drop it."""
        return replace(selection, created_before=None)


class BorderAgain(Tasks):
    """Includes the border where the query has a filter."""

    def conditions(self, tenant_id: str, selection: Selection) -> tuple[str, dict[str, Any]]:
        """Begin with the last task of the page before."""
        condition, values = super().conditions(tenant_id, selection)
        if continues(selection):
            condition = condition.replace("position < ", "position <= ").replace("position > ", "position >= ")
        return condition, values


class BorderLost(Tasks):
    """Passes over one task more where the query has a filter."""

    def page(self, tenant_id: str, selection: Selection) -> list[Task]:
        """Leave the first one out."""
        if not continues(selection):
            return super().page(tenant_id, selection)
        return super().page(tenant_id, replace(selection, limit=selection.limit + 1))[1:]


class OrderLost(Tasks):
    """Sorts filtered pages that a cursor leads to by the newest."""

    def page(self, tenant_id: str, selection: Selection) -> list[Task]:
        """Turn them round."""
        found = super().page(tenant_id, selection)
        kept, more = found[: selection.limit], found[selection.limit :]
        return [*kept[::-1], *more] if continues(selection) and len(kept) > 1 and more else found


class OnePageOnly(TaskHandlers):
    """Pages lists without a filter, and filtered ones once."""

    def continuation(self, tenant_id: str, selection: Selection, page: list[Task], *, has_more: bool) -> dict[str, Any]:
        """End after the second page."""
        return super().continuation(tenant_id, selection, page, has_more=has_more and not continues(selection))


def mutant(name: str, story: str, **parts: Any) -> Mutant:  # noqa: ANN401 - parts of a mutant
    """A mutant whose pages are wrong with a filter only."""
    return Mutant(id=name, breaks="BEATRA-LIST-19", story=story, **parts)


MUTANTS = (
    mutant(
        "cursor-without-status",
        "The cursor was made for the plain list and forgets the state.",
        cast={"tasks": WithoutStatus},
    ),
    mutant("cursor-without-capability", "The cursor forgets the capability.", cast={"tasks": WithoutCapability}),
    mutant(
        "cursor-without-beginning", "The cursor takes the place of created_after.", cast={"tasks": WithoutBeginning}
    ),
    mutant("cursor-without-end", "The cursor takes the place of created_before.", cast={"tasks": WithoutEnd}),
    mutant(
        "filtered-page-repeats-border",
        "The query with filters includes the border of a page.",
        cast={"tasks": BorderAgain},
    ),
    mutant("filtered-page-skips-border", "The query with filters begins one task late.", cast={"tasks": BorderLost}),
    mutant("filtered-page-turned-round", "Filtered pages are sorted after they were cut.", cast={"tasks": OrderLost}),
    mutant(
        "filtered-list-ends-early", "The count of a filtered list is that of two pages.", front={"tasks": OnePageOnly}
    ),
)
