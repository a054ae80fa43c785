"""Lists of things: what was made is in them, filters and orders keep their word, pages make the whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import NotOfferedError
from conformance.contract.list_queries import conditions_of, orders_of, paging_of, total_of
from conformance.journal.records import Mismatch
from conformance.suite.any_api.comparing import Difference, alike, is_ordered, listed_otherwise, may_be_by, moments
from conformance.suite.any_api.creating import SCENARIO_BUDGETS
from conformance.suite.any_api.filtering import Filter, filter_of, unmatched
from conformance.suite.any_api.things import related_to, things_of
from conformance.suite.batch import decided
from conformance.suite.generated import account_for
from conformance.suite.scenarios import derived, scenario_for_each_operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.contract.list_queries import Paging, SortOrder
    from conformance.generation.cases import Drawing
    from conformance.generation.resources import LinkedValues
    from conformance.journal.records import Exchange
    from conformance.suite.any_api.things import Made, Things

_MADE: Final = 3
_MOST_PAGES: Final = 8
# So many pages of the largest size are read behind the first one, to have a whole list.
_MOST_FOLLOWING: Final = 4
_MOST_ORDERS: Final = 4
_SMALL_PAGE: Final = 2
# Members by which a page says whether others follow.
_MORE: Final = ("has_more", "hasMore", "has_next", "hasNext", "more")


@dataclass(frozen=True, slots=True)
class Page:
    """
    A list that was asked for: with which query, its answer, its items, and what names them.

    Of a whole list on several pages it is the first answer with the items of all. It is `cut` where it may be longer.
    """

    query: Mapping[str, Any]
    exchange: Exchange
    items: tuple[Any, ...]
    names: tuple[object, ...]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Within:
    """A list in an order by a member, a page from the middle of it, and the values that the page should have there."""

    member: str
    wanted: list[Any]
    whole: Page
    page: Page


@dataclass(frozen=True, slots=True)
class Listed:
    """
    Some things that were made, and their list in every way that the document offers.

    `foreign` is something that was made under another parent, None where there are none. `filtered` are the lists with
    filters, `ordered` those in an order, `pages` the small pages one after the other, and `last` the whole list again.
    `within` is a page of a list in an order.
    `settled` is what reads show alike of the first, before and after the last list; a member that moves by itself is
    not in it.
    """

    made: tuple[Made, ...]
    foreign: Made | None
    whole: Page
    filtered: tuple[tuple[Filter, Page], ...]
    ordered: tuple[tuple[SortOrder, Page], ...]
    pages: tuple[Page, ...]
    ended: bool
    within: Within | None
    last: Page
    settled: Mapping[str, Any]


@scenario_for_each_operation(SCENARIO_BUDGETS["resource-list"].budget)
def listed_things(operation: Operation, contract: Contract, account_pool: AccountPool, drawing: Drawing) -> Listed:
    """Things that differ in what a list can be filtered and ordered by, and their lists."""
    with account_for(account_pool, "listed", operation) as account:
        things = things_of(contract, account, drawing, operation)
        parents = things.parents()
        made = tuple(things.make(parents, values) for values in varied(things, operation))
        others = things.parents() if parents.path else None
        foreign = None if others is None else things.make(others)
        whole = asked_whole(things, parents, made)
        filtered = tuple((each, asked(things, parents, each.query)) for each in filters(things, operation, made, whole))
        orders = orders_of(things.graph, things.resource, operation)[:_MOST_ORDERS]
        ordered = tuple((order, asked(things, parents, order.query)) for order in orders)
        paging = paging_of(things.graph, operation)
        pages, ended = paged(things, parents, paging, len(whole.items)) if paging else ((), False)
        within = page_within(things, parents, paging, ordered) if paging else None
        before = members_of(things, made[0])
        last = asked_whole(things, parents, made)
        after = members_of(things, made[0])
        # A list that lags behind may show a job as it was before.
        told = things.shown(made[0].exchange)
        stays = told if isinstance(told, dict) else {}
        settled = {
            name: value
            for name, value in before.items()
            if name in after and alike(value, after[name])
            if alike(value, stays.get(name, None if things.known.job else value))
        }
        things.remove(*made, *([] if foreign is None else [foreign]))
        return Listed(made, foreign, whole, filtered, ordered, pages, ended, within, last, settled)


def members_of(things: Things, made: Made) -> Mapping[str, Any]:
    """What a read shows of something; empty where it can't be read, or isn't an object."""
    read = things.read(made) if things.resource.read else None
    seen = things.shown(read) if read is not None and read.accepted else None
    return seen if isinstance(seen, dict) else {}


def varied(things: Things, operation: Operation) -> Sequence[Mapping[str, Any]]:
    """
    Values for several things that differ in what can be filtered or ordered by.

    Of values that the document lists the last thing has that of the first, so that a filter has to find several. Its
    texts are those of the first but for their ends.
    """
    graph, resource = things.graph, things.resource
    sent = graph.sent_members(resource.create)
    conditions = conditions_of(graph, resource, operation)
    asked = {condition.member for condition in conditions} | {o.member for o in orders_of(graph, resource, operation)}
    if any(condition.kind == "search" for condition in conditions):
        asked |= {name for name, member in sent.items() if graph.kind_of(member) == "string" and "format" not in member}
    values = {name: several_of(graph.kind_of(sent[name]), sent[name], things) for name in sorted(asked & sent.keys())}
    return [{name: several[number] for name, several in values.items()} for number in range(_MADE)]


def several_of(kind: str, member: Mapping[str, Any], things: Things) -> Sequence[object]:
    """Several values of a kind, in no order."""
    listed = [value for value in member.get("enum", ()) if value is not None]
    if listed:
        return (listed[0], listed[-1], listed[0])
    least = int(member.get("minimum", 1))
    text = things.account.fresh_key()[:8]
    several: Mapping[str, Sequence[object]] = {
        "boolean": (True, False, True),
        "integer": (least + 2, least + 3, least + 1),
        "number": (least + 2.5, least + 3.5, least + 1.5),
        "string": (f"m{text}zz", f"b{text}", f"m{text}"),
    }
    return several.get(kind, (None,) * _MADE)


def filters(things: Things, operation: Operation, made: Sequence[Made], whole: Page) -> Iterator[Filter]:
    """Queries with each filter alone and with two together, with values that something has that was made."""
    known = dict(zip(map(str, whole.names), whole.items, strict=False))
    shown = [known[str(one.name)] for one in made if isinstance(known.get(str(one.name)), dict)]
    conditions = conditions_of(things.graph, things.resource, operation)
    alone = [found for each in conditions if (found := filter_of(each, shown)) is not None]
    yield from alone
    yield from (
        Filter({name: not value}, each.conditions)
        for each in alone
        for name, value in each.query.items()
        if isinstance(value, bool)
    )
    members = things.graph.item_members(things.resource)
    asked_by = {p.name: things.graph.resolved(p.schema) for p in operation.parameters}
    for each in conditions:
        other = unmatched(each, (asked_by.get(each.parameter, {}), members.get(each.member, {})), shown)
        yield from () if other is None else (other,)
    equal = [each for each in alone if each.conditions[0].kind == "equal" and each.conditions[0].member in made[0].body]
    for one, other in pairwise(equal):
        both = (one.conditions[0], other.conditions[0])
        values = {each.parameter: shown[1].get(each.member) for each in both} if len(shown) > 1 else {}
        if values and all(value is not None for value in values.values()):
            yield Filter(values, both)


def asked(things: Things, parents: LinkedValues, query: Mapping[str, Any]) -> Page:
    """A list with a query, as long as it may be."""
    exchange = things.listed(parents, query)
    items = tuple(things.items(exchange)) if exchange.accepted else ()
    names = tuple(things.names(exchange)) if exchange.accepted else ()
    paging = paging_of(things.graph, things.operation(things.resource.list))
    return Page(query, exchange, items, names, paging is not None and len(items) >= paging.largest)


def asked_whole(things: Things, parents: LinkedValues, expected: Sequence[Made]) -> Page:
    """A whole list, page after page; asked for again where what is expected in it is not there yet."""
    wanted = {str(made.name) for made in expected}
    return things.eventually(
        lambda: all_pages(things, parents),
        lambda page: not page.exchange.accepted or wanted <= set(map(str, page.names)),
    )


def all_pages(things: Things, parents: LinkedValues) -> Page:
    """A list with what follows its first page."""
    paging = paging_of(things.graph, things.operation(things.resource.list))
    first = latest = asked(things, parents, {})
    items, names, number = [*first.items], [*first.names], 0
    while paging is not None and latest.cut and number < _MOST_FOLLOWING:
        number += 1
        ways = {"offset": len(items), "page": paging.first + number, "cursor": following(latest.exchange, paging)}
        if ways[paging.kind] is None:
            return replace(first, items=tuple(items), names=tuple(names), cut=False)
        latest = asked(things, parents, {paging.on: ways[paging.kind]})
        items += latest.items
        names += latest.names
    return replace(first, items=tuple(items), names=tuple(names), cut=latest.cut)


def paged(things: Things, parents: LinkedValues, paging: Paging, count: int) -> tuple[tuple[Page, ...], bool]:
    """Small pages one after the other, and whether the last of them was reached."""
    size = max(_SMALL_PAGE, -(-count // (_MOST_PAGES - 1)))
    pages: list[Page] = []
    position: object = {"offset": None, "page": paging.first, "cursor": None}[paging.kind]
    while len(pages) < _MOST_PAGES:
        query = {paging.size: size, **({} if position is None else {paging.on: position})}
        page = asked(things, parents, query)
        pages.append(page)
        if not page.exchange.accepted or not page.items:
            return tuple(pages), page.exchange.accepted
        if paging.kind == "offset":
            position = size * len(pages)
        elif paging.kind == "page":
            position = paging.first + len(pages)
        else:
            position = following(page.exchange, paging)
            if position is None:
                return tuple(pages), True
    return tuple(pages), False


def page_within(
    things: Things, parents: LinkedValues, paging: Paging, ordered: Sequence[tuple[SortOrder, Page]]
) -> Within | None:
    """A page of a list in an order that begins behind its first value, by the last of the orders for which it can."""
    for order, page in reversed(ordered):
        found = _page_of(things, parents, paging, order, page)
        if found is not None and values_of(found.page, order.member) != found.wanted:
            # Others may have changed the list meanwhile.
            found = _page_of(things, parents, paging, order, asked(things, parents, order.query))
        if found is not None:
            return found
    return None


def _page_of(things: Things, parents: LinkedValues, paging: Paging, order: SortOrder, whole: Page) -> Within | None:
    values = values_of(whole, order.member)
    later = next((place for place, value in enumerate(values) if value != values[0]), None)
    if paging.kind != "offset" or not whole.exchange.accepted or later is None:
        return None
    query = {**order.query, paging.size: _SMALL_PAGE, paging.on: later}
    return Within(order.member, values[later : later + _SMALL_PAGE], whole, asked(things, parents, query))


def values_of(page: Page, member: str) -> list[Any]:
    """What the items of a list have in a member."""
    return [item.get(member) for item in page.items if isinstance(item, dict)]


def following(exchange: Exchange, paging: Paging) -> object:
    """What an answer says comes next; None where it says nothing."""
    whole = exchange.get("")
    holders = [whole, *whole.values()] if isinstance(whole, dict) else []
    for holder in holders:
        for name, value in holder.items() if isinstance(holder, dict) else ():
            leads_on = "next" in name.lower() or name == paging.on
            if leads_on and isinstance(value, str | int) and not isinstance(value, bool) and "/" not in str(value):
                return value or None
    return None


def shown(page: Page) -> Page:
    """The list, where it was answered (raises `NotOfferedError` otherwise)."""
    if not decided(page.exchange).accepted:
        raise NotOfferedError(f"the list was not answered: {page.exchange.summary}")
    return page


@derived("lists")
def test_the_list_has_what_was_made(listed_things: Listed) -> None:
    whole, last = shown(listed_things.whole), shown(listed_things.last)
    if last.cut:
        raise NotOfferedError("the list is longer than one page")
    missing = [made for made in listed_things.made if made.name not in whole.names and made.name not in last.names]

    if missing:
        sentence = f"expected {missing[0].name!r} in the list, which was just made"
        raise Mismatch(sentence, missing[0].exchange.id, last.exchange.id)
    first, settled = listed_things.made[0], listed_things.settled
    item = dict(zip(map(str, last.names), last.items, strict=False)).get(str(first.name))
    if isinstance(item, dict):
        problems = [*listed_otherwise(item, settled, first.body)]
        if problems:
            problems[0].look_at(last.exchange, item)
            sentence = f"expected {first.name!r} in the list as it is read, but {problems[0]} there"
            raise Mismatch(sentence, first.exchange.id, last.exchange.id)
    foreign = listed_things.foreign
    # A name may be counted anew under each parent.
    own = {made.name for made in listed_things.made}
    if foreign is not None and foreign.name in whole.names and foreign.name not in own:
        sentence = f"expected a list without {foreign.name!r}, which hangs under something else"
        raise Mismatch(sentence, foreign.exchange.id, whole.exchange.id)


@derived("filters")
def test_filters_keep_their_word(listed_things: Listed) -> None:
    answered = [(each, page) for each, page in listed_things.filtered if page.exchange.accepted]
    if not answered:
        raise NotOfferedError("no list with a filter was answered")
    whole, kept = (
        dict(zip(map(str, page.names), page.items, strict=False)) for page in (listed_things.whole, listed_things.last)
    )

    for each, page in answered:
        strange = [item for item in page.items if isinstance(item, dict) and each.excludes(item)]
        if strange:
            shown_values = {one.member: strange[0].get(one.member) for one in each.conditions if one.member}
            for member in shown_values:
                Difference(member, "").look_at(page.exchange, strange[0])
            sentence = f"expected only items that match {dict(page.query)!r}, got one with {shown_values!r}"
            raise Mismatch(sentence, page.exchange.id)
        # What moves by itself, or by others, may have matched at one time and not at another.
        lasting = {name for name, item in whole.items() if each.includes(item) and each.includes(kept.get(name))}
        missing = [made for made in listed_things.made if str(made.name) in lasting and made.name not in page.names]
        if missing and not page.cut:
            sentence = f"expected {missing[0].name!r} among the items that match {dict(page.query)!r}"
            raise Mismatch(sentence, missing[0].exchange.id, page.exchange.id)
        unseen = [name for name in whole if name in lasting and name not in map(str, page.names)]
        if unseen and not page.cut:
            sentence = f"expected {unseen[0]!r} of the list among the items that match {dict(page.query)!r}"
            raise Mismatch(sentence, listed_things.whole.exchange.id, page.exchange.id)


@derived("sorts")
def test_the_order_is_the_one_that_was_asked_for(listed_things: Listed) -> None:
    answered = [(order, page) for order, page in listed_things.ordered if page.exchange.accepted]
    if not answered:
        raise NotOfferedError("no list in an order was answered")

    for order, page in answered:
        values = [item.get(order.member) for item in page.items if isinstance(item, dict)]
        opposite = (other for way, other in answered if way.implied and way.descending is not order.descending)
        if order.implied and not is_turned_round(order, page, next(opposite, None)):
            continue
        if not is_ordered([value for value in values if value is not None], descending=order.descending):
            way = "falling" if order.descending else "rising"
            sentence = f"expected {order.member} in {way} order for {dict(order.query)!r}, got {values[:6]!r}"
            raise Mismatch(sentence, page.exchange.id)


def is_turned_round(order: SortOrder, page: Page, opposite: Page | None) -> bool:
    """
    Whether a list is by when things were made, the wrong way round, and in the order asked for by nothing else.

    What explains the order by another member explains that of the `opposite` list as well.
    """
    made = moments(values_of(page, order.member))
    turned = len(set(made)) == len(page.items) and made == sorted(made, reverse=not order.descending)
    names = {name for item in page.items if isinstance(item, dict) for name in item}
    explained = (
        may_be_by(values_of(page, name), descending=order.descending)
        and (opposite is None or may_be_by(values_of(opposite, name), descending=not order.descending))
        for name in names
    )
    return turned and not any(explained)


@derived("pages")
def test_pages_make_the_whole(listed_things: Listed, operation: Operation, contract: Contract) -> None:
    paging = paging_of(related_to(contract, operation).graph, operation)
    whole, last = shown(listed_things.whole), shown(listed_things.last)
    pages = [page for page in listed_things.pages if page.exchange.accepted]
    if paging is None or not pages or whole.names != last.names or whole.cut:
        raise NotOfferedError("the list changed meanwhile, is longer than one page, or has none")
    for page in pages:
        size = page.query[paging.size]
        if len(page.items) > size:
            raise Mismatch(f"expected at most {size} items of a page, got {len(page.items)}", page.exchange.id)
    for number, page in enumerate(pages):
        more = next(
            (page.exchange.get(f"/{name}") for name in _MORE if page.exchange.get(f"/{name}") is not None), None
        )
        follows = any(later.items for later in pages[number + 1 :])
        if listed_things.ended and isinstance(more, bool) and more is not follows and (more or page.items):
            raise Mismatch(f"expected that a page says whether more follow ({follows}), got {more}", page.exchange.id)
    names = [name for page in pages for name in page.names]
    evidence = tuple(page.exchange.id for page in pages)
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise Mismatch(f"expected each item on one page, got {twice[0]!r} on several", *evidence)
    missing = [name for name in whole.names if name not in names]
    if listed_things.ended and missing:
        raise Mismatch(f"expected all items on the pages, missed {missing[0]!r}", *evidence, whole.exchange.id)
    check_page_within(listed_things)


def check_page_within(listed_things: Listed) -> None:
    """Raise `Mismatch` where a page of a list in an order is not the part of it that was asked for."""
    within = listed_things.within
    if within is None or not within.page.exchange.accepted:
        return
    values = values_of(within.page, within.member)
    if values != within.wanted:
        sentence = f"expected {within.member} {within.wanted!r} for {dict(within.page.query)!r}, as in the whole list"
        raise Mismatch(f"{sentence}, got {values!r}", within.whole.exchange.id, within.page.exchange.id)


@derived("totals")
def test_the_total_is_right(listed_things: Listed, operation: Operation, contract: Contract) -> None:
    known = related_to(contract, operation)
    pointer = total_of(known.graph, known.resource) or ""
    whole, last = shown(listed_things.whole), shown(listed_things.last)
    if whole.names != last.names or whole.cut:
        raise NotOfferedError("the list changed meanwhile, or is longer than one page")
    stated = [
        (page, page.exchange.get(pointer))
        for page in (whole, *listed_things.pages)
        if page.exchange.accepted and isinstance(page.exchange.get(pointer), int)
    ]
    # A page may state how many items it has itself: a total is what all pages say alike, or says so of the whole.
    if pointer.endswith("count") and any(total == len(page.items) != len(whole.items) for page, total in stated):
        raise NotOfferedError("the document does not say what is counted")

    for each, page in listed_things.filtered:
        total = page.exchange.get(pointer) if page.exchange.accepted else None
        followed = isinstance(total, int) and not page.cut and not any(map(each.excludes, page.items))
        if followed and total != len(page.items):
            sentence = f"expected a total of {len(page.items)} for {dict(page.query)!r}, got {total}"
            raise Mismatch(sentence, page.exchange.id)
    for page, total in stated:
        if total != len(whole.items):
            sentence = f"expected a total of {len(whole.items)}, got {total}"
            raise Mismatch(sentence, whole.exchange.id, page.exchange.id)
