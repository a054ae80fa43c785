"""Purchases that a run makes once, whichever of its processes needs them: one paid task serves many requirements."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.client.errors import SpendRefusedError
from conformance.contract.outcomes import Outcome
from conformance.journal.reader import read_recording

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.client.building import Prepared
    from conformance.client.holders import Holder
    from conformance.client.purse import Purse
    from conformance.journal.records import Exchange

_PAUSE_SECONDS: Final = 0.05


class Purchases:
    """The purchases of a run, by name, in its purse."""

    def __init__(self, purse: Purse, holder: Holder, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._purse = purse
        self._holder = holder
        self._sleep = sleep

    def made(
        self,
        name: str,
        prepared: Prepared,
        fresh_key: str,
        send: Callable[[Prepared, str], Exchange],
        repeatable: Callable[[Prepared, str], bool],
    ) -> Exchange:
        """
        The exchange of the one purchase of this name.

        The first process that asks for it makes it, and all others get its exchange. One that takes over from a process
        that died, or from an earlier run, sends the same again with the same key, which the target answers with the
        task that is there. Where the contract promises no such thing, as `repeatable` says, nothing is sent again.

        Raises:
            SpendRefusedError: it was sent before, its answer is lost, and sending it again may buy it again.
        """
        while (claim := self._purse.claim(name, fresh_key, self._holder.name, self._holder.lives)) is None:
            self._sleep(_PAUSE_SECONDS)
        key, exchange_id, content = claim
        if exchange_id is not None:
            known = read_recording(self._purse.path.parent).exchange(exchange_id)
            if known is not None:
                return known
        if content is not None:
            prepared = replace(prepared, content=content)
            if not repeatable(prepared, key):
                self._purse.purchased(name, None)
                raise SpendRefusedError(f"{name!r} was asked for before, and asking again may buy it a second time")
        try:
            return self._make(name, prepared, key, send, repeatable)
        except SpendRefusedError:
            if content is None:
                self._purse.unsent(name)
            raise

    def _make(
        self,
        name: str,
        prepared: Prepared,
        key: str,
        send: Callable[[Prepared, str], Exchange],
        repeatable: Callable[[Prepared, str], bool],
    ) -> Exchange:
        if not isinstance(prepared.content, Path):
            self._purse.purchase(name, prepared.content)
        try:
            exchange = send(prepared, key)
            if exchange.interpretation.outcome is Outcome.NO_ANSWER and repeatable(prepared, key):
                with suppress(SpendRefusedError):
                    exchange = send(prepared, key)
        except BaseException:
            self._purse.purchased(name, None)
            raise
        self._purse.purchased(name, exchange.id)
        return exchange
