"""What an account can do at the target: call operations, send odd requests, follow tasks, download media."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from conformance.accounts.deletions import NOT_OWN, AnyDeletion
from conformance.client.client import FRESH, ClientSet, Sender
from conformance.client.errors import NotApplicableError, NotOfferedError, NotRecordedError
from conformance.client.identity import sent_together, tagged, with_run_tag
from conformance.client.request import Form, PreparedRequest, prepare
from conformance.journal.records import Observation
from conformance.journal.redaction import Secret, UnusableSecretError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from conformance.accounts.control import Control
    from conformance.accounts.deletions import DeletionRule
    from conformance.client.client import Client
    from conformance.client.transports.faulty import FaultPlan
    from conformance.contract.conventions import Polling, Tasks
    from conformance.journal.records import Exchange
    from conformance.money.purchases import Purchases


T = TypeVar("T")
# Where the control interface moves the clock, waiting longer is free, and every request for a task takes real time.
_GROWTH_BY_CLOCK: Final = 2.0
_LONGEST_BESIDES_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Followed:
    """A task as it was polled until it ended, or until the time for it was over, and how long that took."""

    task_id: str
    polls: tuple[Exchange, ...]
    ended: bool
    waited_seconds: float

    @property
    def last(self) -> Exchange:
        """The last answer about the task."""
        return self.polls[-1]


class Account:
    """
    One account of the target, by its keys, with the control interface where one is offered.

    In an account that outlives the run every task that is created carries the `run_tag`, and `purchases` are made once.
    `on_created` is told the id of every task that is created. Unless it `compares`, its balance decides nothing, as
    others may move it. `presents`: it is the account of the credentials that the user states besides keys.
    """

    def __init__(
        self,
        client: Client,
        label: str,
        keys: Mapping[str, Secret],
        control: Control | None,
        polling: Polling | None,
        *,
        run_tag: str | None = None,
        purchases: Purchases | None = None,
        on_created: Callable[[str], None] | None = None,
        compares: bool = True,
        presents: bool = False,
        deletions: DeletionRule | None = None,
    ) -> None:
        self.label = label
        self.client = client
        self._keys = keys
        self._control = control
        self._polling = polling
        self._run_tag = run_tag
        self._purchases = purchases
        self._deletions = deletions or AnyDeletion()
        self._on_created = on_created
        self.compares = compares
        self._presents = presents

    @property
    def control(self) -> Control:
        """
        The control interface, called with this account's key.

        Raises:
            NotOfferedError: the target has none.
        """
        if self._control is None:
            sentence = "needs the control interface, which this target does not offer (--control-url)"
            raise NotOfferedError(sentence)
        return self._control

    def offers(self, name: str) -> bool:
        """Whether there is a control interface that offers this."""
        return self._control is not None and self._control.offers(name)

    def key(self, role: str) -> Secret:
        """
        The account's key in a role: main, second (another tenant's) or forbidden (one without permission).

        Raises:
            NotOfferedError: there is no such key.
        """
        if role not in self._keys:
            sentence = f"needs a {role} key ([keys] {role}_env in target.toml, or a control interface with tenants)"
            raise NotOfferedError(sentence)
        return self._keys[role]

    def _is_open(self, role: str) -> bool:
        """Whether no key is there because the contract describes no authentication, or other credentials are stated."""
        if role != "main" or role in self._keys:
            return False
        contract = self.client.contract
        return contract.conventions.authentication is None or self.client.presented.identifies(contract)

    @property
    def frugal(self) -> bool:
        """Whether what is spent here is real money."""
        return self._purchases is not None

    def other_tenant(self) -> Account:
        """The tenant of the second key, which must not reach what this account owns."""
        return Account(
            self.client,
            f"{self.label}/second",
            {"main": self.key("second")},
            None,
            self._polling,
            run_tag=self._run_tag,
            purchases=self._purchases,
            deletions=self._deletions,
        )

    def with_altered_key(self, alter: Callable[[str], str], words: str) -> Account:
        """
        The sender of a key that is made of this account's own; `words` stand for it in what is recorded.

        Raises:
            NotOfferedError: there is no key, or altering it leaves it as it is or gives none that can be sent.
        """
        __tracebackhide__ = True
        own = self.key("main")
        try:
            altered = own.altered(alter, words)
        except UnusableSecretError as error:
            raise NotOfferedError(f"a key {words} can't be sent") from error
        if altered == own:
            raise NotOfferedError(f"the key {words} is the key itself")
        self.client.redactor.register(altered)
        return Account(self.client, self.label, {"main": altered}, None, self._polling)

    def observe(self, observation_id: str, text: str, *exchanges: Exchange) -> None:
        """Keep what the target does where the documents leave it open."""
        ids = tuple(exchange.id for exchange in exchanges)
        self.client.journal.observation(Observation(observation_id, text, ids))

    def fresh_key(self) -> str:
        """An idempotency key that was not used before."""
        return self.client.identity.idempotency_key()

    def call(
        self,
        operation_id: str,
        *,
        path: Mapping[str, object] | None = None,
        query: Mapping[str, Any] | None = None,
        json: object = None,
        form: Form | None = None,
        headers: Mapping[str, str] | None = None,
        key: str | None = "main",
        scheme: str | None = None,
        idempotency_key: ClientSet = FRESH,
        request_id: ClientSet = FRESH,
        patient: bool = True,
        fault: FaultPlan | None = None,
    ) -> Exchange:
        """
        Call an operation of the document; `key` is a role of the account (None: without credentials).

        `scheme` presents the key under another scheme than the system's. With `patient` off a 429 is not
        repeated; `fault` happens to the request on its way.
        """
        prepared = self._prepared(operation_id, path=path, query=query, json=json, form=form, headers=headers)
        prepared = replace(prepared, fault=fault)
        return self.send(
            prepared, key=key, scheme=scheme, idempotency_key=idempotency_key, request_id=request_id, patient=patient
        )

    def send(
        self,
        prepared: PreparedRequest,
        *,
        key: str | None = "main",
        scheme: str | None = None,
        idempotency_key: ClientSet = FRESH,
        request_id: ClientSet = FRESH,
        patient: bool = True,
    ) -> Exchange:
        """
        Send a request that was prepared elsewhere (a generated one, or one that no operation describes).

        Raises:
            NotOfferedError: it would take away what the run has not made.
        """
        if not self.may_send(prepared):
            raise NotOfferedError(f"{prepared.method} {prepared.url} is not sent: {NOT_OWN}")
        sender = self._sender(prepared, key, scheme)
        prepared = with_run_tag(prepared, self.client.contract.conventions.tasks, self._run_tag)
        exchange = self.client.send(
            prepared, sender, idempotency_key=idempotency_key, request_id=request_id, patient=patient
        )
        self._note_made(exchange)
        self._deletions.note(exchange)
        return exchange

    def may_send(self, prepared: PreparedRequest) -> bool:
        """Whether a request takes away nothing, or only what the run has made, or the user allows more."""
        return self._deletions.allows(prepared)

    def _sender(self, prepared: PreparedRequest, role: str | None, scheme: str | None) -> Sender:
        """
        The sender of a request with the key of a role (None: without credentials).

        Raises:
            NotOfferedError: there is no such key.
            NotApplicableError: the run sends no credentials at all, so that these are left out shows nothing.
        """
        contract = self.client.contract
        if role is None:
            operation = contract.document.operations.get(prepared.operation or "")
            if contract.keyless and (operation is None or operation.secured):
                raise NotApplicableError("the run sends no credentials to any operation (--no-auth)")
            return Sender(self.label, None, scheme)
        own = None if self._is_open(role) else self.key(role)
        return Sender(self.label, own, scheme, presents=self._presents and role == "main")

    def _note_made(self, exchange: Exchange) -> None:
        tasks = self.client.contract.conventions.tasks
        if self._on_created is None or tasks is None or exchange.operation not in tasks.create or not exchange.accepted:
            return
        task_id = exchange.get(tasks.id)
        if isinstance(task_id, str):
            self._on_created(task_id)

    def bought(self, name: str, operation_id: str, json: Mapping[str, Any]) -> Exchange:
        """
        The exchange of a task that is bought for good.

        In an account that outlives the run there is one of each name, which all processes of the run share.
        """
        if self._purchases is None:
            return self.call(operation_id, json=json)

        def send(prepared: PreparedRequest, key: str) -> Exchange:
            return self.send(prepared, idempotency_key=key)

        def repeatable(prepared: PreparedRequest, key: str) -> bool:
            return self.client.may_repeat(prepared, key)

        return self._purchases.made(name, self._prepared(operation_id, json=json), self.fresh_key(), send, repeatable)

    def _prepared(self, operation_id: str, *, json: object = None, **parts: Any) -> PreparedRequest:  # noqa: ANN401 - see prepare
        """A request for an operation, with the run tag where it asks for a task."""
        operation = self.client.contract.document.operations[operation_id]
        body = tagged(json, operation_id, self.client.contract.conventions.tasks, self._run_tag)
        return prepare(self.client.base_url, operation, json=body, **parts)

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        key: str | None = "main",
        request_id: ClientSet = FRESH,
    ) -> Exchange:
        """Send a request to any path below the base URL, whether the document knows it or not."""
        operation = self.client.contract.document.match(method, path.partition("?")[0])
        prepared = PreparedRequest(
            method,
            self.client.base_url + path,
            tuple((headers or {}).items()),
            content,
            operation.id if operation else None,
        )
        return self.send(prepared, key=key, request_id=request_id)

    def batch_size(self, wanted: int) -> int:
        """
        How many requests to make at the same time where `wanted` would be best: fewer where a target has other users.

        Raises:
            NotOfferedError: this process may not have two requests under way.
        """
        limits = self.client.limits
        size = min(wanted, limits.batch_size, limits.concurrency)
        if size < min(wanted, 2):
            sentence = "needs several requests at the same time, which --concurrency does not allow to each worker"
            raise NotOfferedError(sentence)
        return size

    def discard(self, created: Exchange) -> None:
        """Cancel a task that is no longer needed, where it costs real money."""
        tasks = self.client.contract.conventions.tasks
        if not self.frugal or tasks is None or tasks.cancel is None or created.operation not in tasks.create:
            return
        task_id = created.get(tasks.id) if created.accepted else None
        if isinstance(task_id, str):
            self.call(tasks.cancel, path={tasks.id_parameter: task_id})

    def at_once(self, calls: Sequence[Callable[[], Exchange]]) -> tuple[Exchange, ...]:
        """Make several calls in parallel and return their exchanges in the order of the calls."""
        with ThreadPoolExecutor(max_workers=len(calls)) as pool, sent_together(len(calls)):
            running = [pool.submit(copy_context().run, call) for call in calls]
            return tuple(future.result() for future in running)

    def download(self, url: str) -> Exchange:
        """
        Fetch media from a URL that the target gave, without any credentials.

        Only HTTPS is followed, and plain HTTP on the target's own host.
        """
        given, own = urlsplit(url), urlsplit(self.client.base_url)
        if given.scheme != "https" and (given.scheme, given.hostname) != (own.scheme, own.hostname):
            sentence = f"does not download from {url[:200]}: neither HTTPS nor the target's own host"
            raise NotOfferedError(sentence)
        return self.client.send(PreparedRequest("GET", url, origin="media"), Sender(self.label, None))

    @contextmanager
    def balance_watched(self, *, known: bool = False) -> Iterator[None]:
        """Read the balance before (unless the journal has it) and after, where the wallet can be read."""
        if not known:
            self._note_balance()
        yield
        self._note_balance()

    def _note_balance(self) -> None:
        # A recording that is judged again has its readings already.
        with suppress(NotRecordedError):
            self.visible_balance()

    def visible_balance(self) -> Decimal | None:
        """The balance in the system's unit, None where the target does not show it, or others may move it."""
        return self.control.balance() if self.compares and self.offers("wallet") else None

    def settled(self, read: Callable[[], T], holds: Callable[[T], bool]) -> tuple[T, bool]:
        """
        What `read` returns once `holds` is true of it, or when the time for that is over, and whether that is decisive.

        No document says how soon a refund arrives, so it gets as long as a task gets to end. The part that
        pays back may follow another clock than the one that is advanced, so some real seconds pass as well.
        """
        tasks, polling = self._task_conventions()
        by_clock = self.offers("clock")
        seen, waited = read(), 0.0
        for pause in _pauses(replace(polling, growth=_GROWTH_BY_CLOCK, maximum_seconds=inf) if by_clock else polling):
            if holds(seen):
                break
            self.pass_time(pause)
            if by_clock:
                self.pause(min(pause, _LONGEST_BESIDES_SECONDS))
            waited += pause
            seen = read()
        return seen, holds(seen) or waited >= tasks.polling.timeout_seconds

    def settled_balance(self, expected: Decimal) -> Decimal:
        """
        The balance in the system's unit, as soon as it is `expected`, or when the time for that is over.

        Raises:
            NotOfferedError: it is not as expected, and was not watched for long enough.
        """
        balance, decisive = self.settled(self.control.balance, lambda balance: balance == expected)
        if not decisive:
            raise NotOfferedError(f"the balance is {balance:f} and not {expected:f}, but it was not watched for long")
        return balance

    def pass_time(self, seconds: float) -> None:
        """Let time pass at the target: by its clock where it can be advanced, else by waiting."""
        if self.offers("clock"):
            self.control.advance(seconds)
        else:
            self.client.sleep(seconds)

    def pause(self, seconds: float) -> None:
        """Let real time pass before what no document dates is looked at again."""
        self.client.sleep(seconds)

    def follow(self, task_id: str, until: Callable[[Exchange], bool] | None = None) -> Followed:
        """
        Poll a task until `until` holds for an answer (default: its state is terminal) or the time for it is over.

        Polls without an answer are skipped: a target may be unreachable for a moment. A refusal ends the polling.
        """
        tasks, polling = self._task_conventions()
        wanted = until or (lambda exchange: _is_terminal(exchange, tasks))

        def done(exchange: Exchange) -> bool:
            return exchange.response is not None and wanted(exchange)

        polls = [self._poll(tasks, task_id)]
        waited = 0.0
        growth = max(polling.growth, _GROWTH_BY_CLOCK) if self.offers("clock") else polling.growth
        for pause in _pauses(replace(polling, growth=growth)):
            if done(polls[-1]) or (polls[-1].response is not None and not polls[-1].accepted):
                break
            self.pass_time(pause)
            waited += pause
            polls.append(self._poll(tasks, task_id))
        return Followed(task_id, tuple(polls), done(polls[-1]), waited)

    def _poll(self, tasks: Tasks, task_id: str) -> Exchange:
        return self.call(tasks.get, path={tasks.id_parameter: task_id})

    def _task_conventions(self) -> tuple[Tasks, Polling]:
        tasks = self.client.contract.conventions.tasks
        if tasks is None:
            sentence = "the conventions of this system describe no tasks"
            raise NotOfferedError(sentence)
        return tasks, self._polling or tasks.polling


def with_timeout(polling: Polling, timeout_seconds: float | None) -> Polling:
    """The polling pattern with another time limit, where one is given."""
    return polling if timeout_seconds is None else replace(polling, timeout_seconds=timeout_seconds)


def _is_terminal(exchange: Exchange, tasks: Tasks) -> bool:
    state = tasks.states.get(str(exchange.get(tasks.status)))
    return exchange.accepted and state is not None and state.terminal


def _pauses(polling: Polling) -> Iterator[float]:
    pause, waited = polling.first_seconds, 0.0
    while waited < polling.timeout_seconds:
        yield pause
        waited += pause
        pause = min(pause * polling.growth, polling.maximum_seconds)
