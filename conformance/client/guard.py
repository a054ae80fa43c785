"""The money guard: asked before every request, told about every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from conformance.client.errors import SpendRefusedError
from conformance.contract.document import SAFE_METHODS

if TYPE_CHECKING:
    from conformance.client.building import Prepared
    from conformance.journal.records import Exchange


class Guard(Protocol):
    """Decides what may be sent. One reservation is open from `reserve` until `reconcile`."""

    def reserve(self, prepared: Prepared) -> None:
        """
        Set aside what the request may cost at worst.

        Raises:
            SpendRefusedError: it may not be sent.
        """

    def reconcile(self, prepared: Prepared, exchange: Exchange) -> None:
        """Replace the reservation by what the answer shows was charged."""


class PlayMoney:
    """The guard of a target whose money is worthless: everything may be sent."""

    def reserve(self, prepared: Prepared) -> None:
        """Allow the request: nothing it can spend has a price."""

    def reconcile(self, prepared: Prepared, exchange: Exchange) -> None:
        """Keep no account: the journal has every charge."""


class ReadOnly:
    """The guard of a target with real money: only requests that can't create anything are sent."""

    def reserve(self, prepared: Prepared) -> None:
        """
        Allow safe methods only.

        Raises:
            SpendRefusedError: the method may change something at the target.
        """
        if prepared.method not in SAFE_METHODS:
            sentence = (
                f"the target's money is real, so it is only read and {prepared.method} requests are not sent; "
                'say money = "play" in target.toml if this account is a sandbox'
            )
            raise SpendRefusedError(sentence)

    def reconcile(self, prepared: Prepared, exchange: Exchange) -> None:
        """Nothing to settle: a safe request costs nothing."""
