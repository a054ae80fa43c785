"""What a bench has recorded, played again to a client that sends nothing."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.accounts.account import Account
from conformance.accounts.replay import RecordedExchanges, ReplayingClient, RequestMatcher
from conformance.client.identity import CAUSE
from conformance.client.rate_limit import Pacer
from conformance.journal.records import Headers
from conformance.journal.redaction import Redactor, Secret
from conformance.journal.writer import Journal
from conformance.money.guard import PlayMoneyGuard
from tests.client.bench import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.journal.records import Exchange
    from tests.client.bench import Bench

AGENT = "music-api-conformance/1.0 (run r1)"
PLACEHOLDER = "$CONFORMANCE_API_KEY"


@contextmanager
def caused_by(cause: str) -> Iterator[None]:
    """What is sent meanwhile is sent by a scenario of this name."""
    token = CAUSE.set(cause)
    try:
        yield
    finally:
        CAUSE.reset(token)


def recorded_of(bench: Bench, **options: Any) -> RecordedExchanges:  # noqa: ANN401 - see Recorded
    """Everything that a bench has recorded, as if it had gone over the ordinary transport, sent by the suite."""
    return RecordedExchanges(map(_ordinary, bench.recording.exchanges), RequestMatcher("r1", "X-Trace"), **options)


def _ordinary(exchange: Exchange) -> Exchange:
    items = exchange.request.headers.items
    named = Headers(tuple((name, AGENT if name == "User-Agent" else value) for name, value in items))
    return replace(exchange, transport="httpx", request=replace(exchange.request, headers=named))


@contextmanager
def replayed(bench: Bench, *, lane: str | None = None, play: bool = True) -> Iterator[Account]:
    """An account that is answered with what the account of the bench was answered."""
    secret = Secret(PLACEHOLDER, PLACEHOLDER)
    redactor = Redactor(secret)
    again = Journal(
        bench.folder / "again", "main", redactor, run="r1", system="sample", contract_version="1.0", suite_version="1"
    )
    with again:
        client = ReplayingClient(
            recorded_of(bench),
            lane=lane,
            play=play,
            run_id="r1",
            base_url=BASE,
            contract=bench.client.contract,
            journal=again,
            redactor=redactor,
            guard=PlayMoneyGuard(),
            pacer=Pacer(),
            user_agent="music-api-conformance/2.0 (run r1)",
        )
        yield Account(client, "alice", {"main": secret}, None, None)


def ids(*exchanges: Exchange) -> list[str]:
    """The ids of exchanges."""
    return [exchange.id for exchange in exchanges]
