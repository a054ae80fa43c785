"""Requirements on how answers agree with each other: what was made is there, what was ended is not, lists are true."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from conformance.contract.list_queries import conditions_of, holds_meanwhile, orders_of, paging_of, total_of, unasked_of
from conformance.contract.resources import ResourceGraph
from conformance.contract.states import (
    RESULTS,
    actions_of,
    is_job,
    results_of,
    revives,
    stage_of,
    states_of,
    subjects_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.contract.conventions import Conventions, Level
    from conformance.contract.document import Document, Operation, Parameter
    from conformance.contract.resources import Resource
    from conformance.contract.states import States


# Words by which documents say that something is in conflict with what is there.
_TAKEN: Final = re.compile(
    r"\b(already|taken|exists?|unique|duplicate[sd]?|twice|overlap(s|ping)?|in use|same)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class RelatedOperation:
    """
    One operation on a resource that what makes one hands out, and the graph of all resources.

    `actions` are the operations that move such a thing; it is a `job` where something is done about it by itself, and
    `results` are the operations that hand out what comes of it.
    """

    graph: ResourceGraph
    resource: Resource
    operation: Operation
    actions: tuple[Operation, ...] = ()
    job: bool = False
    results: tuple[Operation, ...] = ()


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


def _shows_what_was_sent(known: RelatedOperation) -> bool:
    graph, resource = known.graph, known.resource
    return _reads(known) and not graph.sent_members(resource.create).keys().isdisjoint(graph.shown_members(resource))


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
    return _lists(known) and bool(conditions_of(known.graph, known.resource, known.operation))


def _has_orders(known: RelatedOperation) -> bool:
    return _lists(known) and bool(orders_of(known.graph, known.resource, known.operation))


def _has_pages(known: RelatedOperation) -> bool:
    return _lists(known) and paging_of(known.graph, known.operation) is not None


def _has_paged_queries(known: RelatedOperation) -> bool:
    queries = _has_filters(known) or _has_orders(known)
    return _has_pages(known) and queries


def _has_list_defaults(known: RelatedOperation) -> bool:
    return _lists(known) and bool(unasked_of(known.operation))


def _promises_stable_pages(known: RelatedOperation) -> bool:
    paging = paging_of(known.graph, known.operation) if _lists(known) else None
    return paging is not None and paging.kind == "cursor" and holds_meanwhile(known.graph, known.operation)


def _has_total(known: RelatedOperation) -> bool:
    return _lists(known) and total_of(known.graph, known.resource) is not None


def _is_located(known: RelatedOperation) -> bool:
    makes = known.operation.id == known.resource.create and known.resource.read is not None
    return makes and "location" in _headers(known.operation)


def _headers(operation: Operation) -> tuple[str, ...]:
    return tuple(name.lower() for answer in operation.answers for name in answer.headers)


def _has_tags(known: RelatedOperation) -> bool:
    return _reads(known) and "etag" in _headers(known.operation)


def _answers(operation: Operation, status: str) -> bool:
    return any(answer.key == status for answer in operation.answers)


def _takes(operation: Operation, header: str) -> bool:
    return any(p.location == "header" and p.name.lower() == header for p in operation.parameters)


def _is_conditional(known: RelatedOperation) -> bool:
    stated = _answers(known.operation, "304") or _takes(known.operation, "if-none-match")
    return _reads(known) and stated


def _is_guarded(known: RelatedOperation) -> bool:
    resource, operation = known.resource, known.operation
    writes = resource.read is not None and operation.id in (resource.replace, resource.modify, resource.delete)
    return writes and _answers(operation, "412")


def _is_unique(known: RelatedOperation) -> bool:
    makes = known.operation.id == known.resource.create and not known.resource.named_by_client
    if not makes or any(map(_is_retry_key, known.operation.parameters)):
        return False
    raw = known.graph.raw(known.operation.id).raw
    conflict = raw["responses"].get("409")
    return conflict is not None and bool(_TAKEN.search(str(conflict.get("description", ""))))


def _is_listed(known: RelatedOperation) -> bool:
    resource = known.resource
    return known.operation.id == resource.create and resource.list is not None and not resource.named_by_client


def _is_retry_key(parameter: Parameter) -> bool:
    return parameter.location == "header" and "idempotency" in parameter.name.lower()


def _moves(known: RelatedOperation) -> bool:
    states = states_of(known.graph, known.resource)
    if states is None or known.resource.read is None:
        return False
    settable = known.operation.id == known.resource.modify and _is_settable(known, states)
    return known.operation in known.actions or settable or _is_limited(known, states)


def _is_limited(known: RelatedOperation, states: States) -> bool:
    """Whether the document says in which states a thing is replaced."""
    raw = known.graph.raw(known.operation.id).raw
    return known.operation.id == known.resource.replace and bool(subjects_of(raw, states))


def _is_settable(known: RelatedOperation, states: States) -> bool:
    modify = known.resource.modify
    return bool(states.steps) and modify is not None and states.member in known.graph.sent_members(modify)


def _has_ends(known: RelatedOperation) -> bool:
    states = states_of(known.graph, known.resource) if _reads(known) else None
    return states is not None and (bool(known.actions) or _is_settable(known, states))


def _is_followed(known: RelatedOperation) -> bool:
    return _reads(known) and known.job


def _may_be_ended(known: RelatedOperation) -> bool:
    return _is_followed(known) and not all(map(revives, known.actions))


def _has_results(known: RelatedOperation) -> bool:
    return _is_followed(known) and not known.graph.shown_members(known.resource).keys().isdisjoint(RESULTS)


def _has_times(known: RelatedOperation) -> bool:
    shown = known.graph.shown_members(known.resource) if _is_followed(known) else {}
    return len({stage for stage in map(stage_of, shown) if stage is not None}) > 1


def _is_about_one(known: RelatedOperation) -> bool:
    """Whether an operation is about one thing, and no deletion shows what it does when that is not there."""
    resource, operation = known.resource, known.operation
    changes = operation.id == resource.modify or (operation.id == resource.replace and not resource.named_by_client)
    # A PUT may make what is not there (RFC 9110, 9.3.4).
    makes = any(answer.key == "201" for answer in operation.answers)
    one = operation in known.actions or (resource.delete is None and (_reads(known) or changes))
    return resource.read is not None and not makes and one


RELATIONS: Final[Mapping[str, DerivedRelation]] = MappingProxyType(
    {
        "stored": DerivedRelation(
            "What was made is what is read",
            "What was sent to make something is there when it is read, to the last character.",
            _shows_what_was_sent,
        ),
        "defaults": DerivedRelation(
            "Documented defaults are there",
            "A member that was left out has its documented default when the thing is read.",
            _has_defaults,
        ),
        "assigns": DerivedRelation(
            "What the target sets is its own",
            "A member that the document shows but lets no client send is not taken from a request.",
            lambda known: _reads(known) and bool(known.graph.assigned_members(known.resource)),
        ),
        "unique": DerivedRelation(
            "What is there already is refused",
            "A request that was accepted is refused when it comes again, where the document speaks of such a conflict.",
            _is_unique,
        ),
        "unmade": DerivedRelation(
            "What was refused is not there",
            "A request for a new thing that is refused leaves nothing in the list.",
            _is_listed,
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
        "paged-queries": DerivedRelation(
            "What is asked of a list holds on every page",
            "A list with a filter or in an order has the same items page by page as at once, each on one page, and in "
            "the same order.",
            _has_paged_queries,
        ),
        "list-defaults": DerivedRelation(
            "A list does unasked what the document says",
            "A list without a query is the one that is asked for with what the document says is the default.",
            _has_list_defaults,
        ),
        "stable-pages": DerivedRelation(
            "What is made meanwhile moves nothing",
            "No item is on two pages although something was made after the first of them.",
            _promises_stable_pages,
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
        "unmodified": DerivedRelation(
            "What has not changed is not sent again",
            "A read with If-None-Match is answered 304 while the entity tag is the same, and whole once it has changed "
            "(RFC 9110, 13.1.2).",
            _is_conditional,
        ),
        "matched": DerivedRelation(
            "A change rests on what was read",
            "A change with an If-Match that names an older state is answered 412 and changes nothing "
            "(RFC 9110, 13.1.1).",
            _is_guarded,
        ),
        "isolated": DerivedRelation(
            "Accounts are kept apart",
            "What one account made is not read, listed, changed or deleted by another, where the target or the "
            "document keeps accounts apart.",
            lambda known: _reads(known) and known.operation.secured,
            needs=("key:second",),
        ),
        "moves": DerivedRelation(
            "A move is what it says",
            "The state that the answer shows is the one that is read, and a move is refused in the states that the "
            "document excludes.",
            _moves,
        ),
        "stays": DerivedRelation(
            "An end stays the end",
            "No operation leads out of a state that is an end, but one that is there for that.",
            _has_ends,
        ),
        "progress": DerivedRelation(
            "What is under way goes forward",
            "States follow each other as documented until the end, progress never falls, no result is there before.",
            _is_followed,
        ),
        "final": DerivedRelation(
            "What has ended stays so",
            "A thing that an operation has ended is in the same state at every later look.",
            _may_be_ended,
        ),
        "results-stay": DerivedRelation(
            "What came of it stays",
            "What came of a thing that has ended is there at every later look.",
            _has_results,
        ),
        "times-in-order": DerivedRelation(
            "Times are in order",
            "A thing is not started before it was made, and not finished before it was started.",
            _has_times,
        ),
        "absent": DerivedRelation(
            "What never was is refused",
            "A request about a thing that was never made is not answered with a success.",
            _is_about_one,
        ),
        "awaited": DerivedRelation(
            "Results come last",
            "What comes of a thing is refused while it is under way, and asking for it meets no fault of the server.",
            lambda known: known.job and known.operation in known.results,
        ),
        "undescribed": DerivedRelation(
            "Other methods are refused",
            "A method that the document does not have for a path is not answered with a success.",
            lambda known: _reads(known) or _lists(known),
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
            actions, job = actions_of(document, resource), is_job(document, graph, resource)
            results = results_of(document, resource)
            names = (*operations, resource.delete, *(operation.id for operation in (*actions, *results)))
            for name in filter(None, names):
                known = RelatedOperation(graph, resource, document.operations[name], actions, job, results)
                found.setdefault(name, known)
    return MappingProxyType(found)
