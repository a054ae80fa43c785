"""Whether answers still show something new: what one drawn request teaches need not be asked many times."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from conformance.generation.cases import Case, Drawing
    from conformance.journal.records import Exchange

IN_VAIN: Final = 3
"""So many drawn requests in a row may show nothing new before the rest is left out."""
_DEEPEST: Final = 6
_ITEMS: Final = 20
_MOST_PLACES: Final = 500


class Novelty:
    """
    What the answers to an operation's requests have shown so far: status, media type, code, and the form of the body.

    Args:
        drawn: the requests that may be left out; others, such as those of the constraint walk, are all sent.
        in_vain: after how many drawn ones in a row that show nothing new the rest is left out; None leaves none out.
    """

    def __init__(self, drawn: Collection[Case] = (), in_vain: int | None = None) -> None:
        self._drawn = frozenset(drawn)
        self._left = self._in_vain = in_vain
        self._seen: set[object] = set()
        self.left_out = 0

    def may_leave_out(self, case: Case) -> bool:
        """Whether a request is hardly worth sending any more; counts those that are not."""
        needless = self._left == 0 and case in self._drawn
        self.left_out += needless
        return needless

    def see(self, case: Case, exchange: Exchange) -> None:
        """Take an answer in."""
        if self._in_vain is None:
            return
        shown = what_is_shown(exchange)
        if shown not in self._seen:
            self._seen.add(shown)
            self._left = self._in_vain
        elif self._left and case in self._drawn:
            self._left -= 1


def novelty_for(drawing: Drawing, drawn: Collection[Case]) -> Novelty:
    """What leaves drawn requests out, where no option says how many there are to be."""
    return Novelty(drawn, IN_VAIN if drawing.sparing else None)


def what_is_shown(exchange: Exchange) -> object:
    """What an answer shows apart from its values."""
    if exchange.response is None:
        return None
    media_type = (exchange.response.headers.get("content-type") or "").partition(";")[0].strip().lower()
    form = frozenset(islice(_places(exchange.get(""), "", 0), _MOST_PLACES))
    return exchange.status, media_type, exchange.interpretation.code, form


def _places(value: object, place: str, depth: int) -> Iterator[tuple[str, str]]:
    """The places of a JSON value with the types there; the items of an array share one place."""
    yield place, type(value).__name__
    if depth == _DEEPEST:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _places(inner, f"{place}/{name}", depth + 1)
    elif isinstance(value, list):
        for item in value[:_ITEMS]:
            yield from _places(item, f"{place}/*", depth + 1)
