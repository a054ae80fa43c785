"""Tasks in different states, made once and cheaply, and everything that lists show of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError, UndecidedError
from conformance.suite.beatra.bodies import CHEAP_SONG, SUNO
from conformance.suite.beatra.envelopes import STATES, envelope_of, has_ended, in_utc, moment, state_of
from conformance.suite.beatra.gateway import CREATES_FROM_REFERENCE, accepted, solvent
from conformance.suite.beatra.paging import LAG_PAUSES_SECONDS, Walk, ids_in, items_of, walk
from conformance.suite.beatra.songs import minimax_song_of, suno_song

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from conformance.journal.records import Exchange
    from conformance.suite.beatra.gateway import Gateway

# All are paid at the same time in the worst case, and some more arrive later.
BALANCE: Final = Decimal(2500)
# One more than the default page holds, and not a multiple of any page size that is asked for.
SIZE: Final = 23
STAY: Final = 2
PAGE_SIZES: Final = (1, 2, 7, 100)
BUSY_PAGE: Final = 7
FEW: Final = 5
# Tasks that other scenarios make meanwhile, where all share one account: so many more pages a walk may have.
_FOREIGN_TASKS: Final = 150
# `callback` is one too, but callbacks are planned.
PARTS: Final = ("output", "usage", "billing", "input")
_MINUTE: Final = 60
_OVER_SECONDS: Final = 2
LISTED: Final = "BEATRA-LIST-02"


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment at which a task was created, and the lists that begin or end there, in two ways of writing it."""

    at: datetime
    after: tuple[Walk, ...]
    before: tuple[Walk, ...]


@dataclass(frozen=True, slots=True)
class Filtered:
    """What a filter let pass for each of its values."""

    name: str
    walks: Mapping[str, Walk]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A filter, the whole list that it lets pass on one page, and the same in several pages."""

    asked: str
    whole: Walk
    paged: Walk


@dataclass(frozen=True, slots=True)
class ListFixture:
    """
    The tasks by id in the order of their creation, as reading each one showed them, and the lists of them.

    `again` has those that had not ended, or that lists show otherwise, read once more after the lists. `paged` has a
    walk for every order and page size, `busy` one for every order during which new tasks arrived.
    """

    default_page: Exchange
    tasks: Mapping[str, Exchange]
    again: Mapping[str, Exchange]
    paged: Mapping[tuple[str, int], Walk]
    unordered: Walk
    busy: Mapping[str, Walk]
    states: Filtered
    capabilities: Filtered
    instant: Instant | None
    expanded: Mapping[str, Walk]
    narrowed: tuple[Narrowed, ...]

    @property
    def listed(self) -> tuple[str, ...]:
        """The tasks that some walk visited: one that the list never shows is the subject of another requirement."""
        visited = {task_id for walk in self.paged.values() for task_id in walk.visits}
        found = tuple(task_id for task_id in self.tasks if task_id in visited)
        if not found:
            raise BlockedError(LISTED, "the list shows none of our tasks")
        return found

    def stable_states(self) -> dict[str, str]:
        """The states of those tasks that did not change while the lists were made."""
        return {
            task_id: state_of(task)
            for task_id, task in self.tasks.items()
            if task.accepted and (task_id not in self.again or state_of(self.again[task_id]) == state_of(task))
        }

    def ended(self) -> dict[str, dict[str, Any]]:
        """
        The envelopes of the tasks that had ended, without what changed while the lists were made.

        A refund may be booked after the end.
        """
        envelopes = {task_id: envelope_of(task) for task_id, task in self.tasks.items() if has_ended(task)}
        for task_id in envelopes.keys() & self.again.keys():
            later = envelope_of(self.again[task_id])
            if later:
                envelopes[task_id] = {name: at for name, at in envelopes[task_id].items() if later.get(name) == at}
        return envelopes

    def moments(self) -> dict[str, datetime]:
        """When each task was created, as far as that can be read."""
        return _moments(self.tasks)


def fill(beatra: Gateway, *, busy: bool) -> ListFixture:
    """
    Make the tasks, list them in every way, if `busy` also while others arrive, and leave none of them under way.

    Raises:
        BlockedError: tasks can't be created, or the list does not answer.
    """
    ids = _stock(beatra)
    try:
        return _read_lists(beatra, ids, busy=busy)
    finally:
        _hold(beatra, None)
        for task_id in ids[-STAY:]:
            beatra.end_task(task_id)


def _stock(beatra: Gateway) -> list[str]:
    cancelled = _from_reference(beatra)
    ended = _failing(beatra)
    for created in (minimax_song_of, lambda gateway: suno_song(gateway)[1]):
        _let_pass(beatra)
        ended.append(_task_of(created(beatra)))
    ids = [*cancelled, *ended]
    # A task that goes on while all lists are made may be done, and then it is paid for.
    stay = 0 if beatra.account.frugal else STAY
    while len(ids) < SIZE - stay:
        ids.append(_started(beatra))
        beatra.end_task(ids[-1])
    _end_all(beatra, ended)
    _let_pass(beatra)
    return [*ids, *(_going_on(beatra) if stay else ())]


def _started(beatra: Gateway) -> str:
    return _task_of(beatra.create_music(CHEAP_SONG))


def _task_of(created: Exchange) -> str:
    solvent(created)
    return accepted(created, "/task_id", "BEATRA-MUSIC-01").string("/task_id")


def _from_reference(beatra: Gateway) -> list[str]:
    """A task of the other capability, cancelled at once; none where the gateway makes none."""
    try:
        reference = {"type": "artifact", "artifact_id": beatra.uploaded()}
        body = {"model": SUNO, "prompt": "turn this into polished synth pop", "reference_audio": reference}
        created = accepted(beatra.create_from_reference(body), "/task_id", CREATES_FROM_REFERENCE)
    except UndecidedError:
        return []
    beatra.end_task(created.string("/task_id"))
    return [created.string("/task_id")]


def _failing(beatra: Gateway) -> list[str]:
    """A task that fails; none where the target can't make a task fail."""
    if not beatra.offers("tasks/outcome"):
        return []
    beatra.control.next_outcome("failed")
    try:
        return [_started(beatra)]
    except UndecidedError:
        beatra.control.next_outcome("succeeded", 0)
        raise


def _going_on(beatra: Gateway) -> list[str]:
    """One task that runs and one that is queued, where tasks can be held; else two that go on as they do."""
    _hold(beatra, "running")
    ids = [_started(beatra)]
    if beatra.offers("tasks/hold"):
        beatra.account.follow(ids[0], until=lambda seen: state_of(seen) == "running" or has_ended(seen))
        # The one that runs takes its time; the other one must not begin before all lists are made.
        _hold(beatra, "queued")
    return [*ids, _started(beatra)]


def _end_all(beatra: Gateway, ids: Sequence[str]) -> None:
    for task_id in ids:
        if not beatra.account.follow(task_id).ended:
            # Another requirement says that tasks end; waiting for each of them would take for ever.
            return


def _let_pass(beatra: Gateway) -> None:
    """Put creations a minute apart where that takes no time."""
    if beatra.offers("clock"):
        beatra.control.advance(_MINUTE)


def _hold(beatra: Gateway, state: str | None) -> None:
    if beatra.offers("tasks/hold"):
        beatra.control.hold(state)


def _read_lists(beatra: Gateway, ids: list[str], *, busy: bool) -> ListFixture:
    tasks = {task_id: beatra.get_task(task_id) for task_id in ids}
    whole = _up_to_date(beatra, tasks)
    if not whole.accepted:
        raise BlockedError(LISTED, f"listing tasks was answered {whole.failure or whole.status}")
    window = {} if _is_ours_alone(whole, ids) else _window(tasks)
    if window:
        # Until it is over, tasks of others begin in it, and change what is on which page.
        beatra.account.pass_time(_OVER_SECONDS)
    paged = {
        (order, limit): _walk(beatra, order=order, limit=limit, **window)
        for order in ("desc", "asc")
        for limit in PAGE_SIZES
    }
    unordered = _walk(beatra, limit=100, **window)
    default_page = beatra.list_tasks()
    instant = _instant(beatra, tasks, window)
    expanded = {parts: _walk(beatra, limit=100, expand=parts, **window) for parts in (*PARTS, ",".join(PARTS), "all")}
    capabilities = _filter(beatra, "capability", tasks, window)
    states = _filter(beatra, "status", tasks, window, among=STATES)
    narrowed = _narrowed(beatra, tasks, window, instant)
    again = {task_id: beatra.get_task(task_id) for task_id in _unsettled(tasks, expanded.values())}
    since = {name: value for name, value in window.items() if name == "created_after"}
    arriving = _busy(beatra, since) if busy else {}
    return ListFixture(
        default_page=default_page,
        tasks=tasks,
        again=again,
        paged=paged,
        unordered=unordered,
        busy=arriving,
        states=states,
        capabilities=capabilities,
        instant=instant,
        expanded=expanded,
        narrowed=narrowed,
    )


def _unsettled(tasks: Mapping[str, Exchange], walks: Iterable[Walk]) -> list[str]:
    """The tasks that had not ended, and those of which a list shows something else than was read before."""
    shown = [(item["task_id"], item) for walk in walks for item in walk.items]
    different = {
        task_id
        for task_id, item in shown
        if task_id in tasks and any(item.get(name, at) != at for name, at in envelope_of(tasks[task_id]).items())
    }
    return [task_id for task_id, task in tasks.items() if task_id in different or not has_ended(task)]


def _up_to_date(beatra: Gateway, tasks: Mapping[str, Exchange]) -> Exchange:
    """The list as soon as it shows every task in its state, or the time for that is over: a list may lag behind."""
    page = beatra.list_tasks(limit=100)
    for pause in LAG_PAUSES_SECONDS:
        if not page.accepted or _lags_nowhere(page, tasks):
            break
        beatra.account.pause(pause)
        page = beatra.list_tasks(limit=100)
    return page


def _lags_nowhere(page: Exchange, tasks: Mapping[str, Exchange]) -> bool:
    try:
        shown = {item["task_id"]: item.get("status") for item in items_of(page)}
    except BlockedError:
        return True
    ended = {task_id: state_of(task) for task_id, task in tasks.items() if has_ended(task)}
    return all(task_id in shown for task_id in tasks) and all(
        shown[task_id] in (None, state) for task_id, state in ended.items()
    )


def _moments(tasks: Mapping[str, Exchange]) -> dict[str, datetime]:
    read = {task_id: moment(envelope_of(task).get("created_at")) for task_id, task in tasks.items()}
    return {task_id: at for task_id, at in read.items() if at is not None}


def _is_ours_alone(whole: Exchange, ids: Sequence[str]) -> bool:
    try:
        return set(ids_in(items_of(whole))) <= set(ids)
    except BlockedError:
        return True


def _window(tasks: Mapping[str, Exchange]) -> dict[str, str]:
    """The range of time in which all of our tasks were created: an account that others use has more."""
    moments = _moments(tasks).values()
    if not moments:
        return {}
    second = timedelta(seconds=1)
    return {"created_after": in_utc(min(moments) - second), "created_before": in_utc(max(moments) + second)}


def _walk(beatra: Gateway, **query: object) -> Walk:
    limit = query.get("limit")
    pages = -(-SIZE // limit) if isinstance(limit, int) else SIZE
    return walk(beatra, query, 3 * pages + _FOREIGN_TASKS)


def _filter(
    beatra: Gateway,
    name: str,
    tasks: Mapping[str, Exchange],
    window: Mapping[str, str],
    among: frozenset[str] = frozenset(),
) -> Filtered:
    values = [envelope_of(task).get(name) for task in tasks.values()]
    distinct = dict.fromkeys(value for value in values if isinstance(value, str) and (not among or value in among))
    return Filtered(name, {value: _walk(beatra, limit=100, **{**window, name: value}) for value in distinct})


def _narrowed(
    beatra: Gateway, tasks: Mapping[str, Exchange], window: Mapping[str, str], instant: Instant | None
) -> tuple[Narrowed, ...]:
    """The filters that most tasks pass, each on one page and in pages of a few, in both orders."""
    asked: list[dict[str, str]] = []
    for name in ("status", "capability"):
        values = [envelope_of(task).get(name) for task in tasks.values() if has_ended(task)]
        common = Counter(value for value in values if isinstance(value, str)).most_common(1)
        asked += [{name: common[0][0]}] if common else []
    if instant is not None:
        asked += [{"created_after": in_utc(instant.at)}, {"created_before": in_utc(instant.at)}]
    return tuple(
        Narrowed(
            f"{next(iter(query))}={next(iter(query.values()))}",
            _walk(beatra, limit=100, order=order, **{**window, **query}),
            _walk(beatra, limit=FEW, order=order, **{**window, **query}),
        )
        for query in asked
        for order in ("desc", "asc")
    )


def _instant(beatra: Gateway, tasks: Mapping[str, Exchange], window: Mapping[str, str]) -> Instant | None:
    """Lists from and up to the moment in the middle; None where creations can't be distinguished."""
    moments = sorted(set(_moments(tasks).values()))
    if len(moments) < 3:
        return None
    middle = moments[len(moments) // 2]
    elsewhere = middle.astimezone(timezone(timedelta(hours=2))).isoformat()
    written = (in_utc(middle), elsewhere)
    return Instant(
        middle,
        after=tuple(_walk(beatra, limit=100, **{**window, "created_after": text}) for text in written),
        before=tuple(_walk(beatra, limit=100, **{**window, "created_before": text}) for text in written),
    )


def _busy(beatra: Gateway, window: Mapping[str, str]) -> dict[str, Walk]:
    def arrive(pages: int) -> None:
        if pages <= 2:
            beatra.end_task(_started(beatra))

    bound = 3 * -(-SIZE // BUSY_PAGE) + _FOREIGN_TASKS
    queries = {order: {"order": order, "limit": BUSY_PAGE, **window} for order in ("desc", "asc")}
    return {order: walk(beatra, query, bound, meanwhile=arrive) for order, query in queries.items()}
