"""Mutants that forget keys too early or too late, or lose them where requests are limited, cut off or parallel."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.mutants.base import Mutant
from conformance.reference.beatra.errors import RateLimitedError
from conformance.reference.beatra.handlers.guard import Guard
from conformance.reference.beatra.handlers.music import MusicHandlers
from conformance.reference.beatra.services.creation import Creation
from conformance.reference.beatra.services.idempotency import WINDOW, Idempotency
from conformance.reference.beatra.services.lifecycle import Lifecycle
from conformance.reference.parts.clock import SECOND

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatra.services.creation import Order
    from conformance.reference.beatra.services.tasks import Task
    from conformance.reference.beatra.wiring import Services

HOUR = 3600 * SECOND
# Long enough for a cut connection to be noticed, and for requests at the same time to overtake each other.
A_MOMENT_SECONDS = 0.4


class ShortWindow(Idempotency):
    """Forgets keys an hour too early."""

    def is_over(self, created_at: int, now: int) -> bool:
        """Count in another time zone."""
        return now >= created_at + WINDOW - HOUR


class RoundedWindow(Idempotency):
    """Counts a window of 24 hours in minutes and begins one too few."""

    def is_over(self, created_at: int, now: int) -> bool:
        """Lose the last two minutes."""
        return now >= created_at + WINDOW - 120 * SECOND


class LongWindow(Idempotency):
    """Keeps keys for a week."""

    def is_over(self, created_at: int, now: int) -> bool:
        """Count days."""
        return now >= created_at + 7 * WINDOW


class EndlessWindow(Idempotency):
    """Never forgets a key."""

    def is_over(self, created_at: int, now: int) -> bool:
        """Leave it to a job that does not exist."""
        del created_at, now
        return False


class ForgetsOnSuccess(Lifecycle):
    """Forgets the key of a task that succeeded."""

    def succeed(self, task: Task) -> None:
        """Tidy up."""
        super().succeed(task)
        forget_key_of(self, task)


class ForgetsOnCancellation(Lifecycle):
    """Forgets the key of a task that was cancelled."""

    def cancel(self, task: Task, moment: int) -> None:
        """Tidy up."""
        super().cancel(task, moment)
        forget_key_of(self, task)


def forget_key_of(lifecycle: Lifecycle, task: Task) -> None:
    """Delete the key that made a task."""
    lifecycle.database.change("DELETE FROM idempotency WHERE resource_id = ?", (task.task_id,))


class RemembersRefusals(Guard):
    """Answers a key as it was answered first, also when that was for the rate limit."""

    def admit(self, request: Request) -> str:
        """Refuse every request with a key that was refused before."""
        key = request.headers.get("idempotency-key")
        refused: set[str] = self.__dict__.setdefault("refused", set())
        if key in refused:
            raise RateLimitedError("Too many requests; retry later.", headers={"Retry-After": "0"})
        try:
            return super().admit(request)
        except RateLimitedError:
            refused.update({key} if key else ())
            raise


class LimitsLater(Guard):
    """Leaves the rate of requests for music to those who carry them out."""

    def admit(self, request: Request) -> str:
        """Admit requests for music at any rate."""
        if "/music/" not in request.scope["path"]:
            return super().admit(request)
        caller = self.identify(request)
        self.check_permission(caller)
        self._services.lifecycle.settle(caller.tenant_id)
        return caller.tenant_id


class CreatesBeyondTheLimit(MusicHandlers):
    """Counts a request against the limit when its task has been made."""

    async def place(self, request: Request, order: Order) -> Creation:
        """Refuse with the task made."""
        retry_after = self._services.overrides.take_request(order.tenant_id)
        if retry_after is None:
            return await super().place(request, order)
        creation = await super().place(request, replace(order, attempt=None))
        self._services.wallet.refund(order.tenant_id, creation.task.charged)
        raise RateLimitedError("Too many requests; retry later.", headers={"Retry-After": str(retry_after)})


class OneAtATime(MusicHandlers):
    """Lets requests with one key wait for each other, and sees whether each got its answer."""

    def __init__(self, services: Services, guard: Guard) -> None:
        super().__init__(services, guard)
        self.locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def place(self, request: Request, order: Order) -> Creation:
        """Do with a key what is done when its client has hung up."""
        async with self.locks[key_of(order)]:
            creation = await super().place(request, order)
            if creation.is_new and await gone(request):
                self.lose(creation.task)
            return creation

    def lose(self, task: Task) -> None:
        """Forget the key of a task whose client never heard of it."""
        forget_key_of(self._services.lifecycle, task)


class StaysLocked(OneAtATime):
    """Locks a key while its request is carried out, and unlocks it when the answer was delivered."""

    def lose(self, task: Task) -> None:
        """Leave the key locked."""
        self._services.lifecycle.database.change(
            "UPDATE idempotency SET fingerprint = 'locked' WHERE resource_id = ?", (task.task_id,)
        )


def key_of(order: Order) -> str:
    """The key of an order, empty when it has none."""
    return "" if order.attempt is None else order.attempt.key


async def gone(request: Request) -> bool:
    """Whether the client has hung up by the time that the work takes."""
    for _ in range(5):
        await asyncio.sleep(A_MOMENT_SECONDS / 5)
        if await request.is_disconnected():
            return True
    return False


class LooksFirst(MusicHandlers):
    """Looks a key up, does other things, and then makes the task."""

    async def place(self, request: Request, order: Order) -> Creation:
        """Give others the time to look as well."""
        creator = self._services.creator
        known = creator.recall(order, creator.clock.now(order.tenant_id))
        if known is not None:
            return await super().place(request, order)
        await asyncio.sleep(A_MOMENT_SECONDS)
        with creator.database.transaction():
            task_id = creator.make(order, creator.clock.now(order.tenant_id))
            task = creator.tasks.find(order.tenant_id, task_id)
        return Creation(task=task, is_new=True) if task is not None else await super().place(request, order)


class PaysFirst(MusicHandlers):
    """Debits a request before it waits for another one with its key."""

    def __init__(self, services: Services, guard: Guard) -> None:
        super().__init__(services, guard)
        self.under_way: set[str] = set()

    async def place(self, request: Request, order: Order) -> Creation:
        """Keep the money of those who came second."""
        key = key_of(order)
        if key in self.under_way:
            self._services.wallet.debit(order.tenant_id, self._services.catalogue.resolve(order.model).price)
        self.under_way.update({key} if key else ())
        await asyncio.sleep(A_MOMENT_SECONDS)
        self.under_way.discard(key)
        return await super().place(request, order)


_OVERTAKEN = {
    "BEATRA-IDEMPOTENCY-14": "The retry that follows a cut connection meets the first request still at work.",
}

MUTANTS = (
    Mutant(
        id="window-an-hour-short",
        breaks="BEATRA-IDEMPOTENCY-10",
        story="Keys expire by a clock of another time zone, an hour early.",
        cast={"idempotency": ShortWindow},
    ),
    Mutant(
        id="window-two-minutes-short",
        breaks="BEATRA-IDEMPOTENCY-10",
        story="The window is counted in minutes, and both ends are left out.",
        cast={"idempotency": RoundedWindow},
    ),
    Mutant(
        id="window-a-week-long",
        breaks="BEATRA-IDEMPOTENCY-11",
        story="The window was copied from a gateway that keeps keys for a week.",
        cast={"idempotency": LongWindow},
    ),
    Mutant(
        id="window-endless",
        breaks="BEATRA-IDEMPOTENCY-11",
        story="Old keys are left to a job that does not exist.",
        cast={"idempotency": EndlessWindow},
    ),
    Mutant(
        id="key-ends-with-success",
        breaks="BEATRA-IDEMPOTENCY-12",
        story="The key is kept with the work under way and goes when the song is done.",
        cast={"lifecycle": ForgetsOnSuccess},
    ),
    Mutant(
        id="key-ends-with-cancellation",
        breaks="BEATRA-IDEMPOTENCY-12",
        story="A cancelled task is tidied up together with its key.",
        cast={"lifecycle": ForgetsOnCancellation},
    ),
    Mutant(
        id="rate-limit-is-replayed",
        breaks="BEATRA-IDEMPOTENCY-13",
        story="The first answer to a key is kept, also when it was a 429.",
        front={"guard": RemembersRefusals},
    ),
    Mutant(
        id="rate-limit-too-late",
        breaks="BEATRA-IDEMPOTENCY-13",
        story="The rate is checked when the task has been made, and the refusal leaves it there.",
        front={"guard": LimitsLater, "music": CreatesBeyondTheLimit},
    ),
    Mutant(
        id="key-kept-when-delivered",
        breaks="BEATRA-IDEMPOTENCY-14",
        story="The key is stored with the answer, after the answer was sent: a client that hung up has no key.",
        front={"music": OneAtATime},
    ),
    Mutant(
        id="key-stays-locked",
        breaks="BEATRA-IDEMPOTENCY-14",
        story="A key is locked while its request runs, and a client that hung up never unlocks it.",
        front={"music": StaysLocked},
    ),
    Mutant(
        id="race-for-the-task",
        breaks="BEATRA-IDEMPOTENCY-15",
        story="The key is looked up outside of the transaction that makes the task.",
        front={"music": LooksFirst},
        consequences=_OVERTAKEN,
    ),
    Mutant(
        id="race-for-the-money",
        breaks="BEATRA-IDEMPOTENCY-15",
        story="Each of several requests at once is debited, and one of them makes the task.",
        front={"music": PaysFirst},
        consequences=_OVERTAKEN,
    ),
)
