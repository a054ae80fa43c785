"""The client of a recording: it sends nothing and gives back what was recorded, each exchange once."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict, deque
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import httpx

from conformance.accounts.control import sets_balance
from conformance.client.client import Client, PendingRequest
from conformance.client.errors import NotRecordedError, ReservationError, UnspentError
from conformance.client.identity import CAUSE, CONCURRENT_BATCH, Identity
from conformance.client.transports.base import Incoming, UnsendableRequestError
from conformance.contract.document import SAFE_METHODS
from conformance.journal.records import Body
from conformance.journal.writer import KEPT_BYTES
from conformance.money.budget import Tier
from conformance.money.guard import PlayMoneyGuard
from conformance.money.purchases import Purchases

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from datetime import datetime

    from conformance.client.identity import ConcurrentBatch
    from conformance.client.locks import ProcessLease
    from conformance.client.request import PreparedRequest
    from conformance.journal.reader import Recording
    from conformance.journal.records import Exchange
    from conformance.money.budget import Budget
    from conformance.money.ledger import SpendLedger


_BOUNDARY: Final = re.compile(r'(?<=boundary=)"?([^";\s]+)"?', re.IGNORECASE)
# The beginning of the client's own User-Agent, which names its version.
_OWN_NAME: Final = "music-api-conformance/"
_SHARED: Final = "shared"


@dataclass(frozen=True, slots=True)
class RequestIdentity:
    """What makes two requests the same, secrets removed: all but the request id and the boundaries of a form."""

    origin: str
    method: str
    url: str
    transport: str
    headers: tuple[tuple[str, str], ...]
    body: tuple[int, str]


@dataclass(frozen=True, slots=True)
class RequestMatcher:
    """Turns the requests of a run into identities, given the header of request ids and the run that made them."""

    run_id: str
    request_id_header: str | None

    def asked(
        self,
        *,
        origin: str,
        method: str,
        url: str,
        transport: str,
        headers: Iterable[tuple[str, str]],
        body: Body | Path,
    ) -> RequestIdentity:
        """The identity of a request."""
        items = tuple(headers)
        media_type = next((value for name, value in items if name.lower() == "content-type"), "")
        boundary = _BOUNDARY.search(media_type)
        told = tuple((name.lower(), _BOUNDARY.sub("", value)) for name, value in items if self._tells(name, value))
        # Media and control interface use the same transport as the target; the plan of a fault is not kept.
        return RequestIdentity(
            origin, method, url, transport, tuple(sorted(told)), _digest(body, boundary and boundary[1])
        )

    def of(self, exchange: Exchange) -> RequestIdentity:
        """The request of a recorded exchange."""
        request = exchange.request
        return self.asked(
            origin=exchange.origin,
            method=request.method,
            url=request.url,
            transport=exchange.transport,
            headers=request.headers.items,
            body=request.body,
        )

    def _tells(self, name: str, value: str) -> bool:
        lowered = name.lower()
        if lowered == "user-agent":
            return not value.startswith(_OWN_NAME)
        made_up = value.startswith(f"{self.run_id}-")
        return not (made_up and self.request_id_header is not None and lowered == self.request_id_header.lower())


class RecordedExchanges:
    """
    The exchanges of a recording, by lane (one for each process of the run) and by cause.

    The requests of one scenario must come in the order in which they were recorded, else answers would not fit
    together: no exchange that may have changed something can be left out, and no request is answered by an exchange
    that ended before one that was taken already began. Of requests that were under way together any may come first.
    `left_out` is true of recorded exchanges that no scenario asks for, because the client sent them on its own.
    Threads may share it.
    """

    def __init__(
        self, exchanges: Iterable[Exchange], matcher: RequestMatcher, left_out: Callable[[Exchange], bool] | None = None
    ) -> None:
        self.matcher = matcher
        self._left_out = left_out or (lambda _exchange: False)
        self._taking = Lock()
        self._streams: defaultdict[tuple[str, str | None], _RecordedStream] = defaultdict(_RecordedStream)
        self._repetitions: dict[str, Exchange] = {}
        self._settings: dict[RequestIdentity, Exchange] = {}
        self._lanes: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
        self.lanes: dict[str, None] = {}
        for exchange in exchanges:
            self._put(exchange)

    def _put(self, exchange: Exchange) -> None:
        lane = exchange.id.rpartition("-")[0]
        self.lanes[lane] = None
        if exchange.repeats is not None:
            self._repetitions[exchange.repeats] = exchange
            return
        self._lanes[exchange.cause][lane] += 1
        asked = self.matcher.of(exchange)
        # The first scenario of the run sets the shared balance.
        shared = sets_balance(exchange) and exchange.account == _SHARED
        if shared:
            self._settings.setdefault(asked, exchange)
        changes = exchange.request.method not in SAFE_METHODS and not shared and not self._left_out(exchange)
        self._streams[lane, exchange.cause].put(exchange, asked, changes=changes)

    def lane_of(self, causes: Collection[str | None]) -> str | None:
        """The process that recorded the most exchanges of these causes; None where there are none."""
        counts: Counter[str] = Counter()
        for cause in causes:
            counts.update(self._lanes.get(cause, {}))
        return max(counts, key=counts.__getitem__) if counts else None

    def take(self, lane: str | None, cause: str | None, asked: RequestIdentity) -> tuple[Exchange, ...]:
        """The exchange that answers a request and those that repeated it, first to last; none if it is not there."""
        with self._taking:
            stream = self._streams.get((lane or "", cause))
            first = (stream and stream.take(asked, CONCURRENT_BATCH.get())) or self._settings.get(asked)
        if first is None:
            return ()
        found = [first]
        while (following := self._repetitions.get(found[-1].id)) is not None:
            found.append(following)
        return tuple(found)


@dataclass
class _Entry:
    """An exchange of a stream, and whether it may have changed something."""

    exchange: Exchange
    changes: bool
    taken: bool = False

    @property
    def begun(self) -> datetime:
        """When it was sent."""
        return self.exchange.at

    @property
    def ended(self) -> datetime:
        """When its answer was complete."""
        return self.exchange.at + timedelta(seconds=self.exchange.elapsed_seconds)


class _RecordedStream:
    """The exchanges of one scenario in one process, in their order."""

    def __init__(self) -> None:
        self._waiting: defaultdict[RequestIdentity, deque[_Entry]] = defaultdict(deque)
        self._changes: deque[_Entry] = deque()
        self._latest: datetime | None = None
        self._batch: ConcurrentBatch | None = None
        self._before_batch: datetime | None = None

    def put(self, exchange: Exchange, asked: RequestIdentity, *, changes: bool) -> None:
        """Add an exchange, which was sent after all that are there."""
        entry = _Entry(exchange, changes)
        self._waiting[asked].append(entry)
        if changes:
            self._changes.append(entry)

    def take(self, asked: RequestIdentity, batch: ConcurrentBatch | None) -> Exchange | None:
        """The next exchange for a request, None where none fits to what was taken before."""
        if batch is not self._batch:
            self._batch, self._before_batch = batch, self._latest
        limit = self._latest if batch is None else self._before_batch
        waiting = self._waiting.get(asked, deque())
        # An exchange that ended before one that was taken began would be an answer from the past.
        while waiting and limit is not None and waiting[0].ended <= limit:
            waiting.popleft()
        if not waiting or self._missed_changes(waiting[0]) > (0 if batch is None else batch.size - 1):
            return None
        entry = waiting.popleft()
        entry.taken = True
        self._latest = entry.begun if self._latest is None else max(self._latest, entry.begun)
        return entry.exchange

    def _missed_changes(self, before: _Entry) -> int:
        """How many exchanges that were over before another began, and may have changed something, were not taken."""
        while self._changes and self._changes[0].taken:
            self._changes.popleft()
        earlier = takewhile(lambda entry: entry.begun < before.begun, self._changes)
        return sum(not entry.taken and entry.ended <= before.begun for entry in earlier)


def _digest(body: Body | Path, boundary: str | None) -> tuple[int, str]:
    """A body's size and hash; of a body from a file, which the journal does not keep, the size alone."""
    if isinstance(body, Path):
        return body.stat().st_size, ""
    content = body.content[:KEPT_BYTES]
    if body.truncated and not content:
        return body.size, ""
    size = len(body.content)
    if body.size > KEPT_BYTES:
        return body.size, hashlib.sha256(content).hexdigest()
    if boundary:
        content = content.replace(boundary.encode("utf-8", "surrogatepass"), b"")
        size = len(content)
    return size, hashlib.sha256(content).hexdigest()


_FAULTY: Final = "faulty"


class RecordedIdentity(Identity):
    """The ids that the processes of a recorded run made, each in its own lane."""

    def __init__(self, run_id: str, recorded: RecordedExchanges, lane: str | None) -> None:
        super().__init__(run_id, lane or "main")
        self._recorded = recorded
        self._lane = lane
        self._lanes = {name: Identity(run_id, name) for name in recorded.lanes}

    @property
    def lane(self) -> str | None:
        """The process whose exchanges answer now; None where it recorded none."""
        return self._lane or self._recorded.lane_of((CAUSE.get(),))

    def idempotency_key(self) -> str:
        """The key that this process made for this request."""
        lane = self.lane
        return super().idempotency_key() if lane is None else self._lanes[lane].idempotency_key()


class ReplayingClient(Client):
    """
    Answers every request with the exchanges of a recording; waiting takes no time.

    `lane` is the process whose exchanges answer; None: the one that recorded the most for the current cause.
    """

    def __init__(self, recorded: RecordedExchanges, *, lane: str | None, play: bool, run_id: str, **parts: Any) -> None:  # noqa: ANN401 - see Client
        self._ids = RecordedIdentity(run_id, recorded, lane)
        super().__init__(
            identity=self._ids,
            transports={},
            faulty=_no_transport,
            sleep=lambda _seconds: None,
            **parts,
        )
        self._recorded = recorded
        self._missing = NotRecordedError if play else UnspentError

    def _sent(self, pending: PendingRequest, *, patient: bool) -> Exchange:  # noqa: ARG002 - the recording has the repetitions
        found = self._recorded.take(self._ids.lane, CAUSE.get(), self._asked(pending))
        if not found:
            _check_sendable(pending)
            prepared = pending.prepared
            raise self._missing(f"not in the recording: {prepared.method} {prepared.url[:200]}")
        if pending.on_receive is not None:
            for exchange in found:
                if exchange.response is not None:
                    pending.on_receive(_incoming(exchange))
        return found[-1]

    def _asked(self, pending: PendingRequest) -> RequestIdentity:
        prepared, sender = pending.prepared, pending.sender
        content = prepared.content
        kept = content if isinstance(content, Path) else Body(self.redactor.data(content), len(content))
        clean = self.redactor.text
        headers = self._headers(prepared, sender, pending.request_id)
        return self._recorded.matcher.asked(
            origin=prepared.origin,
            method=prepared.method,
            url=clean(self._url(prepared, sender)),
            transport=prepared.transport if prepared.fault is None else _FAULTY,
            headers=[(clean(name), clean(value)) for name, value in headers],
            body=kept,
        )


class RecordedMoneyGuard(PlayMoneyGuard):
    """The guard of a recording that was made with real money: what did not fit under the cap was not carried out."""

    def __init__(self, tier: Tier, unaffordable: Collection[str]) -> None:
        super().__init__(tier)
        self._unaffordable = frozenset(unaffordable)

    @contextmanager
    def admit(self, scenario: str, budget: Budget) -> Iterator[None]:
        """Let every scenario begin that began in the run."""
        if scenario in self._unaffordable and budget.tier > Tier.READ:
            raise ReservationError("not in the recording: it did not fit under the cap")
        with super().admit(scenario, budget):
            yield


class RecordedPurchases(Purchases):
    """The purchases that were made in a recording."""

    def __init__(self, ledger: SpendLedger, lease: ProcessLease, recording: Recording) -> None:
        super().__init__(ledger, lease)
        self._recording = recording

    def made(
        self,
        name: str,
        prepared: PreparedRequest,
        fresh_key: str,
        send: Callable[[PreparedRequest, str], Exchange],  # noqa: ARG002 - nothing is sent
        repeatable: Callable[[PreparedRequest, str], bool],  # noqa: ARG002 - nothing is sent
    ) -> Exchange:
        """The exchange of the one purchase of this name (raises `UnspentError` when there was none)."""
        claim = self._ledger.claim(name, fresh_key, self._lease.name, self._lease.is_alive)
        known = claim and claim[1] and self._recording.exchange(claim[1])
        if not known:
            raise UnspentError(f"not in the recording: {prepared.method} {prepared.url[:200]}, bought as {name!r}")
        return known


def _no_transport(_plan: object) -> Any:  # noqa: ANN401 - never called
    raise UnsendableRequestError("A recording is judged; nothing is sent.")


def _check_sendable(pending: PendingRequest) -> None:
    """Refuse what no run could have sent, as the transport would (raises `UnsendableRequestError`)."""
    if pending.prepared.transport != "httpx":
        return
    try:
        url = httpx.URL(pending.prepared.url)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise UnsendableRequestError(f"{pending.prepared.url[:200]} can't be sent over httpx.") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise UnsendableRequestError(f"{pending.prepared.url[:200]} is no http or https URL with a host.")


def _incoming(exchange: Exchange) -> Incoming:
    answer = exchange.answer
    body = answer.body
    return Incoming(answer.status, answer.headers.items, body.content, body.size, body.sha256 or "", body.truncated)
