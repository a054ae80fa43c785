"""Streams: hex-coded pieces, then the frame that completes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError, NotApplicableError, NotOfferedError
from conformance.contract.outcomes import at
from conformance.journal.records import Mismatch
from conformance.money.budget import harmless
from conformance.suite.minimax.answers import audio_in, bytes_of_hex, is_url, played, refused, taken, url_in
from conformance.suite.minimax.bodies import SONG
from conformance.suite.minimax.service import MAKES_MUSIC
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.journal.records import Exchange
    from conformance.suite.minimax.conftest import OpenService

GOES_ON, COMPLETE = 1, 2
DELIVERS: Final = "MINIMAX-STREAM-01"
DONE: Final = "[DONE]"


@dataclass(frozen=True, slots=True)
class Streams:
    """A song as a stream, one as a stream and a URL, and one of which neither was asked."""

    streamed: Exchange
    with_url: Exchange
    plain: Exchange


@scenario(harmless(3))
def streams(service: OpenService) -> Streams:
    """Songs of the free model as streams."""
    with service("streams") as minimax:
        streamed = minimax.song(stream=True)
        with_url = minimax.song(stream=True, output_format="url")
        if streamed.accepted:
            minimax.observe("MINIMAX-OBS-STREAM-JSON", "a stream" if is_stream(streamed) else "one body", streamed)
        if is_stream(streamed):
            texts = [frame.data.strip() for frame in streamed.answer.frames or ()]
            ends = f"{DONE} as its last frame" if texts and texts[-1] == DONE else "a frame with JSON"
            minimax.observe("MINIMAX-OBS-STREAM-END", f"the stream ends with {ends}", streamed)
            minimax.observe("MINIMAX-OBS-LAST-FRAME", shown_last(streamed), streamed)
        if with_url.response is not None and with_url.outcome.decisive:
            minimax.observe("MINIMAX-OBS-STREAM-URL", with_url.summary, with_url)
        return Streams(streamed, with_url, minimax.generate(SONG))


def is_stream(exchange: Exchange) -> bool:
    """Whether the answer came in frames."""
    return exchange.response is not None and exchange.response.frames is not None


def values(exchange: Exchange) -> Iterator[Any]:
    """The JSON values of the frames of a stream."""
    for frame in exchange.answer.frames or ():
        if frame.data.strip() == DONE:
            continue
        try:
            yield json.loads(frame.data)
        except (ValueError, RecursionError) as error:
            if exchange.answer.body.truncated:
                raise NotOfferedError("the stream is longer than is kept") from error
            raise Mismatch(f"expected JSON in every frame, got {frame.data[:80]!r}", exchange.id) from error


def pieces(exchange: Exchange) -> tuple[bytes, bytes]:
    """The audio of the frames while the stream goes on, and that of the frame that completes it."""
    going_on, last = b"", b""
    frames = list(values(exchange))
    for number, value in enumerate(frames, start=1):
        text = at(value, "/data/audio")
        if text in (None, ""):
            continue
        if not isinstance(text, str):
            raise Mismatch(f"expected hex-coded audio in every frame, got {text!r:.80}", exchange.id)
        # Where a text ends the stream, the frame before it may have no status.
        if (at(value, "/data/status") or (COMPLETE if number == len(frames) else GOES_ON)) == COMPLETE:
            last += bytes_of_hex(text, exchange)
        else:
            going_on += bytes_of_hex(text, exchange)
    return going_on, last


def whole(exchange: Exchange) -> bytes:
    """The audio of a stream: the frame that completes it holds the whole file, its last piece, or nothing."""
    going_on, last = pieces(exchange)
    return last if last.startswith(going_on) else going_on + last


def shown_last(exchange: Exchange) -> str:
    """What the frame that completes a stream holds, in words."""
    try:
        going_on, last = pieces(exchange)
    except Mismatch:
        return "frames that can't be read"
    if not last:
        return "nothing"
    if last == going_on:
        return "the whole file"
    return "the whole file with a tail" if last.startswith(going_on) else "the last piece"


def statuses(exchange: Exchange) -> list[object]:
    """The status of every frame that has one."""
    found = (at(value, "/data/status") for value in values(exchange))
    return [status for status in found if status is not None]


@requirement("MINIMAX-STREAM-01")
def test_a_stream_delivers_audio(streams: Streams) -> None:
    exchange = taken(streams.streamed)
    if not streams.plain.accepted or (not is_stream(streams.plain) and not streams.plain.get("/data/audio")):
        raise BlockedError(MAKES_MUSIC, f"no music is made without a stream either: {streams.plain.summary}")

    played(whole(exchange) if is_stream(exchange) else audio_in(exchange), exchange)


@requirement("MINIMAX-STREAM-02")
def test_the_status_of_frames_goes_from_one_to_two(streams: Streams) -> None:
    exchange = streams.streamed
    if not is_stream(exchange):
        if not exchange.accepted:
            raise BlockedError(DELIVERS, f"nothing is streamed: {exchange.summary}")
        raise NotApplicableError("the answer is one JSON body")
    found = statuses(exchange)
    undocumented = [status for status in found if status not in (GOES_ON, COMPLETE)]

    assert undocumented == []
    if not found:
        raise NotApplicableError("no frame has a status")
    assert found == sorted(found, key=str), "expected no frame that goes on after the one that completes the stream"
    if COMPLETE not in found:
        taken(exchange)
        # Clients know streams that a text ends.
        raise NotOfferedError("no frame says that it completes the stream")


@requirement("MINIMAX-STREAM-04")
def test_a_stream_has_no_url(streams: Streams) -> None:
    exchange = streams.with_url
    if not exchange.accepted:
        refused(exchange)
        return
    if not is_stream(exchange):
        assert url_in(exchange) is None, "expected hex-coded audio with stream, got a URL"
        return
    for value in values(exchange):
        text = at(value, "/data/audio")
        assert not (isinstance(text, str) and is_url(text)), "expected hex-coded audio with stream, got a URL"


@requirement("MINIMAX-STREAM-05")
def test_nothing_is_streamed_unless_asked_for(streams: Streams) -> None:
    exchange = streams.plain
    if not exchange.accepted:
        raise BlockedError(MAKES_MUSIC, f"no music is made: {exchange.summary}")

    assert not is_stream(exchange), "expected one body without stream, got a stream"
    exchange.mapping("")


@requirement("MINIMAX-STREAM-06")
def test_a_stream_tells_what_it_delivered(streams: Streams) -> None:
    exchange = streams.streamed
    if not exchange.accepted:
        raise BlockedError(DELIVERS, f"nothing is streamed: {exchange.summary}")
    if not is_stream(exchange):
        raise NotApplicableError("the answer is one JSON body")
    completing = [value for value in values(exchange) if at(value, "/data/status") == COMPLETE]
    if not completing:
        raise BlockedError(DELIVERS, "no frame completes the stream")

    assert isinstance(at(completing[-1], "/extra_info"), dict)
