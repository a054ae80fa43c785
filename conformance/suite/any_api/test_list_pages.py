"""Lists page by page: what is asked of a list holds on each page, unasked it does what the document says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.contract.list_queries import conditions_of, orders_of, paging_of, unasked_of
from conformance.contract.requirements import derived_id
from conformance.contract.states import actions_of, revives, states_of
from conformance.journal.records import Mismatch
from conformance.suite.any_api.comparing import moments
from conformance.suite.any_api.creating import SCENARIO_BUDGETS
from conformance.suite.any_api.filtering import Filter, filter_of
from conformance.suite.any_api.test_resource_lists import Page, asked, following, several_of, values_of
from conformance.suite.any_api.things import things_of
from conformance.suite.generated import account_for
from conformance.suite.scenarios import derived, scenario_for_each_operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.contract.list_queries import Condition, Paging, SortOrder
    from conformance.generation.cases import Drawing
    from conformance.generation.resources import LinkedValues
    from conformance.suite.any_api.things import Made, Things

# Which of two values each thing has that is made: a page of those that have the second ends before one with the first.
_PATTERN: Final = (1, 0, 1, 1, 0)
_SIZE: Final = 2
_PAGES: Final = 3
_MOST_PAGES: Final = 5
_MOST_WAYS: Final = 4
_MOST_DEFAULTS: Final = 3


@dataclass(frozen=True, slots=True)
class PagedList:
    """
    A list that was asked for in one way: at once, and page by page.

    `ended`: to its last page. `last` is the list at once again where it is not what the pages are, else `whole`.
    """

    query: Mapping[str, Any]
    filter: Filter
    whole: Page
    pages: tuple[Page, ...]
    ended: bool
    last: Page

    @property
    def steady(self) -> bool:
        """Whether the list was answered throughout, and nothing that others or time changed explains a difference."""
        answered = self.pages and all(page.exchange.accepted for page in self.pages)
        return bool(answered) and self.whole.names == self.last.names


@dataclass(frozen=True, slots=True)
class Leafed:
    """
    Some things of two kinds, and their lists page by page.

    `plain` is the list without a query, asked for only where another is not whole page by page. `unasked` is the list
    without a query, twice where it is not what is `asked` with a default that the document states. `interrupted` are
    two pages between which something was made.
    """

    made: tuple[Made, ...]
    lists: tuple[PagedList, ...]
    plain: PagedList | None
    unasked: tuple[Page, ...]
    asked: tuple[Page, ...]
    interrupted: tuple[Page, ...]


@scenario_for_each_operation(SCENARIO_BUDGETS["resource-pages"].budget)
def leafed_lists(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Leafed:
    """Things of two kinds, so that each filter finds several of them, and their lists in ways that the document has."""
    with account_for(account_pool, "leafed", operation) as account:
        things = things_of(contract, account, drawing, operation)
        parents = things.parents()
        made = made_of_two_kinds(things, parents, operation)
        paging = paging_of(things.graph, operation)
        lists, plain, interrupted = list[PagedList](), None, list[Page]()
        if paging is not None:
            # A list that lags behind has what was made when the last of it is there.
            whole = things.eventually(lambda: asked(things, parents, {}), lambda page: len(page.items) >= len(made))
            lists = [leafed(things, parents, paging, query, way) for query, way in ways(things, paging, whole)]
            if any(difference_of(one) for one in lists):
                plain = leafed(things, parents, paging, {}, Filter({}, ()))
            if paging.kind == "cursor":
                for number, page in enumerate(islice(leafing(things, parents, (paging, _SIZE), {}), 2)):
                    interrupted.append(page)
                    if number == 0:
                        made.append(things.make(parents, plain=True))
        unasked, told = as_by_default(things, parents, operation)
        things.remove(*made)
        return Leafed(tuple(made), tuple(lists), plain, unasked, told, tuple(interrupted))


def made_of_two_kinds(things: Things, parents: LinkedValues, operation: Operation) -> list[Made]:
    """Several things of two kinds; those of the second are moved where the list can be filtered by their state."""
    graph, resource = things.graph, things.resource
    states = states_of(graph, resource)
    filtered = {condition.member for condition in conditions_of(graph, resource, operation)}
    by_state = states is not None and states.member in filtered
    moving = [each for each in actions_of(things.contract.document, resource) if by_state and not revives(each)][:1]
    made: list[Made] = []
    for kind, values in zip(_PATTERN, contrasting(things, operation), strict=True):
        made.append(things.make(parents, values, plain=True))
        for action in moving if kind else ():
            things.account.call(action.id, path=made[-1].path)
    return made


def contrasting(things: Things, operation: Operation) -> Iterator[Mapping[str, Any]]:
    """Values for several things of two kinds: each has one of two values in what the list can be filtered by."""
    sent = things.graph.sent_members(things.resource.create)
    filtered = [condition.member for condition in conditions_of(things.graph, things.resource, operation)]
    several = {n: several_of(things.graph.kind_of(sent[n]), sent[n], things) for n in sent if n in filtered}
    for kind in _PATTERN:
        yield {name: values[kind] for name, values in several.items()}


def ways(things: Things, paging: Paging, whole: Page) -> Sequence[tuple[Mapping[str, Any], Filter]]:
    """The queries to ask for the list with: each has a filter and an order, as far as there are any left."""
    operation = things.operation(things.resource.list)
    items = [item for item in whole.items if isinstance(item, dict)]
    # What lies within an order by an offset is judged with the pages of the plain list.
    orders = [] if paging.kind == "offset" else [*orders_of(things.graph, things.resource, operation)]
    known = (several_matching(each, items) for each in conditions_of(things.graph, things.resource, operation))
    found: list[tuple[Mapping[str, Any], Filter]] = []
    left = list(orders)
    for way in [each for each in known if each is not None][:_MOST_WAYS]:
        order = _order_beside(way.conditions[0], orders) or next(iter(left), None)
        left = [each for each in left if each is not order]
        found.append(({**(order.query if order else {}), **way.query}, way))
    plain = Filter({}, ())
    return [*found, *((order.query, plain) for order in left)][:_MOST_WAYS]


def _order_beside(condition: Condition, orders: Sequence[SortOrder]) -> SortOrder | None:
    """The order in which what a bound leaves out would come last; None where there is no such order."""
    by_member = (order for order in orders if order.member == condition.member and condition.kind in ("least", "most"))
    return next((order for order in by_member if order.descending is (condition.kind == "least")), None)


def several_matching(condition: Condition, items: Sequence[Mapping[str, Any]]) -> Filter | None:
    """A filter that several of the items match, by the value of the fewest of them; None where there is none."""
    if condition.kind == "search":
        return filter_of(condition, items)
    if condition.kind in ("least", "most"):
        bound = bound_of(condition, items)
        return None if bound is None else Filter({condition.parameter: bound}, (condition,))
    values: list[object] = []
    for item in items:
        value = item.get(condition.member)
        values += value if isinstance(value, list) else [value]
    plain = [value for value in values if isinstance(value, str | int | float | bool)]
    found = min((v for v in plain if plain.count(v) > _SIZE), key=plain.count, default=None)
    return None if found is None else Filter({condition.parameter: found}, (condition,))


def bound_of(condition: Condition, items: Sequence[Mapping[str, Any]]) -> object:
    """A time or a number that all but the first one or two of the items meet; None where they are too few."""
    values = [item.get(condition.member) for item in items]
    known: dict[Any, object] = {value: value for value in values if type(value) in (int, float)}
    if not known:
        known = {moment: value for value in values for moment in moments([value])}
    ordered = sorted(known, reverse=condition.kind == "most")
    return known[ordered[1]] if len(ordered) > _SIZE + 1 else None


def leafed(things: Things, parents: LinkedValues, paging: Paging, query: Mapping[str, Any], way: Filter) -> PagedList:
    """The list in one way, at once and page by page."""
    whole = asked(things, parents, query)
    size = max(_SIZE, -(-len(whole.items) // _PAGES))
    pages = tuple(leafing(things, parents, (paging, size), query)) if whole.exchange.accepted else ()
    ended = bool(pages) and pages[-1].exchange.accepted and not _goes_on(pages[-1], paging, size)
    one = PagedList(query, way, whole, pages, ended, whole)
    return one if difference_of(one) is None else replace(one, last=asked(things, parents, query))


def _goes_on(page: Page, paging: Paging, size: int) -> bool:
    if paging.kind == "cursor":
        return following(page.exchange, paging) is not None
    return len(page.items) >= size


def leafing(
    things: Things, parents: LinkedValues, paged: tuple[Paging, int], query: Mapping[str, Any]
) -> Iterator[Page]:
    """Pages of a size one after the other, to the last one or as many as are read at most."""
    paging, size = paged
    position: object = None
    for number in range(1, _MOST_PAGES + 1):
        on = {} if position is None else {paging.on: position}
        page = asked(things, parents, {paging.size: size, **query, **on})
        yield page
        if not page.exchange.accepted or not page.items or not _goes_on(page, paging, size):
            return
        following_by = {"offset": size * number, "page": paging.first + number}
        position = following(page.exchange, paging) if paging.kind == "cursor" else following_by[paging.kind]


def as_by_default(
    things: Things, parents: LinkedValues, operation: Operation
) -> tuple[tuple[Page, ...], tuple[Page, ...]]:
    """The list without a query, once more where it is not what it is with a default, and the lists with each."""
    defaults = [*unasked_of(operation).items()][:_MOST_DEFAULTS]
    if not defaults:
        return (), ()
    first = bare(things, parents, {})
    told = tuple(bare(things, parents, {name: value}) for name, value in defaults)
    differ = any(page.names != first.names for page in told)
    return (first, bare(things, parents, {})) if differ else (first,), told


def bare(things: Things, parents: LinkedValues, query: Mapping[str, Any]) -> Page:
    """A list with no other query than this one."""
    operation = things.operation(things.resource.list)
    exchange = things.account.call(operation.id, path=parents.path, query=query)
    names = tuple(things.names(exchange)) if exchange.accepted else ()
    return Page(query, exchange, tuple(things.items(exchange)) if exchange.accepted else (), names)


@derived("paged-queries")
def test_what_is_asked_of_a_list_holds_on_every_page(
    leafed_lists: Leafed, operation: Operation, contract: Contract
) -> None:
    steady = [one for one in leafed_lists.lists if one.steady]
    if not steady:
        raise NotOfferedError("no list was answered page by page that stayed the same meanwhile")
    plain = leafed_lists.plain
    if plain is not None and plain.steady and difference_of(plain) is not None:
        blocker = derived_id(contract.system, operation.id, "pages")
        raise BlockedError(blocker, "the list without a query is not whole page by page")
    for one in steady:
        found = difference_of(one)
        if found is not None:
            raise Mismatch(found, one.whole.exchange.id, *(page.exchange.id for page in one.pages))


def difference_of(one: PagedList) -> str | None:
    """In what a list page by page is not what it is at once, as a sentence; None where it is the same."""
    shown = f" for {dict(one.query)!r}" if one.query else ""
    names = [name for page in one.pages for name in page.names]
    items = [item for page in one.pages for item in page.items]
    if any(map(one.filter.excludes, items)) and not any(map(one.filter.excludes, one.whole.items)):
        return f"expected only items that match{shown} on every page, got another"
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        return f"expected each item on one page{shown}, got {twice!r} on several"
    missing = next((name for name in one.whole.names if name not in names), None)
    if one.ended and missing is not None:
        return f"expected all items on the pages{shown}, missed {missing!r}"
    known = [item for item in items if isinstance(item, dict)]
    members = known[0] if known else ()
    disordered = (_disorder(member, one.whole, [item.get(member) for item in known]) for member in members)
    return next(filter(None, disordered), None)


def _disorder(member: str, whole: Page, values: Sequence[object]) -> str | None:
    """A sentence where the times of a member are strictly in order in the whole list and not on the pages."""
    known, seen = moments(values_of(whole, member)), moments(list(values))
    if len(known) < len(whole.items) or len(seen) < len(values) or len(set(known)) < len(known):
        return None
    for descending in (False, True):
        if known == sorted(known, reverse=descending) and seen != sorted(seen, reverse=descending):
            return f"expected the pages to be in the order of the whole list by {member}, got {[*values][:6]!r}"
    return None


@derived("list-defaults")
def test_a_list_does_unasked_what_the_document_says(leafed_lists: Leafed) -> None:
    told = [page for page in leafed_lists.asked if page.exchange.accepted]
    unasked = leafed_lists.unasked
    if (
        not told
        or not all(page.exchange.accepted for page in unasked)
        or any(page.names != unasked[0].names for page in unasked)
    ):
        raise NotOfferedError("the list changed meanwhile, or was not answered with what is its default")
    for page in told:
        if page.names != unasked[0].names:
            sentence = f"expected the list without a query to be that with {dict(page.query)!r}, its default"
            raise Mismatch(sentence, unasked[0].exchange.id, page.exchange.id)


@derived("stable-pages")
def test_what_is_made_meanwhile_puts_nothing_on_two_pages(leafed_lists: Leafed) -> None:
    pages = leafed_lists.interrupted
    if len(pages) < _SIZE or not all(page.exchange.accepted for page in pages):
        raise NotOfferedError("the list has no second page, or was not answered")
    first, second = pages
    twice = next((name for name in first.names if name in second.names), None)
    if twice is not None:
        sentence = f"expected each item on one page although another was made meanwhile, got {twice!r} on several"
        raise Mismatch(sentence, first.exchange.id, second.exchange.id)
