"""What the parameters of a list are for, as far as names and schemas tell: filters, orders, pages, totals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from conformance.contract.resources import SCALARS, escaped, singular, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.contract.document import Operation, Parameter
    from conformance.contract.resources import Resource, ResourceGraph

# What parameters are called that say how many items to show, and where to go on.
_SIZES: Final = ("limit", "per_page", "page_size", "pagesize", "perpage", "size", "count", "max_results")
_LEADING_ON: Final[Mapping[Literal["offset", "page", "cursor"], tuple[str, ...]]] = {
    "offset": ("offset", "skip", "start"),
    "page": ("page", "page_number", "pagenumber"),
    "cursor": ("cursor", "after", "page_token", "pagetoken", "next_token", "starting_after"),
}
_LARGEST_PAGE: Final = 50
_SEARCHES: Final = ("q", "query", "search", "text", "keyword")
# What a thing is called by.
_CALLED: Final = ("name", "title", "label", "subject")
_LEAST: Final = frozenset({"min", "from", "after", "since", "gte", "ge", "gt", "least"})
_MOST: Final = frozenset({"max", "to", "until", "before", "lte", "le", "lt", "most"})
_BOUNDS: Final[Mapping[frozenset[str], Literal["least", "most"]]] = {_LEAST: "least", _MOST: "most"}
_EXACT: Final = re.compile(r"\bexact(ly)?\b|\bequals?\b", re.IGNORECASE)
_INCLUSIVE: Final = re.compile(
    r"\binclu(sive|ding)\b|\bor (later|earlier|after|before|more|less|above|below|newer|older)\b|\bat (least|most)\b"
    r"|\bnot (before|after|below|above)\b",
    re.IGNORECASE,
)
_TIMES: Final = ("date", "date-time")
_TOTALS: Final = frozenset({"total", "total_count", "totalcount", "total_items", "totalitems", "count"})
_ORDERINGS: Final = frozenset({"sort", "sort_by", "sortby", "order_by", "orderby", "ordering"})
_DIRECTIONS: Final = frozenset({"order", "direction", "dir", "sort_order", "sortorder", "sort_dir", "order_dir"})
_CREATED: Final = frozenset({"created", "creation"})
# Words by which documents say that pages hold while the list changes.
_STABLE: Final = re.compile(
    r"\b(stable|meanwhile|snapshot|consistent|insert(ed|s)?|shift(ed|s)?|while (new|others?|more))\b", re.IGNORECASE
)
_FALLING: Final = re.compile(r"(?P<falls>-)?\+?(?P<member>.+?)(?:[ _:.-](?P<way>asc|desc))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Paging:
    """
    How a list is paged: the parameter for the size of a page, and the one that leads on.

    `kind` says how: by a number of items to skip, by a number of pages, or by what an answer says comes next.
    `largest` is the largest size that the document allows, `first` the number of the first page.
    """

    size: str
    on: str
    kind: Literal["offset", "page", "cursor"]
    largest: int
    first: int = 0


@dataclass(frozen=True, slots=True)
class SortOrder:
    """
    A query that asks a list for an order: by which member of its items, and whether the largest comes first.

    It is `implied` where the query names a direction alone; then the member is the time of creation, by custom.
    """

    query: Mapping[str, str]
    member: str
    descending: bool
    implied: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """
    What a parameter of a list asks of a member of its items.

    The member is to be equal to the value, at least or at most that, or an array that has it; a search asks for a text
    in a member, in any that it may look into where none is named. `exact` and `inclusive` say that the document's prose
    asks for the very text, and for what is at the bound.
    """

    parameter: str
    member: str
    kind: Literal["equal", "least", "most", "has", "search"]
    exact: bool = False
    inclusive: bool = False


def conditions_of(graph: ResourceGraph, resource: Resource, operation: Operation) -> tuple[Condition, ...]:
    """What the parameters of a list ask of its items, as far as their names tell."""
    members = graph.item_members(resource)
    found: list[Condition] = []
    for parameter in operation.parameters:
        if parameter.location == "query":
            kind = graph.kind_of(parameter.schema)
            if parameter.name in members and _is_plain(graph, parameter, members[parameter.name]):
                exact = bool(_EXACT.search(_description(graph, operation, parameter)))
                found.append(Condition(parameter.name, parameter.name, "equal", exact=exact))
            elif kind == "string" and parameter.name.lower() in _SEARCHES:
                found.append(Condition(parameter.name, _searched(graph, operation, parameter, members), "search"))
            else:
                inclusive = bool(_INCLUSIVE.search(_description(graph, operation, parameter)))
                found += _conditions(graph, parameter, kind, members, inclusive=inclusive)
    return tuple(found)


def _searched(
    graph: ResourceGraph, operation: Operation, parameter: Parameter, members: Mapping[str, Mapping[str, Any]]
) -> str:
    """The member that a search looks into: the one that its description names, else what a thing is called by."""
    texts = [name for name, member in members.items() if graph.kind_of(member) == "string" and "format" not in member]
    told = words_of(_description(graph, operation, parameter))
    named = [name for name in texts if {word for word in (name.lower(), f"{name.lower()}s") if word in told}]
    return next(iter((*named, *(name for name in texts if name.lower() in _CALLED))), "")


def _description(graph: ResourceGraph, operation: Operation, parameter: Parameter) -> str:
    """What a document says of a query parameter."""
    described = graph.raw(operation.id).raw.get("parameters", ())
    found = (one for one in map(graph.resolved, described) if one.get("name") == parameter.name)
    return next((str(one.get("description", "")) for one in found), "")


def _conditions(
    graph: ResourceGraph,
    parameter: Parameter,
    kind: str,
    members: Mapping[str, Mapping[str, Any]],
    *,
    inclusive: bool,
) -> Iterator[Condition]:
    words = words_of(parameter.name)
    times = [name for name, member in members.items() if member.get("format") in _TIMES]
    for name, member in members.items():
        own = words_of(name)
        if graph.kind_of(member) == "array" and (*own[:-1], singular(own[-1])) in (
            words,
            (*words[:-1], singular(words[-1])),
        ):
            yield Condition(parameter.name, name, "has")
        comparable = graph.kind_of(member) in ("integer", "number") or name in times
        if not comparable or kind not in (*SCALARS,) or not words:
            continue
        for marks, asked in _BOUNDS.items():
            rest = words[1:] if words[0] in marks else words[:-1] if words[-1] in marks else None
            # "from" alone is about the one time that an item has.
            alone = rest == () and times == [name] and graph.resolved(parameter.schema).get("format") in _TIMES
            if alone or (rest in (own, own[:-1]) and rest):
                yield Condition(parameter.name, name, asked, inclusive=inclusive)


def orders_of(graph: ResourceGraph, resource: Resource, operation: Operation) -> tuple[SortOrder, ...]:
    """The orders that a list can be asked for, as far as the names of its parameters and values tell."""
    members = {n: m for n, m in graph.item_members(resource).items() if graph.kind_of(m) in SCALARS}
    found: list[SortOrder] = []
    directions = [p for p in operation.parameters if p.name.lower() in _DIRECTIONS and _values(graph, p.schema)]
    for parameter in operation.parameters:
        if parameter.location == "query" and parameter.name.lower() in _ORDERINGS:
            for value in _values(graph, parameter.schema):
                found += _orders(parameter.name, value, members, directions, graph)
    named = any(p.location == "query" and p.name.lower() in _ORDERINGS for p in operation.parameters)
    return tuple(found) if named else tuple(_by_creation(members, directions, graph))


def _by_creation(
    members: Mapping[str, Mapping[str, Any]], directions: Sequence[Parameter], graph: ResourceGraph
) -> Iterator[SortOrder]:
    """The orders of a list that can be asked for its direction alone: that is by when things were made."""
    created = [n for n, m in members.items() if m.get("format") == "date-time" and set(words_of(n)) & _CREATED]
    for parameter in directions if len(created) == 1 else ():
        for way in _values(graph, parameter.schema):
            if way.lower() in ("asc", "desc"):
                yield SortOrder({parameter.name: way}, created[0], way.lower() == "desc", implied=True)


def unasked_of(operation: Operation) -> Mapping[str, Any]:
    """
    The query parameters of a list that have a default, each with it: what the list does where they are left out.

    What a parameter refers to serves others as well, such as a member of a body, whose default it may be.
    """
    found = {p.name: p.schema for p in operation.parameters if p.location == "query" and "$ref" not in p.schema}
    stated = {name: schema["default"] for name, schema in found.items() if "default" in schema}
    plain = {name: value for name, value in stated.items() if isinstance(value, str | int | float)}
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in plain.items()}


def paging_of(graph: ResourceGraph, operation: Operation) -> Paging | None:
    """How a list is paged, as far as the names of its parameters tell."""
    query = {p.name.lower(): p for p in operation.parameters if p.location == "query"}
    size = next((query[name] for name in _SIZES if name in query), None)
    if size is None:
        return None
    largest = int(graph.resolved(size.schema).get("maximum", _LARGEST_PAGE))
    for kind, names in _LEADING_ON.items():
        on = next((query[name] for name in names if name in query), None)
        if on is not None:
            described = graph.resolved(on.schema)
            first = described.get("minimum", described.get("default", 1)) if kind == "page" else 0
            return Paging(size.name, on.name, kind, max(1, largest), int(first))
    return None


def holds_meanwhile(graph: ResourceGraph, operation: Operation) -> bool:
    """Whether the document says that pages hold while a list changes; custom knows cursors of both kinds."""
    raw = graph.raw(operation.id).raw
    told = [raw, *map(graph.resolved, raw.get("parameters", ()))]
    return any(_STABLE.search(f"{part.get('summary', '')} {part.get('description', '')}") for part in told)


def total_of(graph: ResourceGraph, resource: Resource) -> str | None:
    """Where an answer of a list says how many items there are in all."""
    members = graph.list_members(resource)
    named = [n for n, m in members.items() if n.lower() in _TOTALS and graph.kind_of(m) == "integer"]
    return f"/{escaped(named[0])}" if len(named) == 1 else None


def _is_plain(graph: ResourceGraph, parameter: Parameter, member: Mapping[str, Any]) -> bool:
    """Whether a parameter asks for one value of the kind that the member has."""
    kind = graph.kind_of(parameter.schema)
    return kind == graph.kind_of(member) and kind in (*SCALARS, "boolean")


def _values(graph: ResourceGraph, schema: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(value for value in graph.resolved(schema).get("enum", ()) if isinstance(value, str))


def _orders(
    name: str,
    value: str,
    members: Mapping[str, Mapping[str, Any]],
    directions: Sequence[Parameter],
    graph: ResourceGraph,
) -> Iterator[SortOrder]:
    read = _FALLING.fullmatch(value)
    if read is None:
        return
    member = value if value in members else read["member"]
    if member not in members:
        return
    if read["falls"] or (read["way"] and member != value):
        yield SortOrder({name: value}, member, bool(read["falls"]) or read["way"].lower() == "desc")
        return
    ways = [(p.name, way) for p in directions for way in _values(graph, p.schema) if way.lower() in ("asc", "desc")]
    if ways:
        yield from (SortOrder({name: value, asked: way}, member, way.lower() == "desc") for asked, way in ways)
    else:
        yield SortOrder({name: value}, member, descending=False)
