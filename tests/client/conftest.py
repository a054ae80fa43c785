from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest

from conformance.client.transports.base import Incoming, Outgoing, Transport
from conformance.client.transports.faulty import FaultyTransport, StallRequest
from conformance.client.transports.over_httpx import HttpxTransport
from conformance.client.transports.raw import RawTransport
from conformance.journal.records import forget_reads
from tests.client.bench import Bench, make_bench
from tests.client.buyers import Buyer, open_buyer
from tests.client.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike
    from pathlib import Path

    from tests.client.bench import Scripted

Send = Callable[[Outgoing], Incoming]
OpenBench = Callable[..., Bench]
Hire = Callable[..., Buyer]


def ordinary(_base_url: str, *, ca_file: str | PathLike[str] | None = None, proxy: str | None = None) -> Transport:
    return HttpxTransport(ca_file=ca_file, proxy=proxy)


def harmless(base_url: str, *, ca_file: str | PathLike[str] | None = None, proxy: str | None = None) -> Transport:
    return FaultyTransport(base_url, StallRequest(after_bytes=10, seconds=0), ca_file=ca_file, proxy=proxy)


@pytest.fixture(params=[ordinary, RawTransport, harmless], ids=["httpx", "raw", "faulty"])
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
    forget_reads()
    with ExitStack() as stack:

        def open_one(*answers: Scripted, folder: str = "run", **options: Any) -> Bench:  # noqa: ANN401 - see make_bench
            made = make_bench(tmp_path / folder, answers, **options)
            stack.callback(made.client.journal.close)
            return made

        yield open_one


@pytest.fixture
def hire(tmp_path: Path) -> Iterator[Hire]:
    """Open a process of one run with real money, which asks what is given; all are closed in the end."""
    with ExitStack() as stack:

        def open_one(target: Scripted, folder: str = "run", **options: Any) -> Buyer:  # noqa: ANN401 - see open_buyer
            buyer = open_buyer(tmp_path / folder, target, **options)
            stack.callback(buyer.close)
            return buyer

        yield open_one


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    opened: list[Desk] = []

    def open_one(folder: str = "run", **options: Any) -> Desk:  # noqa: ANN401 - see Desk
        (tmp_path / folder).mkdir(exist_ok=True)
        opened.append(Desk(tmp_path / folder, **options))
        return opened[-1]

    yield open_one
    for desk in opened:
        desk.ledger.close()


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    return open_desk()
