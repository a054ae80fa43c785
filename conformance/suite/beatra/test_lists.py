"""The list of tasks: pages, order, filters and what is shown of each task, all over one shelf of tasks."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from conformance.client.budget import keeps
from conformance.client.errors import BlockedError, NotOfferedError, UndecidedError
from conformance.journal.records import Mismatch
from conformance.suite.beatra.bodies import MINIMAX, SUNO
from conformance.suite.beatra.envelopes import documented, in_utc
from conformance.suite.beatra.paging import VISITS_ONCE, cursor_of, ids_in, items_of
from conformance.suite.beatra.refusals import decided
from conformance.suite.beatra.shelf import BALANCE, BUSY_PAGE, PARTS, Shelf, fill
from conformance.suite.marks import requirement
from conformance.suite.scenarios import scenario

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from conformance.client.stage import Stage
    from conformance.contract.contract import Contract
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway
    from conformance.suite.beatra.paging import Walk
    from conformance.suite.beatra.shelf import Filtered

CREATED_AT = "BEATRA-TASK-09"
DEFAULT_LIMIT = 20
BEGINS = "BEATRA-LIST-14"


@scenario(keeps(SUNO, MINIMAX, cancelled=(SUNO, *(MINIMAX,) * 24), open_at_once=3, requests=300))
def shelf(gateway: OpenGateway, stage: Stage) -> Shelf:
    """Tasks in every state that the gateway can be brought to, and the lists of them."""
    with gateway("shelf", wants=("clock", "tasks/hold", "tasks/outcome"), balance=BALANCE) as beatra:
        shelf = fill(beatra, busy=stage.provisional)
        observe_bounds(beatra)
        observe_what_is_shown(beatra, shelf)
        return shelf


@pytest.fixture(scope="session")
def pages(request: pytest.FixtureRequest, gateway: OpenGateway) -> tuple[tuple[int | None, Exchange], ...]:
    """Pages by the `limit` that was asked for: of the shelf, else of whatever tasks the account has."""
    try:
        shelf: Shelf = request.getfixturevalue("shelf")
    except UndecidedError:
        with gateway("pages") as beatra:
            return ((None, beatra.list_tasks()), *((limit, beatra.list_tasks(limit=limit)) for limit in (1, 2, 21)))
    return (
        (None, shelf.default_page),
        *((walk.limit, page) for walk in shelf.paged.values() for page in walk.pages),
    )


def observe_bounds(beatra: Gateway) -> None:
    """Record what becomes of limits outside of the documented bounds, and of a cursor that nobody gave out."""
    for query in ({"limit": 0}, {"limit": 101}, {"cursor": "unknown"}):
        answer = beatra.list_tasks(**query)
        if answer.response is not None:
            (asked,) = (f"{name}={value}" for name, value in query.items())
            beatra.observe("BEATRA-OBS-LIST-BOUNDS", f"{asked} is answered {answer.status}", answer)


def observe_what_is_shown(beatra: Gateway, shelf: Shelf) -> None:
    """Record which fields a summary has, and whether the edges of a range belong to it."""
    first = shelf.default_page.get("/data/0")
    if isinstance(first, dict):
        beatra.observe("BEATRA-OBS-SUMMARY-FIELDS", f"a summary has {', '.join(sorted(first))}", shelf.default_page)
    full = len(shown_ids(shelf.default_page))
    if full:
        text = f"a page without limit has {full} of at least {len(shelf.tasks)} tasks"
        beatra.observe("BEATRA-OBS-DEFAULT-PAGE", text, shelf.default_page)
    if shelf.instant is None:
        return
    edge = {task_id for task_id, at in shelf.moments().items() if at == shelf.instant.at}
    for name, walk in (("created_after", shelf.instant.after[0]), ("created_before", shelf.instant.before[0])):
        listed = {task_id for page in walk.pages if page.ok for task_id in shown_ids(page)}
        held = "includes" if edge & listed else "does not include"
        beatra.observe("BEATRA-OBS-LIST-EDGES", f"{name} {held} the instant itself", *walk.pages)


def shown_ids(page: Exchange) -> set[str]:
    try:
        return set(ids_in(items_of(page)))
    except UndecidedError:
        return set()


@requirement("BEATRA-LIST-04")
def test_a_page_has_no_more_tasks_than_were_asked_for(pages: tuple[tuple[int | None, Exchange], ...]) -> None:
    fullest = 0
    for limit, page in pages:
        found = len(items_of(page))
        fullest = max(fullest, found)
        if limit is not None and found > limit:
            raise Mismatch(f"expected at most {limit} tasks on a page, got {found}", page.id)

    if fullest < 2:
        raise NotOfferedError("needs an account with two tasks, or play money to create them")


@requirement("BEATRA-LIST-18")
def test_a_page_calls_itself_a_list(pages: tuple[tuple[int | None, Exchange], ...]) -> None:
    shown = [(page, page.get("/object")) for _, page in pages if page.ok and page.get("/object") is not None]
    if not shown:
        raise NotOfferedError("no page of the list says what it is")
    for page, value in shown:
        if value != "list":
            raise Mismatch(f"expected 'list' at /object, got {value!r:.60}", page.id)


@requirement("BEATRA-LIST-05")
def test_a_page_has_at_most_twenty_tasks_unless_asked_otherwise(pages: tuple[tuple[int | None, Exchange], ...]) -> None:
    known = len({task_id for _, page in pages for task_id in ids_in(items_of(page))})

    for page in (page for limit, page in pages if limit is None):
        found = len(items_of(page))
        if found > DEFAULT_LIMIT:
            raise Mismatch(f"expected at most {DEFAULT_LIMIT} tasks on a page, got {found}", page.id)
    if known <= DEFAULT_LIMIT:
        raise NotOfferedError("needs an account with more than 20 tasks, or play money to create them")


@requirement("BEATRA-LIST-06")
def test_paging_visits_every_task_once(shelf: Shelf) -> None:
    for walk in shelf.paged.values():
        expect_one_visit(walk, shelf.listed)


@requirement("BEATRA-LIST-07")
def test_paging_visits_every_task_once_while_new_ones_arrive(shelf: Shelf) -> None:
    if not shelf.busy:
        raise NotOfferedError("nothing was listed while tasks arrived: that is done only where the rule is judged")
    for order, walk in shelf.busy.items():
        try:
            expect_one_visit(shelf.paged[order, BUSY_PAGE], shelf.listed)
        except Mismatch as error:
            raise BlockedError(VISITS_ONCE, str(error)) from error
        expect_one_visit(walk, shelf.listed)


def expect_one_visit(walk: Walk, tasks: Collection[str]) -> None:
    visits = Counter(walk.visits)
    twice = [task_id for task_id in tasks if visits[task_id] > 1]
    if twice:
        raise Mismatch(f"expected each task on one page, got {', '.join(twice[:3])} on more", *walk.exchange_ids)
    if walk.cut and set(visits) - set(tasks):
        raise BlockedError(BEGINS, f"a list of our own tasks only had no end after {len(walk.pages)} pages")
    if walk.cut:
        raise Mismatch(f"expected an end of the list, got a cursor after {len(walk.pages)} pages", *walk.exchange_ids)
    missing = [task_id for task_id in tasks if task_id not in visits]
    if missing:
        walk.expect_end()
        shown = ", ".join(missing[:3])
        raise Mismatch(f"expected every task on a page, got none with {shown}", *walk.exchange_ids)


@requirement("BEATRA-LIST-08")
def test_has_more_tells_whether_there_is_a_next_page(shelf: Shelf) -> None:
    shown = [page for walk in shelf.paged.values() for page in walk.pages if page.get("/has_more") is not None]
    if not shown:
        raise NotOfferedError("no page of the list says whether there are more")
    for walk in shelf.paged.values():
        for number, (page, after) in enumerate(pairwise(walk.pages)):
            earlier = {task_id for seen in walk.pages[: number + 1] for task_id in ids_in(items_of(seen))}
            expect_right_promise(page, after, earlier)
        expect_right_end(walk)


def expect_right_promise(page: Exchange, after: Exchange, earlier: set[str]) -> None:
    more = page.get("/has_more")
    if more is True and not after.ok:
        raise Mismatch(f"expected next_cursor to lead on, got {decided(after)}", page.id, after.id)
    if more is not True and page.get("/has_more") is not None and after.ok and set(ids_in(items_of(after))) - earlier:
        raise Mismatch(f"expected has_more true before a page with tasks, got {more!r:.40}", page.id, after.id)


def expect_right_end(walk: Walk) -> None:
    last = walk.pages[-1]
    if walk.cut:
        raise BlockedError(VISITS_ONCE, f"the list had no end after {len(walk.pages)} pages")
    if not last.ok or last.get("/has_more") is not True:
        return
    if cursor_of(last) is None:
        raise Mismatch(f"expected a next_cursor where has_more is true, got {last.get('/next_cursor')!r:.40}", last.id)
    raise Mismatch("expected has_more not to be true where nothing follows", *walk.exchange_ids[-3:])


@requirement("BEATRA-LIST-09")
def test_asc_is_the_reverse_of_desc(shelf: Shelf) -> None:
    desc, asc = shelf.paged["desc", 100], shelf.paged["asc", 100]
    both = told_apart(shelf, desc, asc)

    expect_order(asc, desc.order_of(both)[::-1], "the reverse of desc", desc)


@requirement("BEATRA-LIST-10")
def test_the_default_order_is_desc(shelf: Shelf) -> None:
    desc = shelf.paged["desc", 100]
    both = told_apart(shelf, desc, shelf.unordered)

    expect_order(shelf.unordered, desc.order_of(both), "the order of desc", desc)


@requirement("BEATRA-LIST-11")
def test_desc_begins_with_the_newest(shelf: Shelf) -> None:
    desc = shelf.paged["desc", 100]
    moments = shelf.moments()
    newest_first = sorted(told_apart(shelf, desc), key=lambda task_id: moments[task_id], reverse=True)

    expect_order(desc, newest_first, "the newest first")


def told_apart(shelf: Shelf, *walks: Walk) -> list[str]:
    """The tasks on all of these walks whose creation has a time of its own: others may stand in any order."""
    moments = shelf.moments()
    shared = Counter(moments.values())
    found = [
        task_id for task_id, at in moments.items() if shared[at] == 1 and all(task_id in walk.visits for walk in walks)
    ]
    if len(found) < 2:
        raise BlockedError(CREATED_AT, "no two listed tasks can be told apart by created_at")
    return found


def expect_order(walk: Walk, wanted: list[str], words: str, *others: Walk) -> None:
    shown = walk.order_of(wanted)
    if shown != wanted:
        place = next(index for index, pair in enumerate(zip(shown, wanted, strict=True)) if pair[0] != pair[1])
        evidence = (*walk.exchange_ids, *(page for other in others for page in other.exchange_ids))
        raise Mismatch(f"expected {words}, so {wanted[place]} before {shown[place]}", *evidence)


@requirement("BEATRA-LIST-12")
def test_the_list_can_be_filtered_by_state(shelf: Shelf) -> None:
    states = shelf.stable_states()

    expect_filtered(shelf, shelf.states, {task_id: states[task_id] for task_id in shelf.listed if task_id in states})


@requirement("BEATRA-LIST-13")
def test_the_list_can_be_filtered_by_capability(shelf: Shelf) -> None:
    capabilities = {task_id: shelf.tasks[task_id].get("/capability") for task_id in shelf.listed}
    known = {task_id: value for task_id, value in capabilities.items() if isinstance(value, str)}

    expect_filtered(shelf, shelf.capabilities, known)


def expect_filtered(shelf: Shelf, filtered: Filtered, truth: Mapping[str, str]) -> None:
    if len(set(truth.values())) < 2:
        raise NotOfferedError(f"needs tasks that differ in {filtered.name}")
    for value, walk in filtered.walks.items():
        wanted = {task_id for task_id, is_value in truth.items() if is_value == value}
        expect_tasks(walk, f"{filtered.name}={value}", wanted, truth.keys() - wanted)
        for item in walk.items:
            shown = item.get(filtered.name)
            # What of our own tasks is not known for certain changed while the lists were made.
            if item["task_id"] not in shelf.tasks and isinstance(shown, str) and shown != value:
                raise Mismatch(f"expected only tasks with {filtered.name} {value}, got {shown}", *walk.exchange_ids)


@requirement("BEATRA-LIST-14")
def test_the_list_can_begin_at_an_instant(shelf: Shelf) -> None:
    expect_range(shelf, "created_after")


@requirement("BEATRA-LIST-15")
def test_the_list_can_end_at_an_instant(shelf: Shelf) -> None:
    expect_range(shelf, "created_before")


def expect_range(shelf: Shelf, name: str) -> None:
    if shelf.instant is None:
        raise BlockedError(CREATED_AT, "no three tasks can be told apart by created_at")
    at = shelf.instant.at
    moments = {task_id: moment for task_id, moment in shelf.moments().items() if task_id in shelf.listed}
    later = {task_id for task_id, moment in moments.items() if moment > at}
    earlier = {task_id for task_id, moment in moments.items() if moment < at}
    for walk in shelf.instant.after if name == "created_after" else shelf.instant.before:
        inside, outside = (later, earlier) if name == "created_after" else (earlier, later)
        expect_tasks(walk, f"{name}={in_utc(at)}", inside, outside)


def expect_tasks(walk: Walk, asked: str, wanted: Iterable[str], unwanted: Iterable[str]) -> None:
    listed = set(walk.visits)
    wrong = [task_id for task_id in unwanted if task_id in listed]
    if wrong:
        raise Mismatch(f"expected a list with {asked} to leave out {wrong[0]}", *walk.exchange_ids)
    missing = [task_id for task_id in wanted if task_id not in listed]
    if missing:
        walk.expect_end()
        raise Mismatch(f"expected a list with {asked} to have {missing[0]}", *walk.exchange_ids)


@requirement("BEATRA-LIST-16")
def test_expand_adds_the_parts_that_it_names(shelf: Shelf, contract: Contract) -> None:
    for asked, walk in shelf.expanded.items():
        for part in (name for name in PARTS if name in asked.split(",")):
            expect_values(shelf, walk, part, contract)


@requirement("BEATRA-LIST-17")
def test_expand_all_gives_whole_envelopes(shelf: Shelf, contract: Contract) -> None:
    read = (documented(contract.document, envelope) for envelope in shelf.ended().values())
    for name in dict.fromkeys(name for envelope in read for name in envelope):
        # Which id reading a task shows is the business of another requirement.
        if name != "task_id":
            expect_values(shelf, shelf.expanded["all"], name, contract)


@requirement("BEATRA-LIST-17")
def test_expand_all_shows_the_states_of_tasks_that_go_on(shelf: Shelf) -> None:
    walk, states = shelf.expanded["all"], shelf.stable_states()
    for item in walk.items:
        state = states.get(item["task_id"])
        if state is not None and item.get("status") != state:
            text = f"expected the listed {item['task_id']} to be {state}, got {item.get('status')!r:.40}"
            raise Mismatch(text, *walk.exchange_ids, shelf.tasks[item["task_id"]].id)


def expect_values(shelf: Shelf, walk: Walk, member: str, contract: Contract) -> None:
    """Every ended task on the walk has at a documented member what reading it gives, where that is anything."""
    listed = {item["task_id"]: item for item in walk.items}
    ended = shelf.ended()
    if not ended.keys() & listed.keys():
        raise BlockedError(VISITS_ONCE, "the list shows none of our tasks that have ended")
    for task_id in ended.keys() & listed.keys():
        value = documented(contract.document, ended[task_id]).get(member)
        if value is not None and documented(contract.document, listed[task_id]).get(member) != value:
            shown = listed[task_id].get(member)
            text = f"expected the listed {task_id} to have the {member} of its envelope, got {shown!r:.120}"
            raise Mismatch(text, *walk.exchange_ids, shelf.tasks[task_id].id)
