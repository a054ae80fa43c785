"""Exchanges that a verdict rests on, as inert and bounded text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.report.body import readable
from conformance.report.curl import shown_command
from conformance.report.layout import Piece
from conformance.report.script import shown_script
from conformance.report.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.journal.reader import Recording
    from conformance.journal.records import Body, Exchange, Headers
    from conformance.journal.spots import Spot
    from conformance.verdicts.model import Evidence, Judgement

EXCHANGES_SHOWN = 4
_LINE_LIMIT = 400
_PROGRAM_LIMIT = 8000
_HEADERS_SHOWN = 40
_SPOTS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class ShownSpot:
    """A place of the answer that the verdict turns on: where it is, what should stand there, and what does."""

    place: str
    expected: str
    actual: str


@dataclass(frozen=True, slots=True)
class ShownExchange:
    """
    One exchange to be read by people: what it was for, both messages, and how to send it again.

    `answer` is the response in pieces, of which those are marked that the verdict turns on.
    """

    id: str
    title: str
    request: str
    answer: tuple[Piece, ...]
    spots: tuple[ShownSpot, ...]
    curl: str
    script: str

    @property
    def response(self) -> str:
        """The answer as plain text."""
        return "".join(piece.text for piece in self.answer)

    @property
    def text(self) -> str:
        """All of it as plain text."""
        return f"{self.title}\n\n{self.request}\n\n{self.response}\n\n{self.curl}"


@dataclass(frozen=True, slots=True)
class ShownEvidence:
    """The first exchanges behind a verdict, and the ids of the others."""

    exchanges: tuple[ShownExchange, ...]
    others: tuple[str, ...]


def shown_evidence(judgement: Judgement, recording: Recording, most: int = EXCHANGES_SHOWN) -> ShownEvidence:
    """The evidence of a verdict, `most` exchanges of it at most; what the recording lacks is named by its id."""
    held = [(item, recording.exchange(item.exchange)) for item in judgement.evidence]
    shown = [(item, exchange) for item, exchange in held if exchange is not None][:most]
    ids = {item.exchange for item, _ in shown}
    return ShownEvidence(
        exchanges=tuple(shown_exchange(item, exchange) for item, exchange in shown),
        others=tuple(one_line(item.exchange, _LINE_LIMIT) for item, _ in held if item.exchange not in ids),
    )


def shown_exchange(item: Evidence, exchange: Exchange) -> ShownExchange:
    """One exchange, under the name that the scenario gave it."""
    request = exchange.request
    sent = _message(f"{request.method} {request.url}", request.headers, request.body, ())
    return ShownExchange(
        id=one_line(exchange.id, _LINE_LIMIT),
        title=_title(item, exchange),
        request="".join(piece.text for piece in sent),
        answer=_response(exchange, item.spots),
        spots=tuple(_spot(spot) for spot in _without_repetition(item.spots)[:_SPOTS_SHOWN]),
        curl=shown_command(exchange, _PROGRAM_LIMIT),
        script=shown_script(exchange, _PROGRAM_LIMIT),
    )


def _title(item: Evidence, exchange: Exchange) -> str:
    status = "no answer" if exchange.response is None else exchange.summary
    facts = [
        item.name,
        f"{exchange.request.method} {exchange.operation or exchange.request.url}",
        f"{status} after {exchange.elapsed_seconds * 1000:.0f} ms",
        exchange.account and f"account {exchange.account}",
        exchange.id,
    ]
    return one_line(" · ".join(fact for fact in facts if fact), _LINE_LIMIT)


def _without_repetition(spots: tuple[Spot, ...]) -> list[Spot]:
    """The places, of which those that somebody put into words stand for themselves only."""
    worded = {(spot.part, spot.name) for spot in spots if spot.expected or spot.actual}
    return [spot for spot in spots if spot.expected or spot.actual or (spot.part, spot.name) not in worded]


def _spot(spot: Spot) -> ShownSpot:
    places = {"status": "the status", "header": f"the header {spot.name}", "body": spot.name or "the whole body"}
    return ShownSpot(
        place=one_line(places[spot.part], _LINE_LIMIT),
        expected=one_line(spot.expected, _LINE_LIMIT),
        actual=one_line(spot.actual, _LINE_LIMIT),
    )


def _response(exchange: Exchange, spots: Iterable[Spot]) -> tuple[Piece, ...]:
    response = exchange.response
    if response is None:
        return (Piece(one_line(f"no answer: {exchange.failure}", _LINE_LIMIT)),)
    return _message(f"HTTP {response.status}", response.headers, response.body, tuple(spots))


def _message(first: str, headers: Headers, body: Body, spots: tuple[Spot, ...]) -> tuple[Piece, ...]:
    named = {spot.name.lower() for spot in spots if spot.part == "header"}
    lines = [Piece(one_line(first, _LINE_LIMIT), any(spot.part == "status" for spot in spots))]
    for name, value in headers.items[:_HEADERS_SHOWN]:
        lines.append(Piece(one_line(f"{name}: {value}", _LINE_LIMIT), name.lower() in named))
    if len(headers.items) > _HEADERS_SHOWN:
        lines.append(Piece(f"… ({len(headers.items)} headers in all)"))
    head = [piece for line in lines for piece in (Piece("\n"), line)][1:]
    if not body.content and not body.truncated:
        return tuple(head)
    return (*head, Piece("\n\n"), *readable(body, {spot.name for spot in spots if spot.part == "body"}))
