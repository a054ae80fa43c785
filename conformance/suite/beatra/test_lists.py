"""The list of tasks: pages, order, filters and what is shown of each task, all over the same tasks."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from conformance.client.errors import BlockedError, NotOfferedError, UndecidedError
from conformance.journal.records import Mismatch
from conformance.money.budget import keeps
from conformance.suite.beatra.answers import decided
from conformance.suite.beatra.bodies import MINIMAX, SUNO
from conformance.suite.beatra.envelopes import documented, in_utc
from conformance.suite.beatra.list_fixture import BALANCE, BUSY_PAGE, PARTS, ListFixture, fill
from conformance.suite.beatra.paging import VISITS_ONCE, cursor_of, ids_in, items_of
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway
    from conformance.suite.beatra.list_fixture import Filtered
    from conformance.suite.beatra.paging import Walk

CREATED_AT = "BEATRA-TASK-09"
DEFAULT_LIMIT = 20
BEGINS = "BEATRA-LIST-14"


@scenario(keeps(SUNO, MINIMAX, cancelled=(SUNO, *(MINIMAX,) * 24), open_at_once=3, requests=300))
def list_fixture(gateway: OpenGateway, account_pool: AccountPool) -> ListFixture:
    """Tasks in every state that the suite can bring about, and the lists of them."""
    with gateway("list_fixture", wants=("clock", "tasks/hold", "tasks/outcome"), balance=BALANCE) as beatra:
        list_fixture = fill(beatra, busy=account_pool.provisional)
        observe_bounds(beatra)
        observe_what_is_shown(beatra, list_fixture)
        return list_fixture


@pytest.fixture(scope="session")
def pages(request: pytest.FixtureRequest, gateway: OpenGateway) -> tuple[tuple[int | None, Exchange], ...]:
    """Pages by the `limit` that was asked for: of the fixture's tasks, else of those that the account has."""
    try:
        list_fixture: ListFixture = request.getfixturevalue("list_fixture")
    except UndecidedError:
        with gateway("pages") as beatra:
            return ((None, beatra.list_tasks()), *((limit, beatra.list_tasks(limit=limit)) for limit in (1, 2, 21)))
    return (
        (None, list_fixture.default_page),
        *((walk.limit, page) for walk in list_fixture.paged.values() for page in walk.pages),
    )


def observe_bounds(beatra: Gateway) -> None:
    """Record what becomes of limits outside of the documented bounds, and of a cursor that the server never issued."""
    for query in ({"limit": 0}, {"limit": 101}, {"cursor": "unknown"}):
        answer = beatra.list_tasks(**query)
        if answer.response is not None:
            (asked,) = (f"{name}={value}" for name, value in query.items())
            beatra.observe("BEATRA-OBS-LIST-BOUNDS", f"{asked} is answered {answer.status}", answer)


def observe_what_is_shown(beatra: Gateway, list_fixture: ListFixture) -> None:
    """Record which fields a summary has, and whether the edges of a range belong to it."""
    first = list_fixture.default_page.get("/data/0")
    if isinstance(first, dict):
        beatra.observe(
            "BEATRA-OBS-SUMMARY-FIELDS", f"a summary has {', '.join(sorted(first))}", list_fixture.default_page
        )
    full = len(shown_ids(list_fixture.default_page))
    if full:
        text = f"a page without limit has {full} of at least {len(list_fixture.tasks)} tasks"
        beatra.observe("BEATRA-OBS-DEFAULT-PAGE", text, list_fixture.default_page)
    if list_fixture.instant is None:
        return
    edge = {task_id for task_id, at in list_fixture.moments().items() if at == list_fixture.instant.at}
    for name, walk in (
        ("created_after", list_fixture.instant.after[0]),
        ("created_before", list_fixture.instant.before[0]),
    ):
        listed = {task_id for page in walk.pages if page.accepted for task_id in shown_ids(page)}
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
    shown = [(page, page.get("/object")) for _, page in pages if page.accepted and page.get("/object") is not None]
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
def test_paging_visits_every_task_once(list_fixture: ListFixture) -> None:
    for walk in list_fixture.paged.values():
        expect_one_visit(walk, list_fixture.listed)


@requirement("BEATRA-LIST-07")
def test_paging_visits_every_task_once_while_new_ones_arrive(list_fixture: ListFixture) -> None:
    if not list_fixture.busy:
        raise NotOfferedError("nothing was listed while tasks arrived: that is done only where the rule is judged")
    for order, walk in list_fixture.busy.items():
        try:
            expect_one_visit(list_fixture.paged[order, BUSY_PAGE], list_fixture.listed)
        except Mismatch as error:
            raise BlockedError(VISITS_ONCE, str(error)) from error
        expect_one_visit(walk, list_fixture.listed)


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
def test_has_more_tells_whether_there_is_a_next_page(list_fixture: ListFixture) -> None:
    shown = [page for walk in list_fixture.paged.values() for page in walk.pages if page.get("/has_more") is not None]
    if not shown:
        raise NotOfferedError("no page of the list says whether there are more")
    for walk in list_fixture.paged.values():
        for number, (page, after) in enumerate(pairwise(walk.pages)):
            earlier = {task_id for seen in walk.pages[: number + 1] for task_id in ids_in(items_of(seen))}
            expect_right_promise(page, after, earlier)
        expect_right_end(walk)


def expect_right_promise(page: Exchange, after: Exchange, earlier: set[str]) -> None:
    more = page.get("/has_more")
    if more is True and not after.accepted:
        raise Mismatch(f"expected next_cursor to lead on, got {decided(after)}", page.id, after.id)
    if (
        more is not True
        and page.get("/has_more") is not None
        and after.accepted
        and set(ids_in(items_of(after))) - earlier
    ):
        raise Mismatch(f"expected has_more true before a page with tasks, got {more!r:.40}", page.id, after.id)


def expect_right_end(walk: Walk) -> None:
    last = walk.pages[-1]
    if walk.cut:
        raise BlockedError(VISITS_ONCE, f"the list had no end after {len(walk.pages)} pages")
    if not last.accepted or last.get("/has_more") is not True:
        return
    if cursor_of(last) is None:
        raise Mismatch(f"expected a next_cursor where has_more is true, got {last.get('/next_cursor')!r:.40}", last.id)
    raise Mismatch("expected has_more not to be true where nothing follows", *walk.exchange_ids[-3:])


@requirement("BEATRA-LIST-09")
def test_asc_is_the_reverse_of_desc(list_fixture: ListFixture) -> None:
    desc, asc = list_fixture.paged["desc", 100], list_fixture.paged["asc", 100]
    both = distinguishable(list_fixture, desc, asc)

    expect_order(asc, desc.order_of(both)[::-1], "the reverse of desc", desc)


@requirement("BEATRA-LIST-10")
def test_the_default_order_is_desc(list_fixture: ListFixture) -> None:
    desc = list_fixture.paged["desc", 100]
    both = distinguishable(list_fixture, desc, list_fixture.unordered)

    expect_order(list_fixture.unordered, desc.order_of(both), "the order of desc", desc)


@requirement("BEATRA-LIST-11")
def test_desc_begins_with_the_newest(list_fixture: ListFixture) -> None:
    desc = list_fixture.paged["desc", 100]
    moments = list_fixture.moments()
    newest_first = sorted(distinguishable(list_fixture, desc), key=lambda task_id: moments[task_id], reverse=True)

    expect_order(desc, newest_first, "the newest first")


def distinguishable(list_fixture: ListFixture, *walks: Walk) -> list[str]:
    """The tasks on all of these walks whose creation has a time of its own: others may stand in any order."""
    moments = list_fixture.moments()
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
def test_the_list_can_be_filtered_by_state(list_fixture: ListFixture) -> None:
    states = list_fixture.stable_states()

    expect_filtered(
        list_fixture,
        list_fixture.states,
        {task_id: states[task_id] for task_id in list_fixture.listed if task_id in states},
    )


@requirement("BEATRA-LIST-13")
def test_the_list_can_be_filtered_by_capability(list_fixture: ListFixture) -> None:
    capabilities = {task_id: list_fixture.tasks[task_id].get("/capability") for task_id in list_fixture.listed}
    known = {task_id: value for task_id, value in capabilities.items() if isinstance(value, str)}

    expect_filtered(list_fixture, list_fixture.capabilities, known)


def expect_filtered(list_fixture: ListFixture, filtered: Filtered, truth: Mapping[str, str]) -> None:
    if len(set(truth.values())) < 2:
        raise NotOfferedError(f"needs tasks that differ in {filtered.name}")
    for value, walk in filtered.walks.items():
        wanted = {task_id for task_id, is_value in truth.items() if is_value == value}
        expect_tasks(walk, f"{filtered.name}={value}", wanted, truth.keys() - wanted)
        for item in walk.items:
            shown = item.get(filtered.name)
            # What of our own tasks is not known for certain changed while the lists were made.
            if item["task_id"] not in list_fixture.tasks and isinstance(shown, str) and shown != value:
                raise Mismatch(f"expected only tasks with {filtered.name} {value}, got {shown}", *walk.exchange_ids)


@requirement("BEATRA-LIST-19")
def test_a_filter_holds_on_every_page(list_fixture: ListFixture) -> None:
    stable = {task_id for task_id in list_fixture.listed if task_id in list_fixture.stable_states()}
    for narrowed in list_fixture.narrowed:
        wanted = [task_id for task_id in narrowed.whole.visits if task_id in stable]
        if len(narrowed.paged.pages) < 2:
            continue
        visits = Counter(narrowed.paged.visits)
        asked = f"{narrowed.asked} and pages of {narrowed.paged.limit}"
        expect_tasks(narrowed.paged, asked, wanted, stable.difference(wanted))
        twice = next((task_id for task_id in wanted if visits[task_id] > 1), None)
        if twice is not None:
            raise Mismatch(f"expected each task once with {asked}, got {twice} again", *narrowed.paged.exchange_ids)
        if narrowed.paged.order_of(wanted) != wanted:
            raise Mismatch(f"expected the order of the whole list with {asked}", *narrowed.paged.exchange_ids)
    if not any(len(narrowed.paged.pages) > 1 for narrowed in list_fixture.narrowed):
        raise NotOfferedError("no filter lets so many tasks pass that they need two pages")


@requirement("BEATRA-LIST-14")
def test_the_list_can_begin_at_an_instant(list_fixture: ListFixture) -> None:
    expect_range(list_fixture, "created_after")


@requirement("BEATRA-LIST-15")
def test_the_list_can_end_at_an_instant(list_fixture: ListFixture) -> None:
    expect_range(list_fixture, "created_before")


def expect_range(list_fixture: ListFixture, name: str) -> None:
    if list_fixture.instant is None:
        raise BlockedError(CREATED_AT, "no three tasks can be told apart by created_at")
    at = list_fixture.instant.at
    moments = {task_id: moment for task_id, moment in list_fixture.moments().items() if task_id in list_fixture.listed}
    later = {task_id for task_id, moment in moments.items() if moment > at}
    earlier = {task_id for task_id, moment in moments.items() if moment < at}
    for walk in list_fixture.instant.after if name == "created_after" else list_fixture.instant.before:
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
def test_expand_adds_the_parts_that_it_names(list_fixture: ListFixture, contract: Contract) -> None:
    for asked, walk in list_fixture.expanded.items():
        for part in (name for name in PARTS if name in asked.split(",")):
            expect_values(list_fixture, walk, part, contract)


@requirement("BEATRA-LIST-17")
def test_expand_all_gives_whole_envelopes(list_fixture: ListFixture, contract: Contract) -> None:
    read = (documented(contract.document, envelope) for envelope in list_fixture.ended().values())
    for name in dict.fromkeys(name for envelope in read for name in envelope):
        # Which id reading a task shows is the subject of another requirement.
        if name != "task_id":
            expect_values(list_fixture, list_fixture.expanded["all"], name, contract)


@requirement("BEATRA-LIST-17")
def test_expand_all_shows_the_states_of_tasks_that_go_on(list_fixture: ListFixture) -> None:
    walk, states = list_fixture.expanded["all"], list_fixture.stable_states()
    for item in walk.items:
        state = states.get(item["task_id"])
        if state is not None and item.get("status") != state:
            text = f"expected the listed {item['task_id']} to be {state}, got {item.get('status')!r:.40}"
            raise Mismatch(text, *walk.exchange_ids, list_fixture.tasks[item["task_id"]].id)


def expect_values(list_fixture: ListFixture, walk: Walk, member: str, contract: Contract) -> None:
    """Every ended task on the walk has at a documented member what reading it gives, where that is anything."""
    listed = {item["task_id"]: item for item in walk.items}
    ended = list_fixture.ended()
    if not ended.keys() & listed.keys():
        raise BlockedError(VISITS_ONCE, "the list shows none of our tasks that have ended")
    for task_id in ended.keys() & listed.keys():
        value = documented(contract.document, ended[task_id]).get(member)
        if value is not None and documented(contract.document, listed[task_id]).get(member) != value:
            shown = listed[task_id].get(member)
            text = f"expected the listed {task_id} to have the {member} of its envelope, got {shown!r:.120}"
            raise Mismatch(text, *walk.exchange_ids, list_fixture.tasks[task_id].id)
