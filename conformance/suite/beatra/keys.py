"""What scenarios about Idempotency-Keys share: songs that can be found again, and answers that decide nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.journal.records import Mismatch
from conformance.suite.beatra.gateway import CREATES, accepted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from conformance.journal.records import Exchange
    from conformance.suite.beatra.gateway import Gateway

REPLAYS: Final = "BEATRA-IDEMPOTENCY-01"
REPLAYS_REFERENCES: Final = "BEATRA-IDEMPOTENCY-02"
REPLAYS_CREATE_NOTHING: Final = "BEATRA-IDEMPOTENCY-03"
REPLAYS_ARE_FREE: Final = "BEATRA-IDEMPOTENCY-04"
LISTED: Final = "BEATRA-LIST-02"
KEY_HEADER: Final = "Idempotency-Key"
# The most tasks that are read one by one where the list does not show their metadata.
MOST_READ: Final = 20
_MARK: Final = "conformance_case"


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
    unread = MOST_READ
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
