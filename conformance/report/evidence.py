"""Exchanges that a verdict rests on, as inert and bounded text: expected, received, and the steps to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.report.body import Piece, readable
from conformance.report.reproduction import shown_command, shown_script
from conformance.report.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.journal.reader import Recording
    from conformance.journal.records import Body, Exchange, Headers, Location
    from conformance.verdicts.model import Evidence, Judgement


# The suite's own way of saying it, and pytest's: in an equation what came stands on the left.
_SENTENCE: Final = re.compile(
    r"(?:(?P<place>.{1,200}?): )?expected (?P<expected>.+?), (?:but )?got (?P<got>.+)", re.DOTALL
)
_EQUATION: Final = re.compile(r"assert (?P<got>.+?) == (?P<expected>.+)")
_NEXT: Final = re.compile(r"; (?=expected )")
_LONGEST: Final = 600


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """What should have come, and what came."""

    expected: str
    got: str


def claim_of(reason: str) -> Discrepancy | None:
    """The claim that a reason makes; None where it makes none, several, or one that can't be separated."""
    if len(reason) > _LONGEST or reason.count("expected ") > 1:
        return None
    sentence = _SENTENCE.fullmatch(reason)
    if sentence is not None:
        place = f"{sentence['place']}: " if sentence["place"] else ""
        return Discrepancy(f"{place}{sentence['expected']}", sentence["got"])
    first, *explained = reason.splitlines() or [""]
    equation = _EQUATION.fullmatch(first)
    # What follows an equation is pytest's account of the difference.
    if equation is None or any(line and not line.startswith(("  ", "- ", "+ ", "? ")) for line in explained):
        return None
    return Discrepancy(equation["expected"], equation["got"])


def claims_of(reason: str) -> tuple[Discrepancy, ...]:
    """All claims of a reason that lists several; none where one of them can't be separated, as that would hide it."""
    claims = [claim_of(part) for part in _NEXT.split(reason)]
    return tuple(claim for claim in claims if claim is not None) if None not in claims else ()


_STEPS_SHOWN = 50
_STEP_LIMIT = 300


def numbered_steps(judged: Judgement) -> str:
    """Each step of the history on a line of its own with its number; empty where no history decided the verdict."""
    shown = [f"{number}. {one_line(step, _STEP_LIMIT)}" for number, step in enumerate(judged.history[:_STEPS_SHOWN], 1)]
    if len(judged.history) > _STEPS_SHOWN:
        shown.append(f"… ({len(judged.history)} steps in all)")
    return "\n".join(shown)


EXCHANGES_SHOWN = 4
_LINE_LIMIT = 400
_PROGRAM_LIMIT = 8000
_HEADERS_SHOWN = 40
_LOCATIONS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class ShownLocation:
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
    locations: tuple[ShownLocation, ...]
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
        exchanges=tuple(shown_exchange(item, exchange, recording.variables) for item, exchange in shown),
        others=tuple(one_line(item.exchange, _LINE_LIMIT) for item, _ in held if item.exchange not in ids),
    )


def shown_exchange(item: Evidence, exchange: Exchange, variables: Mapping[str, str]) -> ShownExchange:
    """One exchange, under the name that the scenario gave it; `variables` as in `Recording`."""
    request = exchange.request
    sent = _message(f"{request.method} {request.url}", request.headers, request.body, ())
    return ShownExchange(
        id=one_line(exchange.id, _LINE_LIMIT),
        title=_title(item, exchange),
        request="".join(piece.text for piece in sent),
        answer=_response(exchange, item.locations),
        locations=tuple(
            _shown_location(location) for location in _without_repetition(item.locations)[:_LOCATIONS_SHOWN]
        ),
        curl=shown_command(exchange, _PROGRAM_LIMIT, variables),
        script=shown_script(exchange, _PROGRAM_LIMIT, variables),
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


def _without_repetition(locations: tuple[Location, ...]) -> list[Location]:
    """The places; those with words of their own stand for themselves only."""
    worded = {(location.part, location.name) for location in locations if location.expected or location.actual}
    return [
        location
        for location in locations
        if location.expected or location.actual or (location.part, location.name) not in worded
    ]


def place_of(location: Location) -> str:
    """A place of an answer in words, in one line."""
    places = {
        "status": "the status",
        "header": f"the header {location.name}",
        "body": location.name or "the whole body",
    }
    return one_line(places[location.part], _LINE_LIMIT)


def _shown_location(location: Location) -> ShownLocation:
    return ShownLocation(
        place=place_of(location),
        expected=one_line(location.expected, _LINE_LIMIT),
        actual=one_line(location.actual, _LINE_LIMIT),
    )


def _response(exchange: Exchange, locations: Iterable[Location]) -> tuple[Piece, ...]:
    response = exchange.response
    if response is None:
        return (Piece(one_line(f"no answer: {exchange.failure}", _LINE_LIMIT)),)
    return _message(f"HTTP {response.status}", response.headers, response.body, tuple(locations))


def _message(first: str, headers: Headers, body: Body, locations: tuple[Location, ...]) -> tuple[Piece, ...]:
    named = {location.name.lower() for location in locations if location.part == "header"}
    lines = [Piece(one_line(first, _LINE_LIMIT), any(location.part == "status" for location in locations))]
    for name, value in headers.items[:_HEADERS_SHOWN]:
        lines.append(Piece(one_line(f"{name}: {value}", _LINE_LIMIT), name.lower() in named))
    if len(headers.items) > _HEADERS_SHOWN:
        lines.append(Piece(f"… ({len(headers.items)} headers in all)"))
    head = [piece for line in lines for piece in (Piece("\n"), line)][1:]
    if not body.content and not body.truncated:
        return tuple(head)
    return (*head, Piece("\n\n"), *readable(body, {location.name for location in locations if location.part == "body"}))
