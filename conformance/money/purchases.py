"""Purchases that a run makes once for all of its processes: one paid task serves many requirements."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.client.errors import ReservationError
from conformance.contract.outcomes import Outcome
from conformance.journal.reader import read_recording

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.client.locks import ProcessLease
    from conformance.client.request import PreparedRequest
    from conformance.journal.records import Exchange
    from conformance.money.ledger import SpendLedger

_PAUSE_SECONDS: Final = 0.05


class Purchases:
    """The purchases of a run, by name, in its ledger."""

    def __init__(
        self, ledger: SpendLedger, lease: ProcessLease, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._ledger = ledger
        self._lease = lease
        self._sleep = sleep

    def made(
        self,
        name: str,
        prepared: PreparedRequest,
        fresh_key: str,
        send: Callable[[PreparedRequest, str], Exchange],
        repeatable: Callable[[PreparedRequest, str], bool],
    ) -> Exchange:
        """
        The exchange of the one purchase of this name.

        The first process that asks for it makes it, and all others get its exchange. A process that takes over from one
        that has ended, or from an earlier run, sends the same again with the same key, and the target answers with
        the task that is there. Where the contract does not promise this, as `repeatable` says, nothing is sent again.

        Raises:
            ReservationError: it was sent before, its answer is lost, and sending it again may buy it again.
        """
        while (claim := self._ledger.claim(name, fresh_key, self._lease.name, self._lease.is_alive)) is None:
            self._sleep(_PAUSE_SECONDS)
        key, exchange_id, content = claim
        if exchange_id is not None:
            known = read_recording(self._ledger.path.parent).exchange(exchange_id)
            if known is not None:
                return known
        if content is not None:
            prepared = replace(prepared, content=content)
            if not repeatable(prepared, key):
                self._ledger.purchased(name, None)
                raise ReservationError(f"{name!r} was asked for before, and asking again may buy it a second time")
        try:
            return self._make(name, prepared, key, send, repeatable)
        except ReservationError:
            if content is None:
                self._ledger.unsent(name)
            raise

    def _make(
        self,
        name: str,
        prepared: PreparedRequest,
        key: str,
        send: Callable[[PreparedRequest, str], Exchange],
        repeatable: Callable[[PreparedRequest, str], bool],
    ) -> Exchange:
        if not isinstance(prepared.content, Path):
            self._ledger.purchase(name, prepared.content)
        try:
            exchange = send(prepared, key)
            if exchange.interpretation.outcome is Outcome.NO_ANSWER and repeatable(prepared, key):
                with suppress(ReservationError):
                    exchange = send(prepared, key)
        except BaseException:
            self._ledger.purchased(name, None)
            raise
        self._ledger.purchased(name, exchange.id)
        return exchange
