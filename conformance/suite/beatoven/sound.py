"""Whether files of a composition play, and in which format they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.client.errors import BlockedError, NotOfferedError, UndecidedError
from conformance.journal.records import Mismatch
from conformance.suite.audio import UnplayableError, decode
from conformance.suite.batch import decided

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.audio import Audio
    from conformance.suite.media import Delivery

_WANTS_TOKEN: Final = (401, 403)


def sound_of(delivery: Delivery) -> tuple[Exchange, Audio]:
    """
    What a URL delivered, decoded from start to end.

    Raises:
        Mismatch: it delivers no audio that plays.
        NotOfferedError: it was not asked, wants a token, or delivers more than the suite reads.
    """
    if delivery.exchange is None:
        if delivery.unasked:
            raise NotOfferedError(delivery.reason)
        raise Mismatch(f"expected audio at {delivery.url[:200]}, but {delivery.reason}")
    exchange = decided(delivery.exchange)
    if exchange.status in _WANTS_TOKEN:
        raise NotOfferedError(f"{delivery.url[:200]} wants a token, and no document says who may download a file")
    if not exchange.accepted:
        raise Mismatch(f"expected audio at {delivery.url[:200]}, got {exchange.status}", exchange.id)
    content = exchange.answer.body
    if content.truncated:
        raise NotOfferedError(f"a file of more than {len(content.content)} bytes is more than the suite reads")
    try:
        return exchange, decode(content.content)
    except UnplayableError as error:
        raise Mismatch(f"expected audio at {delivery.url[:200]}, which is {error}", exchange.id) from error


def heard(delivery: Delivery | None) -> tuple[Exchange, Audio] | None:
    """The same for observations: None where it delivers no audio that plays."""
    try:
        return None if delivery is None else sound_of(delivery)
    except (Mismatch, UndecidedError):
        return None


def playing(delivery: Delivery, owner: str) -> tuple[Exchange, Audio]:
    """The same for what depends on it: blocked by its owner where it delivers no audio that plays."""
    try:
        return sound_of(delivery)
    except Mismatch as error:
        raise BlockedError(owner, str(error)) from error


def format_of(audio: Audio) -> str:
    """The name of a format as the API has it; for other ones, container and codec."""
    if audio.codec == "aac":
        return "aac"
    if audio.container in ("mp3", "wav"):
        return audio.container
    return f"{audio.container} with {audio.codec}"
