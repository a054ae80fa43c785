"""Lists page by page: what is asked of a list holds on each page, unasked it does what the document says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import NotOfferedError
from conformance.contract.list_queries import conditions_of, orders_of, paging_of, unasked_of
from conformance.generation.freshening import rewritten_time
from conformance.journal.records import Mismatch
from conformance.suite.any_api.comparing import moments
from conformance.suite.any_api.creating import SCENARIO_BUDGETS
from conformance.suite.any_api.filtering import Filter
from conformance.suite.any_api.test_resource_lists import Page, asked, following, values_of
from conformance.suite.any_api.things import things_of
from conformance.suite.generated import account_for
from conformance.suite.scenarios import derived, scenario_for_each_operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.contract.list_queries import Condition, Paging
    from conformance.generation.cases import Drawing
    from conformance.generation.resources import LinkedValues
    from conformance.suite.any_api.things import Made, Things

# Three pages, of which the last is not full.
_MADE: Final = 5
_SIZE: Final = 2
_MOST_WAYS: Final = 7
_MOST_PAGES: Final = 8


@dataclass(frozen=True, slots=True)
class PagedList:
    """A list that was asked for in one way: at once, page by page, and at once again; `ended`: to its last page."""

    filter: Filter
    whole: Page
    pages: tuple[Page, ...]
    ended: bool
    last: Page


@dataclass(frozen=True, slots=True)
class Leafed:
    """
    Some things alike, and their lists page by page.

    `unasked` is the list without a query, twice, and `asked` between these what it is with each default that the
    document states.
    `interrupted` are pages between whose first two something was made, and `before` the whole list before that.
    """

    made: tuple[Made, ...]
    lists: tuple[PagedList, ...]
    unasked: tuple[Page, ...]
    asked: tuple[Page, ...]
    interrupted: tuple[Page, ...]
    before: Page | None


@scenario_for_each_operation(SCENARIO_BUDGETS["resource-pages"].budget)
def leafed_lists(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Leafed:
    """Things alike, so that each filter finds several of them, and their lists in every way that the document has."""
    with account_for(account_pool, "leafed", operation) as account:
        things = things_of(contract, account, drawing, operation)
        parents = things.parents()
        made = [things.make(parents, plain=True) for _ in range(_MADE)]
        paging = paging_of(things.graph, operation)
        # What is known of the list is asked for as the last, when a list that lags behind has what was made.
        whole = things.eventually(lambda: asked(things, parents, {}), lambda page: len(page.items) >= len(made))
        lists = [] if paging is None else [leafed(things, parents, paging, way) for way in ways(things, whole)]
        defaults = unasked_of(things.graph, operation)
        first = bare(things, parents, {})
        told = [bare(things, parents, {name: value}) for name, value in defaults.items()]
        unasked = (first, bare(things, parents, {}))
        before, interrupted = None, list[Page]()
        if paging is not None and paging.kind == "cursor":
            before = asked(things, parents, {})
            for number, page in enumerate(leafing(things, parents, paging, {})):
                interrupted.append(page)
                if number == 0:
                    made.append(things.make(parents, plain=True))
        things.remove(*made)
        return Leafed(tuple(made), tuple(lists), unasked, tuple(told), tuple(interrupted), before)


def ways(things: Things, whole: Page) -> Sequence[Filter]:
    """The ways to ask for the list: plainly, in each order, and with each filter that several items match."""
    operation = things.operation(things.resource.list)
    items = [item for item in whole.items if isinstance(item, dict)]
    found = [Filter({}, ())]
    found += [Filter(order.query, ()) for order in orders_of(things.graph, things.resource, operation)]
    for condition in conditions_of(things.graph, things.resource, operation):
        value = common_value(condition, items)
        if value is not None:
            found.append(Filter({condition.parameter: value}, (condition,)))
    return found[:_MOST_WAYS]


def common_value(condition: Condition, items: Sequence[Mapping[str, Any]]) -> object:
    """A value that several of the items match; None where there is none."""
    values = [item[condition.member] for item in items if item.get(condition.member) is not None]
    if condition.kind == "equal":
        plain = [value for value in values if isinstance(value, str | int | float | bool)]
        return next((value for value in plain if plain.count(value) > _SIZE), None)
    known = moments(values)
    if condition.kind not in ("least", "most") or not known:
        return None
    apart = timedelta(hours=1)
    moment = min(known) - apart if condition.kind == "least" else max(known) + apart
    return rewritten_time(str(values[0]), moment)


def leafed(things: Things, parents: LinkedValues, paging: Paging, way: Filter) -> PagedList:
    """The list in one way, at once and page by page."""
    whole = asked(things, parents, way.query)
    pages = tuple(leafing(things, parents, paging, way.query)) if whole.exchange.accepted else ()
    ended = bool(pages) and pages[-1].exchange.accepted and not _goes_on(pages[-1], paging)
    return PagedList(way, whole, pages, ended, asked(things, parents, way.query))


def _goes_on(page: Page, paging: Paging) -> bool:
    if paging.kind == "cursor":
        return following(page.exchange, paging) is not None
    return len(page.items) >= _SIZE


def leafing(things: Things, parents: LinkedValues, paging: Paging, query: Mapping[str, Any]) -> Iterator[Page]:
    """Small pages one after the other, to the last one or as many as are read at most."""
    position: object = None
    for number in range(1, _MOST_PAGES + 1):
        on = {} if position is None else {paging.on: position}
        page = asked(things, parents, {paging.size: _SIZE, **query, **on})
        yield page
        if not page.exchange.accepted or not page.items or not _goes_on(page, paging):
            return
        following_by = {"offset": _SIZE * number, "page": paging.first + number}
        position = following(page.exchange, paging) if paging.kind == "cursor" else following_by[paging.kind]


def bare(things: Things, parents: LinkedValues, query: Mapping[str, Any]) -> Page:
    """A list with no other query than this one."""
    operation = things.operation(things.resource.list)
    exchange = things.account.call(operation.id, path=parents.path, query=query)
    names = tuple(things.names(exchange)) if exchange.accepted else ()
    return Page(query, exchange, tuple(things.items(exchange)) if exchange.accepted else (), names)


@derived("paged-queries")
def test_what_is_asked_of_a_list_holds_on_every_page(leafed_lists: Leafed) -> None:
    # What others, or time, changed meanwhile shows nothing.
    steady = [one for one in leafed_lists.lists if one.whole.names == one.last.names and not one.whole.cut]
    steady = [one for one in steady if one.pages and all(page.exchange.accepted for page in one.pages)]
    if not steady:
        raise NotOfferedError("no list was answered page by page that stayed the same meanwhile")
    for one in steady:
        _check_pages(one)


def _check_pages(one: PagedList) -> None:
    evidence = (one.whole.exchange.id, *(page.exchange.id for page in one.pages))
    shown = f" for {dict(one.filter.query)!r}" if one.filter.query else ""
    for page in one.pages:
        strange = next((item for item in page.items if one.filter.excludes(item)), None)
        if strange is not None and not any(map(one.filter.excludes, one.whole.items)):
            raise Mismatch(f"expected only items that match{shown} on every page, got another", page.exchange.id)
    names = [name for page in one.pages for name in page.names]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Mismatch(f"expected each item on one page{shown}, got {twice!r} on several", *evidence)
    missing = next((name for name in one.whole.names if name not in names), None)
    if one.ended and missing is not None:
        raise Mismatch(f"expected all items on the pages{shown}, missed {missing!r}", *evidence)
    items = [item for page in one.pages for item in page.items if isinstance(item, dict)]
    for member in items[0] if items else ():
        _check_order(member, one.whole, [item.get(member) for item in items], evidence)


def _check_order(member: str, whole: Page, values: Sequence[object], evidence: Sequence[str]) -> None:
    """Raise `Mismatch` where the times of a member are strictly in order in the whole list and not on the pages."""
    known, seen = moments(values_of(whole, member)), moments(list(values))
    if len(known) < len(whole.items) or len(seen) < len(values) or len(set(known)) < len(known):
        return
    for descending in (False, True):
        if known == sorted(known, reverse=descending) and seen != sorted(seen, reverse=descending):
            sentence = f"expected the pages to be in the order of the whole list by {member}"
            raise Mismatch(f"{sentence}, got {[*values][:6]!r}", *evidence)


@derived("list-defaults")
def test_a_list_does_unasked_what_the_document_says(leafed_lists: Leafed) -> None:
    unasked, again = leafed_lists.unasked
    told = [page for page in leafed_lists.asked if page.exchange.accepted]
    if not unasked.exchange.accepted or not told or unasked.names != again.names:
        raise NotOfferedError("the list changed meanwhile, or was not answered with what is its default")
    for page in told:
        if page.names != unasked.names:
            sentence = f"expected the list without a query to be that with {dict(page.query)!r}, its default"
            raise Mismatch(sentence, unasked.exchange.id, page.exchange.id)


@derived("stable-pages")
def test_what_is_made_meanwhile_puts_nothing_on_two_pages(leafed_lists: Leafed) -> None:
    before, pages = leafed_lists.before, [page for page in leafed_lists.interrupted if page.exchange.accepted]
    if before is None or len(pages) < len(leafed_lists.interrupted) or len(pages) < _SIZE:
        raise NotOfferedError("the list has no second page, or was not answered")
    names = [name for page in pages for name in page.names]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        sentence = f"expected each item on one page although another was made meanwhile, got {twice!r} on several"
        raise Mismatch(sentence, *(page.exchange.id for page in pages))
