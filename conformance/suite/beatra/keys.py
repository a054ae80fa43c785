"""Idempotency-Keys: songs that can be found again, answers that decide nothing, and keys that age in real time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from conformance.accounts.planted_keys import age_of, date_of, planted
from conformance.client.errors import BlockedError, NotOfferedError
from conformance.journal.records import Mismatch
from conformance.suite.beatra.bodies import CHEAP_SONG
from conformance.suite.beatra.gateway import CREATES, accepted, is_accepted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from conformance.accounts.planted_keys import Age, PlantedKeyFile
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.gateway import Gateway


REPLAYS: Final = "BEATRA-IDEMPOTENCY-01"
REPLAYS_REFERENCES: Final = "BEATRA-IDEMPOTENCY-02"
REPLAYS_CREATE_NOTHING: Final = "BEATRA-IDEMPOTENCY-03"
REPLAYS_ARE_FREE: Final = "BEATRA-IDEMPOTENCY-04"
LISTED: Final = "BEATRA-LIST-02"
KEY_HEADER: Final = "Idempotency-Key"
# The most tasks that are read one by one where the list does not show their metadata; fewer where a task that is paid
# for may end meanwhile.
MOST_READ, MOST_READ_WITH_REAL_MONEY = 100, 20
_MARK: Final = "conformance_case"
# So near the end of a window nothing is judged: two clocks and a night's schedule are not more exact.
MARGIN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Repetition:
    """A request that made a task, and the same request with the same key once more."""

    first: Exchange
    again: Exchange

    @property
    def replayed(self) -> bool:
        """Whether the second one was answered with the task of the first."""
        return self.again.accepted and self.again.get("/task_id") == self.first.get("/task_id")


@dataclass(frozen=True, slots=True)
class Found:
    """The newest page of the list, and the tasks of one case among them."""

    page: Exchange
    task_ids: frozenset[str]

    def only_task(self) -> str:
        """
        The one task of the case.

        Raises:
            BlockedError: the list shows none.
            Mismatch: it shows several.
        """
        if not self.task_ids:
            raise BlockedError(LISTED, "the newest page of the list shows no task of this request")
        if len(self.task_ids) > 1:
            raise Mismatch(f"expected one task of this request, the list holds {sorted(self.task_ids)}", self.page.id)
        return next(iter(self.task_ids))


def kept(
    create: Callable[[Mapping[str, Any], str], Exchange],
    body: Mapping[str, Any],
    key: str,
    *,
    creates: str = CREATES,
    replays: str = REPLAYS,
) -> Exchange:
    """
    A request that made a task, with a key that a retry at once was recognised by.

    Raises:
        BlockedError: by the requirement `creates` when it was not accepted, by `replays` when the retry was not
            answered with its task.
    """
    return recognised(create, create(body, key), body, key, creates=creates, replays=replays)


def recognised(
    create: Callable[[Mapping[str, Any], str], Exchange],
    created: Exchange,
    body: Mapping[str, Any],
    key: str,
    *,
    creates: str = CREATES,
    replays: str = REPLAYS,
) -> Exchange:
    """A request that was sent, if it made a task and a retry of it is recognised; blocked as by `kept`."""
    first = accepted(created, "/task_id", creates)
    if not Repetition(first, create(body, key)).replayed:
        raise BlockedError(replays, "a retry at once is not answered with the task of the first request")
    return first


def repeatable(created: Exchange) -> tuple[Mapping[str, Any], str]:
    """The body and the key with which a request was sent."""
    return created.request.body.json, created.request.headers.get(KEY_HEADER) or ""


def marked(beatra: Gateway, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with a mark of its own in its metadata, by which its tasks are found in the list."""
    return {**body, "metadata": {_MARK: beatra.fresh_key()}}


def with_mark_of(body: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Another body with the mark of this one."""
    return {**other, "metadata": body["metadata"]}


def find_tasks(beatra: Gateway, body: Mapping[str, Any]) -> Found:
    """Search the hundred newest tasks for those that carry the mark of a body."""
    page = beatra.list_tasks(limit=100)
    items = page.get("/data") if page.accepted else None
    shown = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    task_ids: set[str] = set()
    unread = MOST_READ_WITH_REAL_MONEY if beatra.account.frugal else MOST_READ
    for item in shown:
        task_id, metadata = item.get("task_id"), item.get("metadata")
        if not isinstance(task_id, str) or task_id in task_ids:
            continue
        if not isinstance(metadata, dict) and unread:
            unread -= 1
            metadata = beatra.get_task(task_id).get("/metadata")
        if isinstance(metadata, dict) and metadata.get(_MARK) == body["metadata"][_MARK]:
            task_ids.add(task_id)
    return Found(page, frozenset(task_ids))


def fruitless(replayed: Found) -> None:
    """Leave the verdict open when a plain retry makes a task: any task too many may be the same fault."""
    if len(replayed.task_ids) > 1:
        raise BlockedError(REPLAYS_CREATE_NOTHING, "the list holds a second task after a retry at once")


def free(replay_cost: Decimal | None) -> None:
    """Leave the verdict open when a plain retry is debited: any debit here may be the same fault."""
    if replay_cost is not None and replay_cost > 0:
        raise BlockedError(REPLAYS_ARE_FREE, f"a retry at once is debited {replay_cost}")


def one_debit(cost: Decimal | None, price: Decimal | None) -> None:
    """
    What was debited is no more than one price.

    Raises:
        NotOfferedError: it is less, as when a task has failed meanwhile and was paid back.
    """
    if cost is None or price is None:
        return
    assert cost <= price, f"expected one debit of {price:f}, got {cost:f}"
    if cost < price:
        raise NotOfferedError(f"only {cost:f} of {price:f} was debited: something was paid back meanwhile")


def spent(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    """What was debited between two readings of the balance, None where it can't be read."""
    return None if before is None or after is None else before - after


@dataclass(frozen=True, slots=True)
class Use:
    """A key that was used again: the task that it had made, and the answer to the same request now."""

    task_id: str
    again: Exchange


@dataclass(frozen=True, slots=True)
class Window:
    """Keys that were used again before and after the end of their window; None where there was no key of that age."""

    inside: Use | None
    outside: Use | None

    def judged(self, side: Use | None) -> Use:
        """The use at one side (raises `NotOfferedError` when there was none)."""
        if side is None:
            raise NotOfferedError(
                "no planted key has the age for this yet: run again with the same --probes file when the last plant is "
                "12 to 23 hours old (for the window) or more than 48 (for its end), or offer control:clock"
            )
        return side


def plant_key(beatra: Gateway, probes: PlantedKeyFile) -> None:
    """Make one task with a fresh key, remember it for later runs, and cancel the task at once."""
    key = beatra.fresh_key()
    body: dict[str, Any] = dict(CHEAP_SONG)
    created = beatra.create_music(body, key)
    if is_accepted(created):
        task_id = created.string("/task_id")
        probes.add(
            planted(created, task_id, base_url=beatra.account.client.base_url, key=key, body=created.request.body.json)
        )
        beatra.end_task(task_id)


def use_planted_keys(beatra: Gateway, probes: PlantedKeyFile, window: timedelta) -> Window:
    """
    Use one key again whose window is not over, and one whose window is over for as long again.

    The former is at least half a window old: that a younger one is remembered says nothing about the window. The latter
    had time to be deleted. Both are forgotten, because a retry may begin a new window.
    """
    inside = _used(beatra, probes, lambda age: age.least > window / 2 and age.most < window - MARGIN)
    outside = _used(beatra, probes, lambda age: age.least > 2 * window)
    if outside is not None and is_accepted(outside.again):
        beatra.end_task(outside.again.string("/task_id"))
    return Window(inside, outside)


def _used(beatra: Gateway, probes: PlantedKeyFile, has_age: Callable[[Age], bool]) -> Use | None:
    for probe in probes.read():
        if probe.base_url != beatra.account.client.base_url:
            continue
        # Its task shows that the key belongs to this account, and the answer what time it is there.
        seen = beatra.get_task(probe.task_id)
        if seen.get("/task_id") != probe.task_id or not has_age(age_of(probe, seen.at, date_of(seen))):
            continue
        again = beatra.create_music(probe.body, probe.key)
        probes.remove(probe)
        return Use(probe.task_id, again)
    return None
