from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest

from conformance.client.transports.base import Incoming, Outgoing, Transport
from conformance.client.transports.faulty import FaultyTransport, StallRequest
from conformance.client.transports.over_httpx import HttpxTransport
from conformance.client.transports.raw import RawTransport
from tests.client.bench import Bench, make_bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike
    from pathlib import Path

    from tests.client.bench import Scripted

Send = Callable[[Outgoing], Incoming]
OpenBench = Callable[..., Bench]


def harmless(base_url: str, *, ca_file: str | PathLike[str] | None = None) -> Transport:
    return FaultyTransport(base_url, StallRequest(after_bytes=10, seconds=0), ca_file=ca_file)


@pytest.fixture(params=[HttpxTransport, RawTransport, harmless], ids=["httpx", "raw", "faulty"])
def make_transport(request: pytest.FixtureRequest) -> Callable[..., Transport]:
    made: Callable[..., Transport] = request.param
    return made


@pytest.fixture
def send(make_transport: Callable[..., Transport]) -> Send:
    """Send one request over a transport of its own; every test that uses it is about all three of them."""

    def send_once(outgoing: Outgoing) -> Incoming:
        with closing(make_transport(outgoing.url)) as transport:
            return transport.send(outgoing)

    return send_once


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[OpenBench]:
    """Open a bench that answers with what is given, each in a folder of its own; all are closed in the end."""
    with ExitStack() as stack:

        def open_one(*answers: Scripted, folder: str = "run", **options: Any) -> Bench:  # noqa: ANN401 - see make_bench
            made = make_bench(tmp_path / folder, answers, **options)
            stack.callback(made.client.journal.close)
            return made

        yield open_one
