"""Requirements on how answers agree with each other: what was made is there, what was ended is not, lists are true."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from conformance.contract.list_queries import filters_of, orders_of, paging_of, total_of
from conformance.contract.resources import ResourceGraph

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.contract.conventions import Conventions, Level
    from conformance.contract.document import Document, Operation
    from conformance.contract.resources import Resource


@dataclass(frozen=True, slots=True)
class RelatedOperation:
    """One operation on a resource that what makes one hands out, and the graph of all resources."""

    graph: ResourceGraph
    resource: Resource
    operation: Operation


@dataclass(frozen=True, slots=True)
class DerivedRelation:
    """A relation between answers as a requirement on one operation: its texts, which operations, how certain it is."""

    title: str
    statement: str
    concerns: Callable[[RelatedOperation], object]
    level: Level = "SHOULD"
    needs: tuple[str, ...] = ()


def _reads(known: RelatedOperation) -> bool:
    return known.operation.id == known.resource.read


def _lists(known: RelatedOperation) -> bool:
    return known.operation.id == known.resource.list


def _changes(known: RelatedOperation) -> bool:
    resource = known.resource
    return resource.read is not None and known.operation.id in (resource.replace, resource.modify)


def _ends(known: RelatedOperation) -> bool:
    return known.resource.read is not None and known.operation.id == known.resource.delete


def _has_defaults(known: RelatedOperation) -> bool:
    return _reads(known) and bool(known.graph.defaults(known.resource))


def _has_filters(known: RelatedOperation) -> bool:
    return _lists(known) and bool(filters_of(known.graph, known.resource, known.operation))


def _has_orders(known: RelatedOperation) -> bool:
    return _lists(known) and bool(orders_of(known.graph, known.resource, known.operation))


def _has_pages(known: RelatedOperation) -> bool:
    return _lists(known) and paging_of(known.graph, known.operation) is not None


def _has_total(known: RelatedOperation) -> bool:
    return _lists(known) and total_of(known.graph, known.resource) is not None


def _is_located(known: RelatedOperation) -> bool:
    makes = known.operation.id == known.resource.create and known.resource.read is not None
    return makes and "location" in _headers(known.operation)


def _headers(operation: Operation) -> tuple[str, ...]:
    return tuple(name.lower() for answer in operation.answers for name in answer.headers)


def _has_tags(known: RelatedOperation) -> bool:
    return _reads(known) and "etag" in _headers(known.operation)


RELATIONS: Final[Mapping[str, DerivedRelation]] = MappingProxyType(
    {
        "stored": DerivedRelation(
            "What was made is what is read",
            "What was sent to make something is there when it is read, to the last character.",
            _reads,
        ),
        "defaults": DerivedRelation(
            "Documented defaults are there",
            "A member that was left out has its documented default when the thing is read.",
            _has_defaults,
        ),
        "located": DerivedRelation(
            "Location leads to what was made",
            "The header Location of an answer that made something leads to it.",
            _is_located,
        ),
        "changes": DerivedRelation(
            "A change is there, and nothing else",
            "What was sent to change something is there when it is read; what PATCH does not name stays as it was.",
            _changes,
        ),
        "keeps": DerivedRelation(
            "A refused change changes nothing",
            "What was there before a change that is refused is there after it.",
            _changes,
        ),
        "ended": DerivedRelation(
            "What was ended is gone",
            "What was deleted can't be read, is in no list, and can't be changed.",
            _ends,
        ),
        "spares": DerivedRelation(
            "Others are spared",
            "What was not deleted is still there after something else was.",
            _ends,
        ),
        "lists": DerivedRelation(
            "The list has what was made",
            "A list shows what was just made, and nothing that hangs under something else.",
            _lists,
        ),
        "filters": DerivedRelation(
            "Filters keep their word",
            "A list with a filter has only items that match it, and every one of them that was made.",
            _has_filters,
        ),
        "sorts": DerivedRelation(
            "The order is the one that was asked for",
            "A list that was asked for in an order is in this order.",
            _has_orders,
        ),
        "pages": DerivedRelation(
            "Pages make the whole",
            "No page is longer than asked for, none repeats an item, and all together have every item.",
            _has_pages,
        ),
        "totals": DerivedRelation(
            "The total is right",
            "The total that a list states is the number of its items.",
            _has_total,
        ),
        "tagged": DerivedRelation(
            "The entity tag follows the content",
            "The header ETag changes when what is read changes, and stays while it stays.",
            _has_tags,
        ),
        "head": DerivedRelation(
            "The answer to HEAD is that of GET",
            "Where HEAD is answered at all, its answer is that of GET without a body (RFC 9110, 9.3.2).",
            lambda known: _reads(known) or _lists(known),
        ),
        "allow": DerivedRelation(
            "A method that is not allowed gets those that are",
            "An answer 405 has the header Allow with the methods of the path (RFC 9110, 15.5.6).",
            lambda known: _reads(known) or _lists(known),
            "MUST",
        ),
    }
)


def related(document: Document, conventions: Conventions) -> Mapping[str, RelatedOperation]:
    """
    The operations that relations are about, by their ids.

    What makes a task or has a price is left out: the conventions say more about it than can be inferred.
    """
    graph = ResourceGraph(document.content)
    tasks, pricing = conventions.tasks, conventions.pricing
    special = {*(tasks.create if tasks else ()), *(pricing.operations if pricing else {})}
    found: dict[str, RelatedOperation] = {}
    for resource in graph.resources:
        if resource.create not in special:
            operations = (resource.create, resource.read, resource.list, resource.replace, resource.modify)
            for name in filter(None, (*operations, resource.delete)):
                found.setdefault(name, RelatedOperation(graph, resource, document.operations[name]))
    return MappingProxyType(found)
