"""Mutants that list the wrong tasks, in the wrong order, or not all of each."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from starlette.responses import JSONResponse

from conformance.mutants.base import Mutant
from conformance.reference.beatra.handlers.parameters import ListParameters
from conformance.reference.beatra.handlers.tasks import TaskHandlers
from conformance.reference.beatra.services.presenter import SECTIONS
from conformance.reference.beatra.services.tasks import RUNNING, Tasks
from conformance.reference.parts.clock import SECOND

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams
    from starlette.requests import Request

    from conformance.reference.beatra.services.tasks import Selection, Task

DAY = 86_400 * SECOND


class OnlyEnded(Tasks):
    """Lists what is in the archive, where tasks go when they have ended."""

    def conditions(self, tenant_id: str, selection: Selection) -> tuple[str, dict[str, Any]]:
        """Leave out the tasks that go on."""
        condition, values = super().conditions(tenant_id, selection)
        return f"{condition} AND completed_at IS NOT NULL", values


class WithoutNewest(Tasks):
    """Begins the list after the newest task."""

    def conditions(self, tenant_id: str, selection: Selection) -> tuple[str, dict[str, Any]]:
        """Take the newest task for a cursor."""
        condition, values = super().conditions(tenant_id, selection)
        newest = "(SELECT MAX(position) FROM tasks WHERE tenant_id = :tenant)"
        return f"{condition} AND position < {newest}", values


class CapabilityOfEverybody(Tasks):
    """Has an index for capabilities that does not know accounts."""

    def conditions(self, tenant_id: str, selection: Selection) -> tuple[str, dict[str, Any]]:
        """Search the tasks of all accounts where a capability is asked for."""
        condition, values = super().conditions(tenant_id, selection)
        return condition if selection.capability is None else condition.replace("tenant_id = :tenant AND ", ""), values


class AscendingOfEverybody(Tasks):
    """Forgot the account in one of two queries."""

    def conditions(self, tenant_id: str, selection: Selection) -> tuple[str, dict[str, Any]]:
        """Search the tasks of all accounts in ascending order."""
        condition, values = super().conditions(tenant_id, selection)
        return condition.replace("tenant_id = :tenant", "true") if selection.ascending else condition, values


class AnyState(Tasks):
    """Does not filter by state."""

    def conditions(self, tenant_id: str, selection: Selection) -> tuple[str, dict[str, Any]]:
        """Drop the state."""
        return super().conditions(tenant_id, replace(selection, status=None))


class RunningIsUnderWay(Tasks):
    """Takes every task that goes on for a running one."""

    def conditions(self, tenant_id: str, selection: Selection) -> tuple[str, dict[str, Any]]:
        """Let queued tasks pass as running."""
        condition, values = super().conditions(tenant_id, selection)
        if selection.status != RUNNING:
            return condition, values
        return condition.replace("status = :status", "status IN (:status, 'queued')"), values


class AnyCapability(Tasks):
    """Does not filter by capability."""

    def conditions(self, tenant_id: str, selection: Selection) -> tuple[str, dict[str, Any]]:
        """Drop the capability."""
        return super().conditions(tenant_id, replace(selection, capability=None))


class SimilarCapability(Tasks):
    """Compares the end of the capability's name."""

    def conditions(self, tenant_id: str, selection: Selection) -> tuple[str, dict[str, Any]]:
        """Let everything pass that makes music."""
        condition, values = super().conditions(tenant_id, selection)
        return condition.replace("= :capability", "LIKE '%' || substr(:capability, -9)"), values


class AnyBeginning(Tasks):
    """Does not filter by the beginning of the range."""

    def conditions(self, tenant_id: str, selection: Selection) -> tuple[str, dict[str, Any]]:
        """Drop the beginning."""
        return super().conditions(tenant_id, replace(selection, created_after=None))


class BeginningOfTheDay(Tasks):
    """Compares the day."""

    def conditions(self, tenant_id: str, selection: Selection) -> tuple[str, dict[str, Any]]:
        """Begin at midnight."""
        after = selection.created_after
        day = None if after is None else after - after % DAY
        return super().conditions(tenant_id, replace(selection, created_after=day))


class AnyEnd(Tasks):
    """Does not filter by the end of the range."""

    def conditions(self, tenant_id: str, selection: Selection) -> tuple[str, dict[str, Any]]:
        """Drop the end."""
        return super().conditions(tenant_id, replace(selection, created_before=None))


class EndOfTheDay(Tasks):
    """Compares the day."""

    def conditions(self, tenant_id: str, selection: Selection) -> tuple[str, dict[str, Any]]:
        """End at midnight."""
        before = selection.created_before
        day = None if before is None else before - before % DAY + DAY
        return super().conditions(tenant_id, replace(selection, created_before=day))


class AlwaysDescending(Tasks):
    """Has one order."""

    def page(self, tenant_id: str, selection: Selection) -> list[Task]:
        """Ignore which order was asked for."""
        return super().page(tenant_id, replace(selection, ascending=False))


class Reversed(Tasks):
    """Takes descending for the order in which one reads."""

    def page(self, tenant_id: str, selection: Selection) -> list[Task]:
        """Turn the order round."""
        return super().page(tenant_id, replace(selection, ascending=not selection.ascending))


class OldestFirst(ListParameters):
    """Has another default order."""

    def ascending(self, query: QueryParams) -> bool:
        """Begin with the oldest unless asked otherwise."""
        return super().ascending(query) if "order" in query else True


class OldestFirstHandlers(TaskHandlers):
    """Lists the oldest tasks first by default."""

    parameters: type[ListParameters] = OldestFirst


class _TurnsPages(TaskHandlers):
    """Shows the tasks of some pages in the opposite order."""

    order: ClassVar[str | None]

    async def page(self, request: Request) -> JSONResponse:
        """Turn a page round that was found in the right order."""
        response = await super().page(request)
        if request.query_params.get("order") != self.order:
            return response
        content = json.loads(bytes(response.body))
        content["data"].reverse()
        return JSONResponse(content)


class TurnsAscending(_TurnsPages):
    """Turns ascending pages."""

    order: ClassVar[str | None] = "asc"


class TurnsUnordered(_TurnsPages):
    """Turns pages of a list that has no order."""

    order: ClassVar[str | None] = None


class FirstPartOnly(ListParameters):
    """Reads one word of expand."""

    def sections(self, query: QueryParams) -> tuple[str, ...]:
        """Forget the words after the first comma."""
        sections = super().sections(query)
        return sections if query.get("expand") == "all" else sections[:1]


class FirstPartOnlyHandlers(TaskHandlers):
    """Expands one part."""

    parameters: type[ListParameters] = FirstPartOnly


class WithoutUsage(ListParameters):
    """Knows four parts of five."""

    def sections(self, query: QueryParams) -> tuple[str, ...]:
        """Forget the usage when it is asked for by name."""
        sections = super().sections(query)
        return sections if query.get("expand") == "all" else tuple(name for name in sections if name != "usage")


class WithoutUsageHandlers(TaskHandlers):
    """Never expands the usage by name."""

    parameters: type[ListParameters] = WithoutUsage


class AllButInput(ListParameters):
    """Did not add the latest part to what all means."""

    def sections(self, query: QueryParams) -> tuple[str, ...]:
        """Leave the input out of everything."""
        sections = super().sections(query)
        return tuple(name for name in SECTIONS if name != "input") if query.get("expand") == "all" else sections


class AllButInputHandlers(TaskHandlers):
    """Expands everything but the input."""

    parameters: type[ListParameters] = AllButInput


class WithoutErrors(TaskHandlers):
    """Takes all for all five parts and shows nothing else."""

    def item(self, request: Request, task: Task, sections: tuple[str, ...]) -> dict[str, Any]:
        """Leave out why a task failed."""
        return {name: value for name, value in super().item(request, task, sections).items() if name != "error"}


MUTANTS = (
    Mutant(
        id="list-only-ended",
        breaks="BEATRA-LIST-02",
        story="The list is read from the archive, where a task goes when it has ended.",
        cast={"tasks": OnlyEnded},
    ),
    Mutant(
        id="list-without-newest",
        breaks="BEATRA-LIST-02",
        story="The first page starts from the newest task as if that had been shown already.",
        cast={"tasks": WithoutNewest},
    ),
    Mutant(
        id="list-capability-of-everybody",
        breaks="BEATRA-LIST-03",
        story="The query for one capability has no condition on the account.",
        cast={"tasks": CapabilityOfEverybody},
    ),
    Mutant(
        id="list-ascending-of-everybody",
        breaks="BEATRA-LIST-03",
        story="There is a query for each order, and one of them forgot the account.",
        cast={"tasks": AscendingOfEverybody},
    ),
    Mutant(
        id="list-order-ignored",
        breaks="BEATRA-LIST-09",
        story="The order is fixed in the query, whatever was asked for.",
        cast={"tasks": AlwaysDescending},
    ),
    Mutant(
        id="list-ascending-page-turned",
        breaks="BEATRA-LIST-09",
        story="The right tasks are found for an ascending page, and then sorted as all pages were once.",
        front={"tasks": TurnsAscending},
    ),
    Mutant(
        id="list-default-ascending",
        breaks="BEATRA-LIST-10",
        story="Without an order the rows come as the database has them.",
        front={"tasks": OldestFirstHandlers},
    ),
    Mutant(
        id="list-default-page-turned",
        breaks="BEATRA-LIST-10",
        story="Our own app shows the newest task at the bottom and names no order, so its pages were turned round.",
        front={"tasks": TurnsUnordered},
    ),
    Mutant(
        id="list-orders-swapped",
        breaks="BEATRA-LIST-11",
        story="asc and desc were mixed up.",
        cast={"tasks": Reversed},
    ),
    Mutant(
        id="list-state-ignored",
        breaks="BEATRA-LIST-12",
        story="The filter for the state is validated and then dropped.",
        cast={"tasks": AnyState},
    ),
    Mutant(
        id="list-running-is-under-way",
        breaks="BEATRA-LIST-12",
        story="Tasks that wait in the queue are counted among the running ones.",
        cast={"tasks": RunningIsUnderWay},
    ),
    Mutant(
        id="list-capability-ignored",
        breaks="BEATRA-LIST-13",
        story="The filter for the capability is validated and then dropped.",
        cast={"tasks": AnyCapability},
    ),
    Mutant(
        id="list-capability-by-suffix",
        breaks="BEATRA-LIST-13",
        story="Capabilities are compared by what they make.",
        cast={"tasks": SimilarCapability},
    ),
    Mutant(
        id="list-beginning-ignored",
        breaks="BEATRA-LIST-14",
        story="The beginning of the range is validated and then dropped.",
        cast={"tasks": AnyBeginning},
    ),
    Mutant(
        id="list-beginning-by-day",
        breaks="BEATRA-LIST-14",
        story="The beginning of the range is compared by its day.",
        cast={"tasks": BeginningOfTheDay},
    ),
    Mutant(
        id="list-end-ignored",
        breaks="BEATRA-LIST-15",
        story="The end of the range is validated and then dropped.",
        cast={"tasks": AnyEnd},
    ),
    Mutant(
        id="list-end-by-day",
        breaks="BEATRA-LIST-15",
        story="The end of the range is compared by its day.",
        cast={"tasks": EndOfTheDay},
    ),
    Mutant(
        id="expand-first-part-only",
        breaks="BEATRA-LIST-16",
        story="What expand names is not split at its commas to the end.",
        front={"tasks": FirstPartOnlyHandlers},
    ),
    Mutant(
        id="expand-without-usage",
        breaks="BEATRA-LIST-16",
        story="One of the parts that expand may name is missing in the table.",
        front={"tasks": WithoutUsageHandlers},
    ),
    Mutant(
        id="expand-all-without-input",
        breaks="BEATRA-LIST-17",
        story="A part that was added later is not in what all stands for.",
        front={"tasks": AllButInputHandlers},
    ),
    Mutant(
        id="expand-all-without-error",
        breaks="BEATRA-LIST-17",
        story="Listed tasks have every part that has a name in expand, and lack what has none.",
        front={"tasks": WithoutErrors},
    ),
)
