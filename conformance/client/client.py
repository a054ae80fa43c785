"""The client: sets key, request id and idempotency key, asks the guard, keeps the rate, sends, records."""

from __future__ import annotations

import hashlib
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

from conformance.client.allowance import NoLimit
from conformance.client.errors import ForeignOriginError, ReservationError, UnaskableError
from conformance.client.identity import CAUSE
from conformance.client.presented import Presented
from conformance.client.stop_signal import StopSignal
from conformance.client.transports.base import NoAnswerError, Outgoing, UnsendableRequestError
from conformance.contract.outcomes import Outcome
from conformance.journal.errors import JournalError
from conformance.journal.interpretation import Reader
from conformance.journal.records import Body, Exchange, Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.client.allowance import Allowance
    from conformance.client.identity import Identity
    from conformance.client.presented import SchemeKey
    from conformance.client.rate_limit import Pacer
    from conformance.client.request import PreparedRequest
    from conformance.client.transports.base import Incoming, Transport
    from conformance.client.transports.faulty import FaultPlan
    from conformance.contract.contract import Contract
    from conformance.journal.redaction import Redactor, Secret
    from conformance.journal.writer import Journal


# The target's values end up in URLs; no HTTP library takes longer ones, and few servers do.
_LONGEST_URL: Final = 60_000
_AFTER_ORIGIN: Final = frozenset({"", "/", "?", "#"})


class Fresh:
    """A header value that the client makes up, anew for every request."""


FRESH: Final = Fresh()
ClientSet = str | Fresh | None


@dataclass(frozen=True, slots=True)
class TrafficLimits:
    """
    Bounds of the traffic of one process.

    Seconds until a request is given up (one that sends a file has more, by its size and the slowest connection that
    is worth waiting for), bytes of an answer that are read, requests that are under way at once, and how many of them
    at most are meant to meet each other at the target.
    """

    timeout_seconds: float = 30.0
    max_response_bytes: int = 32 * 1024 * 1024
    slowest_bytes_per_second: int = 500_000
    concurrency: int = 32
    batch_size: int = 32


@dataclass(frozen=True, slots=True)
class Sender:
    """
    The account that sends a request: its label and its key (None: without this credential).

    `scheme` stands before the key instead of the one that the conventions name. `presents` means that the request also
    carries the credentials that the user states besides the key.
    """

    account: str | None
    key: Secret | None
    scheme: str | None = None
    presents: bool = False


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request with what its repetitions need: its sender, its id, and the callback that sees the answers."""

    prepared: PreparedRequest
    sender: Sender
    request_id: ClientSet
    on_receive: Callable[[Incoming], None] | None


Permit = TypeVar("Permit")


class RequestGuard(Protocol[Permit]):
    """Asked before every request, and told what became of it. Every permit is settled, given back or lost."""

    def reserve(self, prepared: PreparedRequest) -> Permit:
        """
        Set aside what the request may cost at worst.

        Raises:
            ReservationError: it may not be sent.
        """

    def repeatable(self, prepared: PreparedRequest) -> bool:
        """Whether the request may be sent once more when it is not known whether it was carried out."""

    def costs_nothing(self, prepared: PreparedRequest) -> bool:
        """Whether the request costs nothing, however often it is sent."""

    def settle(self, permit: Permit, exchange: Exchange, ask: Callable[[PreparedRequest], Exchange]) -> None:
        """Replace the reservation by what the answer shows; `ask` sends what has to be asked to know."""

    def give_back(self, permit: Permit) -> None:
        """The request was not sent after all."""

    def lose(self, permit: Permit) -> None:
        """The request was interrupted, so its outcome is not known: its price stays at stake."""


class Client:
    """Everything that the suite sends passes through here; it is shared by all accounts of a process."""

    def __init__(
        self,
        *,
        base_url: str,
        contract: Contract,
        journal: Journal,
        redactor: Redactor,
        transports: Mapping[str, Transport],
        faulty: Callable[[FaultPlan], Transport],
        guard: RequestGuard[Any],
        pacer: Pacer,
        identity: Identity,
        user_agent: str,
        limits: TrafficLimits | None = None,
        sleep: Callable[[float], None] | None = None,
        stopping: StopSignal | None = None,
        presented: Presented | None = None,
        allowance: Allowance | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._origin = self.base_url.partition("://")[0] + "://" + urlsplit(self.base_url).netloc
        self.contract = contract
        self.journal = journal
        self.redactor = redactor
        self.identity = identity
        self.limits = limits or TrafficLimits()
        self.stopping = stopping or StopSignal()
        self.presented = presented or Presented()
        self.allowance = allowance or NoLimit()
        self.sleep = sleep or self.stopping.sleep
        self._transports = transports
        self._faulty = faulty
        self._guard = guard
        self._pacer = pacer
        self._user_agent = user_agent
        self._places = BoundedSemaphore(self.limits.concurrency)
        self._reader = Reader(contract.conventions)

    def send(
        self,
        prepared: PreparedRequest,
        sender: Sender,
        *,
        idempotency_key: ClientSet = FRESH,
        request_id: ClientSet = FRESH,
        patient: bool = True,
        on_receive: Callable[[Incoming], None] | None = None,
    ) -> Exchange:
        """
        Send one request and record its exchange, also when no answer came.

        What was throttled is repeated as the target asks for (unless `patient` is off), and what met a fault of the
        server once, or twice (`RetryPolicy`), all with the same idempotency key. Every repetition is an exchange of
        its own that the guard is asked for anew; what may cost real money is repeated after a fault only where the
        contract promises that this is free. The last exchange is returned. `on_receive` sees the answers before they
        are recorded, to learn secrets that they carry.

        Raises:
            ReservationError: the guard does not allow the request.
            UnaskableError: its URL is too long.
            ForeignOriginError: it carries credentials or ids, but its URL is not the target's.
            RequestLimitError: the run may send no more requests of this kind.
            RunStoppedError: the run ends, so nothing more is sent.
        """
        self.stopping.check()
        try:
            return self._send(
                prepared,
                sender,
                idempotency_key=idempotency_key,
                request_id=request_id,
                patient=patient,
                on_receive=on_receive,
            )
        except JournalError as error:
            self.stopping.fail(str(error))
            raise

    def _send(
        self,
        prepared: PreparedRequest,
        sender: Sender,
        *,
        idempotency_key: ClientSet,
        request_id: ClientSet,
        patient: bool,
        on_receive: Callable[[Incoming], None] | None,
    ) -> Exchange:
        self._check_origin(prepared)
        if len(prepared.url) > _LONGEST_URL:
            raise UnaskableError(f"a URL of {len(prepared.url)} characters is too long to be asked for")
        prepared = self._with_idempotency_key(prepared, idempotency_key)
        pending = PendingRequest(prepared, sender, request_id, on_receive)
        return self._sent(pending, patient=patient)

    def _check_origin(self, prepared: PreparedRequest) -> None:
        """Refuse to send credentials to another origin than the target's (raises `ForeignOriginError`)."""
        following = prepared.url.removeprefix(self._origin)
        if prepared.origin == "target" and (following == prepared.url or following[:1] not in _AFTER_ORIGIN):
            raise ForeignOriginError(f"a request for {prepared.url[:200]} would leave {self._origin} with a key")

    def close(self) -> None:
        """Close every connection."""
        for transport in self._transports.values():
            transport.close()

    def _send_in_passing(self, sender: Sender, prepared: PreparedRequest) -> Exchange:
        """Send what the guard has to ask, with the account whose request made it necessary."""
        return self.send(prepared, sender, idempotency_key=None)

    def _sent(self, pending: PendingRequest, *, patient: bool) -> Exchange:
        first = self._allowed(pending)
        return self._repeat_where_due(pending, first) if patient else first

    def _allowed(self, pending: PendingRequest, *, repeats: str | None = None) -> Exchange:
        """One exchange: the guard is asked before it, and told its outcome after it."""
        self.allowance.take()
        if pending.prepared.origin != "target":
            return self._attempt(pending, repeats=repeats)
        permit = self._guard.reserve(pending.prepared)
        try:
            exchange = self._attempt(pending, repeats=repeats)
        except UnsendableRequestError:
            self._guard.give_back(permit)
            raise
        except BaseException:
            self._guard.lose(permit)
            raise
        self._guard.settle(permit, exchange, partial(self._send_in_passing, pending.sender))
        return exchange

    def _repeat_where_due(self, pending: PendingRequest, exchange: Exchange) -> Exchange:
        last = exchange

        def again(repeated: Exchange) -> Exchange:
            nonlocal last
            renamed = replace(pending, request_id=pending.request_id if pending.request_id is None else FRESH)
            last = self._allowed(renamed, repeats=repeated.id)
            return last

        backoff = self._pacer.backoff
        # Where a repetition can't be paid, the answer that is there is the last one.
        with suppress(ReservationError):
            last = backoff.repeat(exchange, again, self.sleep)
            if last.interpretation.outcome is Outcome.FAILED and self._is_repeatable(pending.prepared):
                free = pending.prepared.origin != "target" or self._guard.costs_nothing(pending.prepared)
                backoff.repeat_fault(last, again, self.sleep, costs_nothing=free)
        return last

    def may_repeat(self, prepared: PreparedRequest, idempotency_key: str) -> bool:
        """Whether a request that was sent with this key may be sent once more, though it may have been carried out."""
        return self._is_repeatable(self._with_idempotency_key(prepared, idempotency_key))

    def _is_repeatable(self, prepared: PreparedRequest) -> bool:
        return prepared.origin != "target" or self._guard.repeatable(prepared)

    def _attempt(self, pending: PendingRequest, *, repeats: str | None = None) -> Exchange:
        """One exchange. Its frames and those of the libraries below hold the key, so no traceback ever shows them."""
        try:
            return self._exchange(pending, repeats)
        except BaseException as error:  # noqa: BLE001 - raised again
            error.add_note("".join(["Raised below, at\n", *traceback.format_tb(error.__traceback__)]))
            raise error.with_traceback(None) from None

    def _exchange(self, pending: PendingRequest, repeats: str | None) -> Exchange:
        prepared, sender = pending.prepared, pending.sender
        outgoing = Outgoing(
            method=prepared.method,
            url=self._url(prepared, sender),
            headers=self._headers(prepared, sender, pending.request_id),
            content=prepared.content,
            timeout_seconds=self.stopping.within(self._patience(prepared)),
            max_response_bytes=self.limits.max_response_bytes,
        )
        transport = self._transport_of(prepared)
        incoming: Incoming | None = None
        partly: Incoming | None = None
        failure: str | None = None
        with self._places, self._pacer.turn():
            at = datetime.now(UTC)
            started = time.perf_counter()
            try:
                incoming = transport.send(outgoing)
            except NoAnswerError as error:
                failure, partly = str(error), error.partial
                if error.kind == "timeout" and prepared.fault is None:
                    self.stopping.timed_out()
            elapsed = time.perf_counter() - started
        if incoming is not None:
            self.stopping.answered()
        if incoming is not None and pending.on_receive is not None:
            pending.on_receive(incoming)
        exchange = Exchange(
            id=self.journal.next_id(),
            at=at,
            elapsed_seconds=elapsed,
            request=Request(prepared.method, outgoing.url, Headers(outgoing.headers), _sent_body(prepared)),
            response=None if incoming is None else _received(incoming),
            origin=prepared.origin,
            operation=prepared.operation,
            account=sender.account,
            cause=CAUSE.get(),
            transport=transport.name,
            failure=failure,
            generated=prepared.generated,
            repeats=repeats,
        )
        return self.journal.exchange(self._read(exchange, incoming or partly, started))

    def _read(self, exchange: Exchange, came: Incoming | None, started: float) -> Exchange:
        """The exchange with what its answer means; of a stream that was cut the part that came is its answer."""
        if came is None or (exchange.response is None and self._reader.stream_of(exchange) is None):
            return exchange
        arrivals = [(seconds - started, size) for seconds, size in came.arrivals]
        if exchange.response is not None:
            return self._reader.read(exchange, arrivals)
        part = replace(_received(came), body=replace(_received(came).body, truncated=True))
        return self._reader.read(replace(exchange, response=part), arrivals)

    def _patience(self, prepared: PreparedRequest) -> float:
        size = prepared.content.stat().st_size if isinstance(prepared.content, Path) else 0
        known = self.contract.conventions.operations.get(prepared.operation or "")
        longest = max(self.limits.timeout_seconds, known.answers_within_seconds or 0 if known else 0)
        return longest + size / self.limits.slowest_bytes_per_second

    def _transport_of(self, prepared: PreparedRequest) -> Transport:
        return self._transports[prepared.transport] if prepared.fault is None else self._faulty(prepared.fault)

    def _with_idempotency_key(self, prepared: PreparedRequest, wanted: ClientSet) -> PreparedRequest:
        convention = self.contract.conventions.idempotency
        if convention is None or prepared.origin != "target" or wanted is None:
            return prepared
        if isinstance(wanted, str):
            return prepared.with_header(convention.header, wanted)
        given = any(name.lower() == convention.header.lower() for name, _ in prepared.headers)
        if prepared.operation in convention.operations and not given:
            return prepared.with_header(convention.header, self.identity.idempotency_key())
        return prepared

    def _url(self, prepared: PreparedRequest, sender: Sender) -> str:
        """The URL of a request, with the key where it travels in the query."""
        authentication = self.contract.conventions.authentication
        keyed = self._keyed(prepared, sender)
        if keyed:
            return _with_query(prepared.url, "&".join(filter(None, (key.query() for key in keyed))))
        if prepared.origin == "media" or sender.key is None or authentication is None or not authentication.query:
            return prepared.url
        return _with_query(prepared.url, urlencode({authentication.query: sender.key.reveal()}))

    def _keyed(self, prepared: PreparedRequest, sender: Sender) -> tuple[SchemeKey, ...]:
        """The keys of the schemes that the operation asks for; none where the main key alone is presented."""
        if prepared.origin != "target" or not sender.presents or sender.scheme is not None:
            return ()
        return self.presented.keyed(prepared, self.contract, sender.key)

    def _stated(self, prepared: PreparedRequest, sender: Sender) -> list[tuple[str, str]]:
        """The request's own headers, and those that the user states, which go before what was drawn at random."""
        if prepared.origin != "target" or not self.presented.headers:
            return [*prepared.headers]
        stated = list(self.presented.stated(self.contract, presents=sender.presents))
        known = {name.lower() for name, _ in prepared.headers}
        if prepared.generated == "valid":
            replaced = {name.lower() for name, _ in stated}
            return [*((name, value) for name, value in prepared.headers if name.lower() not in replaced), *stated]
        return [*prepared.headers, *((name, value) for name, value in stated if name.lower() not in known)]

    def _headers(self, prepared: PreparedRequest, sender: Sender, request_id: ClientSet) -> tuple[tuple[str, str], ...]:
        headers = self._stated(prepared, sender)
        present = {name.lower() for name, _ in headers}
        if "user-agent" not in present:
            headers.append(("User-Agent", self._user_agent))
        if prepared.origin == "media":
            return tuple(headers)
        authentication = self.contract.conventions.authentication
        name = authentication.header if authentication else ""
        keyed = self._keyed(prepared, sender)
        # Plain keys are in no variable, so that no traceback shows them.
        if keyed:
            headers += [pair for pair in (key.header() for key in keyed) if pair and pair[0].lower() not in present]
        elif sender.key is not None and authentication and name and name.lower() not in present:
            headers.append((name, authentication.presented(sender.key.reveal, sender.scheme)))
        convention = self.contract.conventions.request_id
        if convention and request_id is not None and convention.header.lower() not in present:
            value = request_id if isinstance(request_id, str) else self.identity.request_id()
            headers.append((convention.header, value))
        return tuple(headers)


def _with_query(url: str, query: str) -> str:
    joint = "&" if "?" in url else "?"
    return f"{url}{joint}{query}" if query else url


def _sent_body(prepared: PreparedRequest) -> Body:
    if isinstance(prepared.content, Path):
        with prepared.content.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Body(b"", prepared.content.stat().st_size, digest, truncated=True)
    return Body(prepared.content, len(prepared.content))


def _received(incoming: Incoming) -> Response:
    body = Body(incoming.content, incoming.size, incoming.sha256, incoming.truncated)
    return Response(incoming.status, Headers(incoming.headers), body)
