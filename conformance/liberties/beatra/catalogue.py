"""How each liberty of this system is taken that needs code of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.liberties.beatra import (
    accounts,
    bills,
    chats,
    envelopes,
    files,
    lists,
    lives,
    refusals,
    requests,
    retries,
)

if TYPE_CHECKING:
    from conformance.liberties.base import Taken

_MODULES: Final = (refusals, requests, envelopes, bills, lists, lives, retries, files, accounts, chats)
TAKEN: Final[tuple[Taken, ...]] = tuple(taken for module in _MODULES for taken in module.TAKEN)
