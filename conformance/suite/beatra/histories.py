"""What the stateful model needs of this gateway: two songs, and a way through its list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.suite.beatra.bodies import CHEAP_SONG, MINIMAX, SONG, SUNO
from conformance.suite.beatra.gateway import Gateway
from conformance.suite.beatra.paging import items_of, walk
from conformance.suite.stateful_model.model import Listing, ModelledSystem, Product

if TYPE_CHECKING:
    from conformance.accounts.account import Account

CREATES: Final = "createTextToMusic"
# So many pages more than needed are read at most: enough to see that tasks come again.
_SPARE_PAGES: Final = 3


def list_tasks(account: Account, *, limit: int, state: str | None, expected: int) -> Listing:
    """Walk through the list; see `ReadsList`."""
    query: dict[str, object] = {"limit": limit} if state is None else {"limit": limit, "status": state}
    found = walk(Gateway(account), query, -(-expected // limit) + _SPARE_PAGES)
    for page in found.pages:
        items_of(page)
    if len(set(found.visits)) < expected:
        found.expect_end()
    return Listing(found.visits, found.pages)


BOOK: Final = ModelledSystem(
    products=(Product(f"a song of {SUNO}", CREATES, SONG), Product(f"a song of {MINIMAX}", CREATES, CHEAP_SONG)),
    list_tasks=list_tasks,
    insistence={"reason": "The conformance suite does not need this song."},
)
