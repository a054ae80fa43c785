"""The client of a recording: it sends nothing and gives back what was recorded."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx

from conformance.client.budget import Tier
from conformance.client.client import Client, Letter
from conformance.client.errors import NotRecordedError, SpendRefusedError, UnspentError
from conformance.client.guard import PlayMoney
from conformance.client.identity import CAUSE, Identity
from conformance.client.purchases import Purchases
from conformance.client.transports.base import Incoming, UnsendableRequestError
from conformance.journal.records import Body

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from conformance.client.budget import Budget
    from conformance.client.building import Prepared
    from conformance.client.holders import Holder
    from conformance.client.purse import Purse
    from conformance.client.recorded import Asked, Recorded
    from conformance.journal.reader import Recording
    from conformance.journal.records import Exchange

_FAULTY: Final = "faulty"


class RecordedIdentity(Identity):
    """The ids that the processes of a run made up, each in its own lane."""

    def __init__(self, run_id: str, recorded: Recorded, lane: str | None) -> None:
        super().__init__(run_id, lane or "main")
        self._recorded = recorded
        self._lane = lane
        self._lanes = {name: Identity(run_id, name) for name in recorded.lanes}

    @property
    def lane(self) -> str | None:
        """The process whose part in the run is played now; None where nothing was recorded of it."""
        return self._lane or self._recorded.lane_of((CAUSE.get(),))

    def idempotency_key(self) -> str:
        """The key that this process made up at this place."""
        lane = self.lane
        return super().idempotency_key() if lane is None else self._lanes[lane].idempotency_key()


class ReplayingClient(Client):
    """
    Answers every request from a recording, with the very exchanges that are in it; waiting costs no time.

    `lane` is the process of the run whose part is played; None: of whichever recorded the most of what is asked for.
    """

    def __init__(self, recorded: Recorded, *, lane: str | None, play: bool, run_id: str, **parts: Any) -> None:  # noqa: ANN401 - see Client
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

    def _sent(self, letter: Letter, *, patient: bool) -> Exchange:  # noqa: ARG002 - the recording knows how patient it was
        found = self._recorded.take(self._ids.lane, CAUSE.get(), self._asked(letter))
        if not found:
            _check_sendable(letter)
            prepared = letter.prepared
            raise self._missing(f"not in the recording: {prepared.method} {prepared.url[:200]}")
        if letter.on_receive is not None:
            for exchange in found:
                if exchange.response is not None:
                    letter.on_receive(_incoming(exchange))
        return found[-1]

    def _asked(self, letter: Letter) -> Asked:
        prepared, sender = letter.prepared, letter.sender
        content = prepared.content
        kept = content if isinstance(content, Path) else Body(self.redactor.data(content), len(content))
        clean = self.redactor.text
        headers = self._headers(prepared, sender, letter.request_id)
        return self._recorded.wording.asked(
            origin=prepared.origin,
            method=prepared.method,
            url=clean(self._url(prepared, sender)),
            transport=prepared.transport if prepared.fault is None else _FAULTY,
            headers=[(clean(name), clean(value)) for name, value in headers],
            body=kept,
        )


class RecordedMoney(PlayMoney):
    """The guard of a recording that was made with real money: what did not fit under the cap was not carried out."""

    def __init__(self, tier: Tier, unaffordable: Collection[str]) -> None:
        super().__init__(tier)
        self._unaffordable = frozenset(unaffordable)

    @contextmanager
    def admit(self, scenario: str, budget: Budget) -> Iterator[None]:
        """Let every scenario begin that began in the run."""
        if scenario in self._unaffordable and budget.tier > Tier.READ:
            raise SpendRefusedError("not in the recording: it did not fit under the cap")
        with super().admit(scenario, budget):
            yield


class RecordedPurchases(Purchases):
    """The purchases that were made in a recording."""

    def __init__(self, purse: Purse, holder: Holder, recording: Recording) -> None:
        super().__init__(purse, holder)
        self._recording = recording

    def made(
        self,
        name: str,
        prepared: Prepared,
        fresh_key: str,
        send: Callable[[Prepared, str], Exchange],  # noqa: ARG002 - nothing is sent
        repeatable: Callable[[Prepared, str], bool],  # noqa: ARG002 - nothing is sent
    ) -> Exchange:
        """The exchange of the one purchase of this name (raises `UnspentError` when there was none)."""
        claim = self._purse.claim(name, fresh_key, self._holder.name, self._holder.lives)
        known = claim and claim[1] and self._recording.exchange(claim[1])
        if not known:
            raise UnspentError(f"not in the recording: {prepared.method} {prepared.url[:200]}, bought as {name!r}")
        return known


def _no_transport(_plan: object) -> Any:  # noqa: ANN401 - never called
    raise UnsendableRequestError("A recording is judged; nothing is sent.")


def _check_sendable(letter: Letter) -> None:
    """Refuse what no run could have sent, as the transport would (raises `UnsendableRequestError`)."""
    if letter.prepared.transport != "httpx":
        return
    try:
        url = httpx.URL(letter.prepared.url)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise UnsendableRequestError(f"{letter.prepared.url[:200]} can't be sent over httpx.") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise UnsendableRequestError(f"{letter.prepared.url[:200]} is no http or https URL with a host.")


def _incoming(exchange: Exchange) -> Incoming:
    answer = exchange.answer
    body = answer.body
    return Incoming(answer.status, answer.headers.items, body.content, body.size, body.sha256 or "", body.truncated)
