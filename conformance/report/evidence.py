"""Exchanges that a verdict rests on, as inert and bounded text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.report.body import readable
from conformance.report.curl import shown_command
from conformance.report.text import one_line

if TYPE_CHECKING:
    from conformance.journal.reader import Recording
    from conformance.journal.records import Body, Exchange, Headers
    from conformance.verdicts.model import Evidence, Judgement

EXCHANGES_SHOWN = 4
_LINE_LIMIT = 400
_CURL_LIMIT = 8000
_HEADERS_SHOWN = 40


@dataclass(frozen=True, slots=True)
class ShownExchange:
    """One exchange to be read by people: what it was for, both messages, and how to send it again."""

    title: str
    request: str
    response: str
    curl: str

    @property
    def text(self) -> str:
        """All of it as plain text."""
        return f"{self.title}\n\n{self.request}\n\n{self.response}\n\n{self.curl}"


@dataclass(frozen=True, slots=True)
class ShownEvidence:
    """The first `EXCHANGES_SHOWN` exchanges behind a verdict, and the ids of the others."""

    exchanges: tuple[ShownExchange, ...]
    others: tuple[str, ...]


def shown_evidence(judgement: Judgement, recording: Recording) -> ShownEvidence:
    """The evidence of a verdict as far as it is shown; what the recording lacks is named by its id."""
    held = [(item, recording.exchange(item.exchange)) for item in judgement.evidence]
    shown = [(item, exchange) for item, exchange in held if exchange is not None][:EXCHANGES_SHOWN]
    ids = {item.exchange for item, _ in shown}
    return ShownEvidence(
        exchanges=tuple(shown_exchange(item, exchange) for item, exchange in shown),
        others=tuple(one_line(item.exchange, _LINE_LIMIT) for item, _ in held if item.exchange not in ids),
    )


def shown_exchange(item: Evidence, exchange: Exchange) -> ShownExchange:
    """One exchange, under the name that the scenario gave it."""
    request = exchange.request
    return ShownExchange(
        title=_title(item, exchange),
        request=_message(f"{request.method} {request.url}", request.headers, request.body),
        response=_response(exchange),
        curl=shown_command(exchange, _CURL_LIMIT),
    )


def _title(item: Evidence, exchange: Exchange) -> str:
    status = "no answer" if exchange.response is None else str(exchange.response.status)
    facts = [
        item.name,
        f"{exchange.request.method} {exchange.operation or exchange.request.url}",
        f"{status} after {exchange.elapsed_seconds * 1000:.0f} ms",
        exchange.account and f"account {exchange.account}",
        exchange.id,
    ]
    return one_line(" · ".join(fact for fact in facts if fact), _LINE_LIMIT)


def _response(exchange: Exchange) -> str:
    if exchange.response is None:
        return one_line(f"no answer: {exchange.failure}", _LINE_LIMIT)
    return _message(f"HTTP {exchange.response.status}", exchange.response.headers, exchange.response.body)


def _message(first: str, headers: Headers, body: Body) -> str:
    lines = [first, *(f"{name}: {value}" for name, value in headers.items[:_HEADERS_SHOWN])]
    if len(headers.items) > _HEADERS_SHOWN:
        lines.append(f"… ({len(headers.items)} headers in all)")
    head = "\n".join(one_line(line, _LINE_LIMIT) for line in lines)
    return f"{head}\n\n{readable(body)}" if body.content or body.truncated else head
