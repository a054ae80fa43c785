"""The exchanges that verdicts rest on, for every tool that reads HTTP archives: `evidence.har` (HAR 1.2)."""

from __future__ import annotations

import base64
import io
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, urlsplit

import harfile

from conformance.report.body import as_text
from conformance.report.text import one_line, unicode_text
from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.journal.reader import Recording
    from conformance.journal.records import Body, Exchange, Headers, Request
    from conformance.verdicts.model import Assessment

MOST_EXCHANGES: Final = 1000
LARGEST_BODY: Final = 16 * 1024
# Of all entries together, in bytes: a few hundred long answers, or all of the usual ones.
LARGEST: Final = 4 * 1024 * 1024
_LINE_LIMIT = 2000
_HEADERS_KEPT = 100
_IDS_NAMED = 20
_HTTP = "HTTP/1.1"
_MIME_LIMIT = 200
# What may stand in an address behind its host as it is.
_OF_ADDRESSES = "!$%&'()*+,/:;=?@~"
_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?(?=[/?]|$)")
_NO_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ORDER = (Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.PASS, Verdict.NOT_APPLICABLE)


def evidence_har(assessment: Assessment, recording: Recording) -> bytes:
    """
    The archive, in the order in which the requests were sent.

    Where there is too much evidence, that of what failed goes first. Long bodies are cut, which their entry says;
    an exchange without an answer has the status 0, as in the archives of browsers.
    """
    text = io.StringIO()
    facts = assessment.facts
    creator = harfile.Creator("music-api-conformance", facts.suite_version)
    comment = one_line(f"{facts.run_id}: {facts.title}, target {facts.target}", _LINE_LIMIT)
    named = _requirements_by_exchange(assessment)
    with harfile.open(text, creator=creator, comment=comment) as archive:
        for exchange in _chosen(named, recording):
            _add(archive, exchange, named[exchange.id])
    return text.getvalue().encode()


def _requirements_by_exchange(assessment: Assessment) -> dict[str, list[str]]:
    """The ids of the requirements that each exchange is evidence for, what failed first."""
    named: dict[str, list[str]] = {}
    for judged in sorted(assessment.judgements, key=lambda judged: _ORDER.index(judged.verdict)):
        for item in judged.evidence:
            named.setdefault(item.exchange, []).append(f"{judged.requirement.id} {judged.verdict}")
    return named


def _chosen(named: dict[str, list[str]], recording: Recording) -> list[Exchange]:
    chosen = list(_fitting(named, recording))
    return sorted(chosen, key=lambda exchange: (exchange.at, exchange.id))


def _fitting(named: dict[str, list[str]], recording: Recording) -> Iterator[Exchange]:
    room = LARGEST
    held = [exchange for name in named if (exchange := recording.exchange(name)) is not None]
    for exchange in held[:MOST_EXCHANGES]:
        room -= _size(exchange)
        if room < 0:
            return
        yield exchange


def _size(exchange: Exchange) -> int:
    """About how many bytes an exchange comes to in the archive."""
    request, response = exchange.request, exchange.response
    answered = 0 if response is None else _message_size(response.headers, response.body)
    return 1000 + min(len(request.url), _LINE_LIMIT) + _message_size(request.headers, request.body) + answered


def _message_size(headers: Headers, body: Body) -> int:
    kept = headers.items[:_HEADERS_KEPT]
    lengths = (min(len(name), _LINE_LIMIT) + min(len(value), _LINE_LIMIT) for name, value in kept)
    # Names of members stand around each header; escapes in JSON make more characters of one.
    return sum(40 + length for length in lengths) + 2 * min(len(body.content), LARGEST_BODY)


def _add(archive: harfile.HarFile, exchange: Exchange, requirements: list[str]) -> None:
    milliseconds = round(exchange.elapsed_seconds * 1000, 3)
    more = f" and {len(requirements) - _IDS_NAMED} more" if len(requirements) > _IDS_NAMED else ""
    archive.add_entry(
        startedDateTime=exchange.at,
        time=milliseconds,
        request=_request(exchange.request),
        response=_response(exchange),
        timings=harfile.Timings(send=0, wait=milliseconds, receive=0),
        comment=_line(f"{exchange.id}: {', '.join(requirements[:_IDS_NAMED])}{more}"),
    )


def _request(request: Request) -> harfile.Request:
    url = _address(request.url)
    return harfile.Request(
        method=_line(request.method),
        url=url,
        httpVersion=_HTTP,
        headers=_headers(request.headers),
        queryString=[harfile.Record(_line(name), _line(value)) for name, value in _query(url)],
        postData=_sent(request) if request.body.size else None,
        bodySize=request.body.size,
    )


def _sent(request: Request) -> harfile.PostData:
    mime = _mime(request.headers)
    text = as_text(request.body)
    if text is None:
        return harfile.PostData(mime, comment=f"{request.body.size} bytes that are not text")
    return harfile.PostData(mime, text=_kept(text, LARGEST_BODY), comment=_cut(request.body))


def _response(exchange: Exchange) -> harfile.Response:
    response = exchange.response
    if response is None:
        return harfile.Response(
            status=0,
            statusText="",
            httpVersion=_HTTP,
            content=harfile.Content(size=0, mimeType="x-unknown"),
            redirectURL="",
            comment=_line(f"no answer: {exchange.failure}"),
        )
    return harfile.Response(
        status=response.status,
        statusText="",
        httpVersion=_HTTP,
        headers=_headers(response.headers),
        content=_content(response.body, _mime(response.headers)),
        redirectURL=_line(response.headers.get("Location") or ""),
        bodySize=response.body.size,
    )


def _content(body: Body, mime: str) -> harfile.Content:
    text = as_text(body)
    if text is None:
        encoded = base64.b64encode(body.content[:LARGEST_BODY]).decode("ascii")
        return harfile.Content(size=body.size, mimeType=mime, text=encoded, encoding="base64", comment=_cut(body))
    return harfile.Content(size=body.size, mimeType=mime, text=_kept(text, LARGEST_BODY), comment=_cut(body))


def _cut(body: Body) -> str | None:
    whole = not body.truncated and len(body.content) <= LARGEST_BODY
    return None if whole else f"cut, {body.size} bytes in all"


def _headers(headers: Headers) -> list[harfile.Record]:
    kept = headers.items[:_HEADERS_KEPT]
    return [harfile.Record(_kept(name, _LINE_LIMIT), _kept(value, _LINE_LIMIT)) for name, value in kept]


def _mime(headers: Headers) -> str:
    return one_line(headers.get("Content-Type") or "x-unknown", _MIME_LIMIT)


def _address(url: str) -> str:
    """The address with everything escaped that no address may hold; requests that were sent raw do hold it."""
    shown = unicode_text(url[:_LINE_LIMIT])
    host = _HOST.match(shown)
    start = host.end() if host else 0
    rest = quote(_NO_ESCAPE.sub("%25", shown[start:]), safe=_OF_ADDRESSES)
    return f"{shown[:start]}{rest}" if host else f"unreadable:{rest}"


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query, keep_blank_values=True, max_num_fields=_HEADERS_KEPT)
    except ValueError:
        return []


def _line(text: str) -> str:
    return one_line(text, _LINE_LIMIT)


def _kept(text: str, limit: int) -> str:
    """The beginning of a text as it was sent: JSON escapes its control characters."""
    return unicode_text(text[:limit])
