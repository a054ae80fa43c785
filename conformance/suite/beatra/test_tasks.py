"""One task from its creation to its end: what its owner reads of it, and what another tenant can do about it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pytest

from conformance.client.errors import BlockedError, NothingToAddError, NotOfferedError, UndecidedError
from conformance.journal.records import Mismatch
from conformance.money.budget import keeps, reads
from conformance.suite.beatra.answers import decided, refused_with
from conformance.suite.beatra.bodies import CHEAP_SONG, MINIMAX
from conformance.suite.beatra.envelopes import ends_in_time, envelope_of, moment, state_of
from conformance.suite.beatra.gateway import CREATES, accepted, solvent
from conformance.suite.beatra.paging import Walk, cursor_of, items_of, walk
from conformance.suite.beatra.songs import minimax_song_of
from conformance.suite.beatra.under_way import QUEUED, UnderWay, followed_under_way
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.accounts.account import Followed
    from conformance.contract.contract import Contract
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

# A hundred tasks a page: more than that were not created since this task was.
MOST_PAGES: Final = 20
PAUSES_SECONDS: Final = (0.5, 1, 2, 4)
# The end of an id that is changed, digits and letters among their kind; short ids may all be in use.
_CHANGED: Final = 6
_LONG_ENOUGH: Final = 16
_ROTATED: Final = str.maketrans("0123456789abcdefABCDEF", "1234567890bcdefaBCDEFA")


@dataclass(frozen=True, slots=True)
class Stranger:
    """What another tenant was answered about a task, by its id, in lists, and with a cursor of its owner."""

    read: Exchange
    cancelled: Exchange
    lists: tuple[Exchange, ...]
    owners_cursor: Exchange | None


@dataclass(frozen=True, slots=True)
class Sibling:
    """Answers to the owner about a task that does not exist, and whose id differs in its last characters only."""

    read: Exchange
    cancelled: Exchange


@dataclass(frozen=True, slots=True)
class TaskLife:
    """A task that was listed, asked for by another tenant where there is one, and then followed to its end."""

    created: Exchange
    listed: Walk
    sibling: Sibling | None
    other: Stranger | None
    under_way: tuple[UnderWay, ...]
    followed: Followed

    @property
    def task_id(self) -> str:
        """The id of the task."""
        return self.followed.task_id

    def seen_by_other(self) -> Stranger:
        """What the other tenant was answered; raises `NotOfferedError` when there was none."""
        if self.other is None:
            raise NotOfferedError("needs the key of another tenant ([keys] second_env in target.toml)")
        return self.other


@scenario(keeps(MINIMAX, requests=12))
def life(gateway: OpenGateway) -> TaskLife:
    """A song whose owner does nothing but wait."""
    with gateway("life") as beatra:
        created = minimax_song_of(beatra)
        solvent(created)
        task_id = accepted(created, "/task_id", CREATES).string("/task_id")
        listed = walk(beatra, {"limit": 1}, 2)
        for pause in (0.0, *PAUSES_SECONDS):
            if task_id in seen_in(listed):
                break
            # A list may lag behind.
            beatra.account.pause(pause)
            listed = walk(beatra, {"limit": 100}, MOST_PAGES)
        other = read_as_other(beatra, task_id, listed)
        observe_links(beatra, beatra.get_task(task_id))
        sibling = read_sibling(beatra, task_id)
        under_way, followed = followed_under_way(beatra, task_id)
        return TaskLife(created, listed, sibling, other, under_way, followed)


@scenario(reads(requests=1))
def unknown_task(gateway: OpenGateway) -> Exchange:
    """Reading a task that was never created."""
    with gateway("unknown-task") as beatra:
        return beatra.get_task(f"tsk_{beatra.fresh_key().replace('-', '')}")


def read_sibling(beatra: Gateway, task_id: str) -> Sibling | None:
    """Ask for a task with an id of the same form; None where the form leaves no room for an unused one."""
    kept, changed = task_id[:-_CHANGED], task_id[-_CHANGED:]
    if len(task_id) < _LONG_ENOUGH or not changed.isalnum() or not changed.isascii():
        return None
    other = kept + changed.translate(_ROTATED)
    return Sibling(beatra.get_task(other), beatra.cancel(other))


@pytest.fixture(scope="session")
def sibling(request: pytest.FixtureRequest) -> Sibling:
    """What was answered about an id like those that exist, where there is a task."""
    try:
        life: TaskLife = request.getfixturevalue("life")
    except UndecidedError as error:
        raise NothingToAddError(str(error)) from error
    if life.sibling is None:
        raise NothingToAddError("the ids of tasks leave no room for an unused one")
    return life.sibling


def seen_in(listed: Walk) -> list[object]:
    pages = (page.get("/data") for page in listed.pages if page.accepted)
    return [
        item.get("task_id") for items in pages if isinstance(items, list) for item in items if isinstance(item, dict)
    ]


def read_as_other(beatra: Gateway, task_id: str, listed: Walk) -> Stranger | None:
    try:
        tenant = beatra.other_tenant()
    except NotOfferedError:
        return None
    task = beatra.get_task(task_id)
    queries: list[dict[str, object]] = [{}, {"order": "asc", "limit": 100}, {"limit": 100, "expand": "all"}]
    for name in ("status", "capability"):
        value = task.get(f"/{name}")
        queries += [{name: value, "limit": 100}] if isinstance(value, str) else []
    created_at = moment(task.get("/created_at"))
    if created_at is not None:
        queries.append({"created_after": created_at.replace(microsecond=0).isoformat(), "limit": 100})
    cursor = next(filter(None, map(cursor_of, listed.pages)), None)
    other = Stranger(
        read=tenant.get_task(task_id),
        cancelled=tenant.cancel(task_id),
        lists=tuple(tenant.list_tasks(**query) for query in queries),
        owners_cursor=None if cursor is None else tenant.list_tasks(limit=100, cursor=cursor),
    )
    if other.read.response is not None:
        text = f"a foreign task is answered {other.read.status}"
        beatra.observe("BEATRA-OBS-FOREIGN-STATUS", text, other.read, other.cancelled)
    return other


def observe_links(beatra: Gateway, task: Exchange) -> None:
    """Record what kind of links a task shows."""
    link = task.get("/links/self")
    if isinstance(link, str):
        kind = "absolute" if "://" in link else "relative"
        leads = "names" if str(task.get("/task_id")) in link else "does not name"
        beatra.observe("BEATRA-OBS-LINKS", f"links are {kind}, and links.self {leads} the task", task)


@requirement("BEATRA-TASK-05")
def test_a_task_ends_within_the_time_that_clients_are_told_to_wait(life: TaskLife, contract: Contract) -> None:
    ends_in_time(life.followed, contract)


@requirement("BEATRA-TASK-09")
def test_the_time_stamps_of_a_task_are_instants_in_utc_in_order(life: TaskLife) -> None:
    for poll in life.followed.polls:
        envelope = envelope_of(poll)
        names = ("created_at", "started_at", "completed_at")
        given = {name: envelope[name] for name in names if envelope.get(name) is not None}
        moments = []
        for name, value in given.items():
            at = moment(value)
            if at is None or at.utcoffset():
                raise Mismatch(f"expected an instant in UTC at /{name}, got {value!r:.60}", poll.id)
            moments.append((at, name))
        for (earlier, before), (later, after) in pairwise(moments):
            if later < earlier:
                raise Mismatch(f"expected {after} not before {before}, got {later} and {earlier}", poll.id)

    if envelope_of(life.followed.last).get("created_at") is None:
        raise NotOfferedError("the task shows no time of its creation")


@requirement("BEATRA-TASK-10")
def test_the_envelope_calls_itself_a_task(life: TaskLife) -> None:
    shown = [(poll, envelope_of(poll)["object"]) for poll in life.followed.polls if "object" in envelope_of(poll)]
    for poll, value in shown:
        if value != "task":
            raise Mismatch(f"expected 'task' at /object, got {value!r:.60}", poll.id)

    if not shown:
        raise NotOfferedError("the task has no member that says what it is")


@requirement("BEATRA-TASK-11")
def test_an_unknown_task_is_not_found(unknown_task: Exchange) -> None:
    # Its id is made up, and may have a form that ids never have.
    refused_with(unknown_task, 404, 400, 422)


@requirement("BEATRA-TASK-11")
def test_a_task_with_an_id_like_those_that_exist_is_not_found(sibling: Sibling) -> None:
    refused_with(sibling.read, 404)


@requirement("BEATRA-CANCEL-05")
def test_a_task_with_an_id_like_those_that_exist_can_not_be_cancelled(sibling: Sibling) -> None:
    refused_with(sibling.cancelled, 404)


@requirement("BEATRA-TASK-12")
def test_another_tenant_can_not_read_a_task(life: TaskLife) -> None:
    read = life.seen_by_other().read

    refused_with(read, 403, 404)
    for secret in (CHEAP_SONG["prompt"], CHEAP_SONG["title"]):
        assert secret not in read.answer.body.text, "expected the refusal to show nothing of the task"


@requirement("BEATRA-CANCEL-06")
def test_another_tenant_can_not_cancel_a_task(life: TaskLife) -> None:
    refused_with(life.seen_by_other().cancelled, 403, 404)
    last = life.followed.last
    if state_of(last) == "canceled":
        raise Mismatch("expected the task to go on, it is canceled", life.seen_by_other().cancelled.id, last.id)
    if not life.followed.ended:
        raise BlockedError("BEATRA-TASK-05", f"the task is {state_of(last)!r:.40}")


@requirement("BEATRA-LIST-02")
def test_a_created_task_is_in_the_list(life: TaskLife) -> None:
    if life.task_id in seen_in(life.listed):
        return
    for page in life.listed.pages:
        items_of(page)
    life.listed.expect_end()
    raise Mismatch(f"expected {life.task_id} in the list, it is on no page", *life.listed.exchange_ids)


@requirement("BEATRA-LIST-03")
def test_another_tenants_list_does_not_show_a_task(life: TaskLife) -> None:
    other = life.seen_by_other()
    answered = [*other.lists, *filter(None, [other.owners_cursor])]
    for page in answered:
        decided(page)
        if page.accepted and life.task_id in page.answer.body.text:
            raise Mismatch(f"expected {page.request.url} not to show the task of another tenant", page.id)

    if not any(page.accepted for page in other.lists):
        raise BlockedError("BEATRA-LIST-02", "the other tenant gets no list")


@pytest.fixture
def under_way(request: pytest.FixtureRequest) -> tuple[UnderWay, ...]:
    """The lists of the task while it was seen to stay in one state; others judge what lists show otherwise."""
    try:
        life: TaskLife = request.getfixturevalue("life")
    except UndecidedError as error:
        raise NothingToAddError(str(error)) from error
    found = tuple(seen for seen in life.under_way if seen.state is not None)
    if not found:
        raise NothingToAddError("the task was not seen to stay in one state while it was listed")
    return found


@requirement("BEATRA-LIST-12")
def test_a_task_that_waits_is_not_listed_among_the_running_ones(under_way: tuple[UnderWay, ...]) -> None:
    for seen in under_way:
        if seen.state == QUEUED and seen.is_listed_as_running():
            text = f"expected the queued {seen.task_id} not to be listed with status=running"
            raise Mismatch(text, seen.before.id, seen.as_running.id, seen.after.id)


@requirement("BEATRA-LIST-17")
def test_expand_all_shows_the_state_of_a_task_that_goes_on(under_way: tuple[UnderWay, ...]) -> None:
    for seen in under_way:
        if seen.shown() not in (None, seen.state):
            text = f"expected the listed {seen.task_id} to be {seen.state}, got {seen.shown()!r:.40}"
            raise Mismatch(text, seen.before.id, seen.listed.id, seen.after.id)
