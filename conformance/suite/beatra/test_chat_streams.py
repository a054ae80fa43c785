"""Chats that are streamed: the form of their events, what they come to, how they end, and when none is begun."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError
from conformance.contract.outcomes import at
from conformance.journal.records import Mismatch
from conformance.money.budget import refuses, spends
from conformance.suite.beatra.answers import ENVELOPE, decided
from conformance.suite.beatra.chats import (
    ASKED,
    COMPLETION,
    ENOUGH,
    UNKNOWN_MODEL,
    is_stream,
    streamed,
    taken_or_blocked,
    there,
)
from conformance.suite.beatra.gateway import solvent
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

EVENTS: Final = "text/event-stream"
CHUNK: Final = "chat.completion.chunk"
STREAMED: Final[dict[str, Any]] = {**ASKED, "stream": True}
WITH_USAGE: Final[dict[str, Any]] = {**STREAMED, "stream_options": {"include_usage": True}}
_REFUSED: Final = "BEATRA-CHAT-08"


@dataclass(frozen=True, slots=True)
class Streams:
    """A chat that is streamed, and one that asks for its usage as well."""

    plain: Exchange
    with_usage: Exchange


@scenario(spends(COMPLETION, COMPLETION, requests=2))
def chat_streams(gateway: OpenGateway) -> Streams:
    """Chats that are streamed."""
    with gateway("chat-streams", balance=ENOUGH) as beatra:
        streams = Streams(beatra.chat(STREAMED), beatra.chat(WITH_USAGE))
        _observe(beatra, streams)
        return streams


def _observe(beatra: Gateway, streams: Streams) -> None:
    frames = streams.plain.response.frames if streams.plain.response else None
    if frames:
        times = [frame.seconds for frame in frames if frame.seconds is not None]
        when = f", the first after {times[0]:.3f} s, the last after {times[-1]:.3f} s" if times else ""
        beatra.observe("BEATRA-OBS-CHAT-PIECES", f"{len(frames)} events{when}", streams.plain)
    asked = streams.with_usage
    if is_stream(asked) and asked.accepted:
        texts = [frame.data for frame in asked.answer.frames or ()]
        told = any('"total_tokens"' in text for text in texts)
        beatra.observe("BEATRA-OBS-CHAT-USAGE", f"the usage is {'told' if told else 'not told'}", asked)
    elif asked.response is not None:
        beatra.observe("BEATRA-OBS-CHAT-USAGE", asked.summary, asked)


@requirement("BEATRA-STREAM-01")
def test_a_stream_is_an_event_stream(chat_streams: Streams) -> None:
    exchange = chat_streams.plain
    if not is_stream(exchange):
        taken_or_blocked(exchange)
    declared = (exchange.header("Content-Type") or "").partition(";")[0].strip().lower()

    assert declared == EVENTS, f"expected a stream declared as {EVENTS}, got {declared!r:.80}"


@requirement("BEATRA-STREAM-02")
def test_events_are_pieces_of_a_completion(chat_streams: Streams) -> None:
    for value in streamed(chat_streams.plain).values:
        choices = at(value, "/choices")

        assert isinstance(choices, list), f"expected an array of choices in every event, got {value!r:.120}"
        for choice in choices:
            assert isinstance(at(choice, "/delta"), dict), f"expected a delta in every choice, got {choice!r:.120}"


@requirement("BEATRA-STREAM-03")
def test_a_piece_is_called_a_chunk(chat_streams: Streams) -> None:
    named = [at(value, "/object") for value in streamed(chat_streams.plain).values]
    others = [name for name in named if name not in (None, CHUNK)]

    assert others == [], f"expected the object {CHUNK} where an event has one, got {others[0]!r:.80}"


@requirement("BEATRA-STREAM-04")
def test_a_stream_begins_with_who_speaks(chat_streams: Streams) -> None:
    pieces = streamed(chat_streams.plain).pieces
    first = pieces[0][1] if pieces else None

    assert first is not None, "expected a delta in a stream, got none"
    assert first.get("role") == "assistant", f"expected the role assistant in the first delta, got {first!r:.80}"


@requirement("BEATRA-STREAM-05")
def test_the_pieces_make_an_answer(chat_streams: Streams) -> None:
    texts: defaultdict[int, str] = defaultdict(str)
    for number, delta, _ in streamed(chat_streams.plain).pieces:
        content = delta.get("content")

        assert content is None or isinstance(content, str), f"expected a text as content, got {content!r:.80}"
        texts[number] += content or ""
    assert texts, "expected an answer, got a stream without any"
    for text in texts.values():
        assert text.strip(), "expected the contents of all deltas to make an answer, got nothing"


@requirement("BEATRA-STREAM-06")
def test_a_streamed_answer_says_why_it_ended(chat_streams: Streams) -> None:
    ended: dict[int, str] = {}
    numbers: set[int] = set()
    for number, delta, reason in streamed(chat_streams.plain).pieces:
        numbers.add(number)
        said = delta.get("content")

        assert not (said and number in ended), f"expected no content after the finish_reason, got {said!r:.80}"
        if reason is not None:
            assert isinstance(reason, str), f"expected a text as finish_reason, got {reason!r:.80}"
            assert number not in ended, "expected one finish_reason for an answer, got another one"
            ended[number] = reason
    assert numbers == ended.keys(), "expected a finish_reason for every answer, got none"


@requirement("BEATRA-STREAM-09")
def test_the_pieces_belong_to_one_completion(chat_streams: Streams) -> None:
    ids = {str(at(value, "/id")) for value in streamed(chat_streams.plain).values if at(value, "/id") is not None}

    assert len(ids) <= 1, f"expected one id in all events, got {len(ids)}"


@scenario(refuses(1, demanded_by=_REFUSED, requests=1))
def refused_stream(gateway: OpenGateway) -> Exchange:
    """A chat that is to be streamed, with a model that does not exist."""
    with gateway("refused-stream", balance=ENOUGH) as beatra:
        return beatra.chat({**STREAMED, "model": UNKNOWN_MODEL})


@requirement("BEATRA-STREAM-08")
def test_what_is_refused_is_not_streamed(refused_stream: Exchange) -> None:
    exchange = refused_stream
    if is_stream(exchange):
        if not exchange.outcome.error:
            raise BlockedError(_REFUSED, "a chat with a model that does not exist was streamed")
        raise Mismatch(f"expected a refusal in JSON, got an event stream with {exchange.status}", exchange.id)
    there(exchange)
    solvent(exchange)
    if exchange.accepted:
        raise BlockedError(_REFUSED, f"a chat with a model that does not exist was answered {decided(exchange)}")
    if not isinstance(exchange.get("/error"), dict):
        raise BlockedError(ENVELOPE, f"the {exchange.status} has no error: {exchange.answer.body.text[:80]!r}")
