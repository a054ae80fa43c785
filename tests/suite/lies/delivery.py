"""Lies in the way in which answers are delivered: their bytes, their headers, their status, their connection."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.suite.lies.telling import Answer, Lie

LEVELS = 5_000
TYPE, ID, LENGTHY = b"content-type", b"x-request-id", b"1" * LEVELS


def _html(answer: Answer) -> Answer:
    if answer.method != "GET":
        return answer
    return answer.saying(b"<!doctype html><title>A task</title>").with_header(TYPE, b"text/html")


def _saying(body: bytes) -> Lie:
    return lambda answer: answer.saying(body)


def _adding(value: bytes) -> Lie:
    """One more member in front of the others."""
    return lambda answer: answer.saying(answer.body.replace(b"{", b'{"extra": ' + value + b", ", 1))


def _nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def _deep_clips(answer: Answer) -> Answer:
    return answer.saying(answer.body.replace(b'"clips":[', b'"clips":' + _nested(900) + b',"others":['))


def _header(name: bytes, *values: bytes) -> Lie:
    return lambda answer: answer.with_header(name, *values)


def _reflected(answer: Answer) -> Answer:
    return answer.with_header(ID, dict(answer.headers).get(ID, b"") + b"\x01\x1b[2J")


def _redirect(place: bytes | None = None) -> Lie:
    """A redirection to a place, or to where the request went."""
    return lambda answer: answer.saying(b"").with_status(302).with_header(b"location", place or answer.path.encode())


def _status(status: int) -> Lie:
    return lambda answer: answer.with_status(status)


def _closed(answer: Answer) -> Answer:
    # The server refuses to send such a header and closes the connection instead.
    return answer.with_header(b"x-note", b"a\r\nb")


FAMILIES: Mapping[str, Mapping[str, Lie]] = {
    "bodies": {
        "html": _html,
        "half": lambda answer: answer.saying(answer.body[: len(answer.body) // 2]),
        "empty": lambda answer: answer.saying(b"").with_status(200),
        "deep": _saying(_nested(LEVELS)),
        "deeper": _saying(_nested(40 * LEVELS)),
        "deep-error": _saying(b'{"error":' * LEVELS + b"1" + b"}" * LEVELS),
        "byte-order-mark": lambda answer: answer.saying(b"\xef\xbb\xbf" + answer.body),
        "no-utf-8": _saying(b'{"task_id": "tsk_\xff\xfe"}'),
    },
    "additions": {
        "deep": _adding(_nested(LEVELS)),
        "less-deep": _adding(_nested(900)),
        "hardly-deep": _adding(_nested(300)),
        "deep-clips": _deep_clips,
        "digits": _adding(b"9" * 4_000),
        "too-many-digits": _adding(b"9" * LEVELS),
        "infinity": _adding(b"1e400"),
        "half-character": _adding(b'"\\ud800 \\u0000"'),
        "twice": _adding(b'1, "task_id": null'),
    },
    "headers": {
        "twice": lambda answer: replace(answer, headers=answer.headers * 2),
        "bytes": _header(ID, b"caf\xc3\xa9 \xff\xfe"),
        "control-characters": _reflected,
        "no-type": _header(TYPE),
        "odd-type": _header(TYPE, b";;;==\xff"),
        "unknown-charset": _header(TYPE, b"application/json; charset=klingon"),
        "not-gzip": _header(b"content-encoding", b"gzip"),
        "unknown-coding": _header(b"content-encoding", b"zip, \xff"),
        "long-pause": lambda answer: answer.with_status(429).with_header(b"retry-after", LENGTHY),
        "late-pause": lambda answer: answer.with_status(429).with_header(
            b"retry-after", b"Fri, 31 Dec 9999 23:59:59 -1400"
        ),
    },
    "redirects": {
        "itself": _redirect(),
        "elsewhere": _redirect(b"http://example.invalid/"),
        "odd": _redirect(b"//[\xff"),
    },
    "statuses": {str(status): _status(status) for status in (200, 299, 304, 402, 404, 409, 499, 599)},
    "connections": {
        "kept": lambda answer: answer,
        "unavailable": _status(503),
        "closed": _closed,
        "cut": lambda answer: replace(answer, missing=100),
    },
}
