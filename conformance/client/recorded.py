"""The exchanges of a recording, each to be handed out once to whoever asks the same again."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from conformance.client.control import sets_balance
from conformance.client.crowds import CROWD
from conformance.contract.document import SAFE_METHODS
from conformance.journal.writer import KEPT_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime

    from conformance.client.crowds import Crowd
    from conformance.journal.records import Body, Exchange

_BOUNDARY: Final = re.compile(r'(?<=boundary=)"?([^";\s]+)"?', re.IGNORECASE)
# What the client makes up for itself, and what says which version of the suite asked.
_OWN_NAME: Final = "music-api-conformance/"
_SHARED: Final = "shared"


@dataclass(frozen=True, slots=True)
class Asked:
    """What makes two requests the same, secrets removed: all but the correlation id and the boundaries of a form."""

    origin: str
    method: str
    url: str
    transport: str
    headers: tuple[tuple[str, str], ...]
    body: tuple[int, str]


@dataclass(frozen=True, slots=True)
class Wording:
    """How the requests of a run are to be read: the header of correlation ids and the run that made them up."""

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
    ) -> Asked:
        """A request as others are compared with it."""
        items = tuple(headers)
        media_type = next((value for name, value in items if name.lower() == "content-type"), "")
        boundary = _BOUNDARY.search(media_type)
        told = tuple((name.lower(), _BOUNDARY.sub("", value)) for name, value in items if self._tells(name, value))
        # Media and control interface are asked over the same transport as the target; of faults the plan is not kept.
        return Asked(origin, method, url, transport, tuple(sorted(told)), _digest(body, boundary and boundary[1]))

    def of(self, exchange: Exchange) -> Asked:
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


class Recorded:
    """
    What a run has recorded, in lanes: one for each process of the run, by what caused it there.

    What one scenario asks for must come in the order in which it was recorded, else answers would not fit together:
    nothing that may have changed something can be left out, and nothing is answered with what was said before
    something that was asked already. Of requests that were under way at the same time any may come first.
    `left_out` says of which recorded exchanges nobody will ask, because the client made them on its own. Any number of
    threads may take from it.
    """

    def __init__(
        self, exchanges: Iterable[Exchange], wording: Wording, left_out: Callable[[Exchange], bool] | None = None
    ) -> None:
        self.wording = wording
        self._left_out = left_out or (lambda _exchange: False)
        self._taking = Lock()
        self._streams: defaultdict[tuple[str, str | None], _Stream] = defaultdict(_Stream)
        self._repetitions: dict[str, Exchange] = {}
        self._settings: dict[Asked, Exchange] = {}
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
        asked = self.wording.of(exchange)
        # What all scenarios share is set by whichever comes first.
        shared = sets_balance(exchange) and exchange.account == _SHARED
        if shared:
            self._settings.setdefault(asked, exchange)
        changes = exchange.request.method not in SAFE_METHODS and not shared and not self._left_out(exchange)
        self._streams[lane, exchange.cause].put(exchange, asked, changes=changes)

    def lane_of(self, causes: Collection[str | None]) -> str | None:
        """The process that recorded the most of what these caused; None where nobody recorded anything."""
        counts: Counter[str] = Counter()
        for cause in causes:
            counts.update(self._lanes.get(cause, {}))
        return max(counts, key=counts.__getitem__) if counts else None

    def take(self, lane: str | None, cause: str | None, asked: Asked) -> tuple[Exchange, ...]:
        """The exchange that answers a request and those that repeated it, first to last; none if it is not there."""
        with self._taking:
            stream = self._streams.get((lane or "", cause))
            first = (stream and stream.take(asked, CROWD.get())) or self._settings.get(asked)
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


class _Stream:
    """What one scenario has sent in one process, in its order."""

    def __init__(self) -> None:
        self._waiting: defaultdict[Asked, deque[_Entry]] = defaultdict(deque)
        self._changes: deque[_Entry] = deque()
        self._latest: datetime | None = None
        self._crowd: Crowd | None = None
        self._before_crowd: datetime | None = None

    def put(self, exchange: Exchange, asked: Asked, *, changes: bool) -> None:
        """Add an exchange, which was sent after all that are there."""
        entry = _Entry(exchange, changes)
        self._waiting[asked].append(entry)
        if changes:
            self._changes.append(entry)

    def take(self, asked: Asked, crowd: Crowd | None) -> Exchange | None:
        """The next exchange for a request, None where there is none that fits to what was taken before."""
        if crowd is not self._crowd:
            self._crowd, self._before_crowd = crowd, self._latest
        limit = self._latest if crowd is None else self._before_crowd
        waiting = self._waiting.get(asked, deque())
        # What was over when something was sent that has been taken already would be an answer from the past.
        while waiting and limit is not None and waiting[0].ended <= limit:
            waiting.popleft()
        if not waiting or self._missed_changes(waiting[0]) > (0 if crowd is None else crowd.size - 1):
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
    """A body as others are compared with it: one that was sent from a file by its size, which nobody keeps."""
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
