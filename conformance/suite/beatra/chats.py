"""Conversations that are asked, and how completions and the events of streams are read without trust."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.contract.outcomes import at
from conformance.contract.requirements import derived_id
from conformance.journal.records import Mismatch
from conformance.suite.beatra.answers import available, decided
from conformance.suite.beatra.gateway import solvent

if TYPE_CHECKING:
    from conformance.journal.records import Exchange

# What a completion costs is charged to its operation.
COMPLETION: Final = "createChatCompletion"
ANSWERS: Final = derived_id("beatra", COMPLETION, "accepts")
AT_ONCE: Final = "BEATRA-CHAT-11"
STREAMS: Final = "BEATRA-STREAM-01"
ENDS: Final = "BEATRA-STREAM-07"
DONE: Final = "[DONE]"
AUTO: Final = "auto"
UNKNOWN_MODEL: Final = "no-such-model-1.0"
# More than all chats of a scenario cost.
ENOUGH: Final = Decimal(1000)
ASKED: Final[dict[str, Any]] = {
    "model": AUTO,
    "messages": [{"role": "user", "content": "Say hello in five words."}],
}
IN_ALL_ROLES: Final[dict[str, Any]] = {
    "model": AUTO,
    "messages": [
        {"role": "system", "content": "Answer in one short sentence."},
        {"role": "user", "content": "Name a key."},
        {"role": "assistant", "content": "C major."},
        {"role": "user", "content": "Name another one."},
    ],
}


def completed(exchange: Exchange) -> Exchange:
    """
    A completion that was answered at once.

    Raises:
        BlockedError: chats are not answered, or with something else than a JSON object.
        NotOfferedError: the target did not decide, or the account could not pay or lacks the model.
    """
    _answered(exchange)
    if is_stream(exchange) or not isinstance(exchange.get(""), dict):
        raise BlockedError(AT_ONCE, "the answer was no JSON object")
    return exchange


def _answered(exchange: Exchange) -> None:
    decided(exchange)
    solvent(exchange)
    available(exchange)
    if not exchange.accepted:
        asked = f"{exchange.request.method} {exchange.request.url}"
        raise BlockedError(ANSWERS, f"{asked} gave {exchange.summary}")


def taken_or_blocked(exchange: Exchange) -> None:
    """Leave the verdict open where chats are not answered."""
    decided(exchange)
    solvent(exchange)
    if not exchange.accepted:
        raise BlockedError(ANSWERS, f"the chat was answered {exchange.summary}")


def there(exchange: Exchange) -> None:
    """Leave the verdict open where there is no such operation."""
    if decided(exchange) in (404, 405, 501):
        raise BlockedError(ANSWERS, f"{exchange.request.method} {exchange.request.url} gave {exchange.status}")


def choices_in(exchange: Exchange) -> list[dict[str, Any]]:
    """The choices of a completion (raises `Mismatch` where there are none, or one is no object)."""
    choices = completed(exchange).array("/choices")
    if not choices or not all(isinstance(choice, dict) for choice in choices):
        raise Mismatch(f"expected objects in choices, got {choices!r:.80}", exchange.id)
    return choices


def is_stream(exchange: Exchange) -> bool:
    """Whether the answer came in events."""
    return exchange.response is not None and exchange.response.frames is not None


@dataclass(frozen=True, slots=True)
class Stream:
    """The events of a stream that came to its end, as far as they are JSON, without the text that ends it."""

    exchange: Exchange
    values: tuple[Any, ...]

    @property
    def pieces(self) -> list[tuple[int, dict[str, Any], object]]:
        """The number of the answer, the delta and the reason to end, of every choice in every event."""
        found = []
        for value in self.values:
            listed = at(value, "/choices")
            for choice in listed if isinstance(listed, list) else ():
                delta, number = at(choice, "/delta"), at(choice, "/index")
                own = number if isinstance(number, int) else 0
                found.append((own, delta if isinstance(delta, dict) else {}, at(choice, "/finish_reason")))
        return found


def streamed(exchange: Exchange) -> Stream:
    """
    The events of a chat that was to be streamed.

    Raises:
        Mismatch: an event is no JSON.
        BlockedError: chats are not answered, nothing is streamed, or the stream did not come to its end.
        NotOfferedError: the target did not decide, or the account could not pay.
    """
    if is_stream(exchange) and not exchange.accepted:
        frames = exchange.answer.frames or ()
        raise BlockedError(ENDS, f"the stream broke off after {len(frames)} events: {exchange.summary}")
    _answered(exchange)
    if not is_stream(exchange):
        raise BlockedError(STREAMS, "the answer did not come as a stream")
    texts = [frame.data for frame in exchange.answer.frames or () if frame.data.strip() != DONE]
    if exchange.answer.body.truncated:
        raise NotOfferedError("the stream is longer than is kept")
    return Stream(exchange, tuple(_read(text, exchange) for text in texts))


def _read(text: str, exchange: Exchange) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Mismatch(f"expected JSON in every event but the last, got {text[:80]!r}", exchange.id) from error
