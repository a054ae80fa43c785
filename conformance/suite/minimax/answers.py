"""What answers say: whether a request was taken or refused, and the audio in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from conformance.client.errors import BlockedError, NotApplicableError, NotOfferedError
from conformance.contract.outcomes import Outcome, is_said_of_nothing
from conformance.journal.records import Mismatch
from conformance.suite.audio import Audio, UnplayableError, decode
from conformance.suite.batch import decided

if TYPE_CHECKING:
    from conformance.journal.records import Exchange

SUCCESS: Final = "0"
_HEX: Final = re.compile("(?:[0-9A-Fa-f]{2})+")
_URL: Final = ("https://", "http://")
# Documents contradict each other on the place of the URL.
URL_PLACES: Final = ("/data/audio", "/data/audio_url")
_OWNERS: Final = {
    "generateMusic": "MINIMAX-MODEL-01",
    "preprocessCover": "MINIMAX-FEATURE-02",
    "generateLyrics": "MINIMAX-LYRICS-01",
}


def code_of(exchange: Exchange) -> str | None:
    """The code in `base_resp` as text; None where the answer has none."""
    code = exchange.get("/base_resp/status_code")
    return None if code is None or isinstance(code, bool) else str(code)


def taken(exchange: Exchange) -> Exchange:
    """
    The request, if it is accepted.

    Raises:
        Mismatch: it is refused for what was sent.
        UnansweredError: the service did not decide about it.
        BlockedError: the operation can't be used at all.
        NotApplicableError: the key has no plan for the model.
    """
    _open(exchange)
    if not exchange.accepted:
        shown = f"{exchange.summary}: {_message(exchange)}"
        raise Mismatch(f"expected the request to be accepted, got {shown}", exchange.id)
    return exchange


def refused(exchange: Exchange) -> Exchange:
    """
    The request, if it is refused for what was sent, with whatever status and code.

    Raises:
        Mismatch: it is not refused.
        UnansweredError: the service did not decide about it.
        BlockedError: the operation can't be used at all.
        NotApplicableError: the key has no plan for the model.
    """
    _open(exchange)
    if not is_refusal(exchange):
        raise Mismatch(f"expected the request to be refused, got {exchange.summary}", exchange.id)
    return exchange


def is_refusal(exchange: Exchange) -> bool:
    """Whether the answer refuses the request, be it with a code that no document has."""
    undocumented = exchange.outcome is Outcome.UNCLEAR and code_of(exchange) not in (None, SUCCESS)
    return exchange.outcome is Outcome.REFUSED or undocumented


def named(exchange: Exchange, outcome: Outcome, code: str) -> None:
    """The refusal has this code; where it has none, its status says the same."""
    if exchange.response is None:
        raise NotOfferedError(f"there was no answer: {exchange.failure}")
    if exchange.accepted:
        raise Mismatch(f"expected a refusal with the code {code}, got {exchange.summary}", exchange.id)
    found = code_of(exchange)
    if found is None and exchange.outcome is outcome:
        raise NotApplicableError(f"the refusal has no code: {exchange.summary}")
    if found != code:
        raise Mismatch(f"expected the code {code}, got {exchange.summary}", exchange.id)


def _open(exchange: Exchange) -> None:
    decided(exchange)
    if exchange.outcome is Outcome.FORBIDDEN:
        raise NotApplicableError(f"the key has no plan for the model: {_message(exchange)}")
    if exchange.outcome is Outcome.UNAUTHENTICATED or is_said_of_nothing(exchange.status):
        raise BlockedError(
            _OWNERS[exchange.operation or ""],
            f"{exchange.request.method} {exchange.request.url} gave {exchange.summary}",
        )


def _message(exchange: Exchange) -> str:
    return (exchange.interpretation.message or exchange.answer.body.text)[:200]


def is_url(text: str) -> bool:
    """Whether a text is the URL of a file."""
    return text.startswith(_URL)


def bytes_of_hex(text: str, exchange: Exchange) -> bytes:
    """The bytes of a hex code in an answer (raises `Mismatch` where it is none)."""
    if not _HEX.fullmatch(text):
        raise Mismatch(f"expected hex-coded audio, got {text[:40]!r} of {len(text)} characters", exchange.id)
    return bytes.fromhex(text)


def audio_in(exchange: Exchange) -> bytes:
    """The hex-coded audio of an answer (raises `Mismatch` where there is none)."""
    return bytes_of_hex(exchange.string("/data/audio"), exchange)


def url_in(exchange: Exchange) -> tuple[str, str] | None:
    """The URL of an answer's audio, and where it stands; None where there is none."""
    found = ((place, exchange.get(place)) for place in URL_PLACES)
    return next(((text, place) for place, text in found if isinstance(text, str) and is_url(text)), None)


def made(exchange: Exchange) -> str:
    """The text of the audio in an answer that accepts a request, whatever code it is (raises `Mismatch`)."""
    text = taken(exchange).string("/data/audio")
    if not text:
        raise Mismatch("expected audio, got an empty text", exchange.id)
    return text


def played(content: bytes, exchange: Exchange) -> Audio:
    """The audio that bytes decode to, from the first frame to the last (raises `Mismatch` where they don't)."""
    try:
        return decode(content)
    except UnplayableError as error:
        raise Mismatch(f"expected audio that plays, got {len(content)} bytes that are {error}", exchange.id) from error
