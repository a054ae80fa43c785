"""Exchanges to write down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from conformance.contract.outcomes import Interpretation, Outcome
from conformance.journal.records import Body, Exchange, Headers, Request, Response, StreamFrame

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def exchange(
    exchange_id: str = "main-1",
    *,
    seconds: float = 0,
    content: bytes = b"",
    truncated: bool = False,
    operation: str | None = None,
    failure: str | None = None,
) -> Exchange:
    """A GET that was answered with 200 and this content, `seconds` after noon."""
    return Exchange(
        id=exchange_id,
        at=NOON + timedelta(seconds=seconds),
        elapsed_seconds=0.25,
        request=Request("GET", "http://127.0.0.1/v1/tasks"),
        response=Response(200, Headers(), Body(content, len(content), "0" * 64 if content else None, truncated)),
        operation=operation,
        failure=failure,
    )


# What a hostile target can put into headers (Latin-1) and a generated case into URLs (anything).
_headers = st.lists(st.tuples(st.text(st.characters(max_codepoint=0xFF)), st.text())).map(
    lambda items: Headers(tuple(items))
)
_bodies = st.builds(
    Body,
    content=st.one_of(st.binary(max_size=200), st.text(max_size=50).map(lambda text: text.encode())),
    size=st.integers(0, 2**40),
    sha256=st.one_of(st.none(), st.just("0" * 64)),
)
_maybe_text = st.one_of(st.none(), st.text(max_size=20))
_frames = st.one_of(
    st.none(), st.lists(st.builds(StreamFrame, st.text(max_size=20), st.one_of(st.none(), st.floats(0, 9)))).map(tuple)
)
exchanges = st.builds(
    Exchange,
    id=st.integers(1, 10**9).map(lambda number: f"gw0-{number}"),
    at=st.datetimes(timezones=st.just(UTC)),
    elapsed_seconds=st.floats(0, 1000),
    request=st.builds(Request, st.text(max_size=10), st.text(st.characters(), max_size=50), _headers, _bodies),
    response=st.one_of(st.none(), st.builds(Response, st.integers(100, 599), _headers, _bodies, _frames)),
    read_as=st.one_of(st.none(), st.builds(Interpretation, st.just(Outcome.UNPAID), _maybe_text, _maybe_text)),
    origin=st.sampled_from(["target", "media", "control"]),
    operation=_maybe_text,
    account=_maybe_text,
    cause=_maybe_text,
    transport=st.sampled_from(["httpx", "raw", "faulty"]),
    failure=_maybe_text,
    generated=st.sampled_from([None, "valid", "invalid"]),
    repeats=_maybe_text,
)
