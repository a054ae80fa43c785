"""`conformance proxy`: others use an API through it, and learn what is wrong with it."""

from __future__ import annotations

import re
import signal
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.cli.runs import conformance, report_of, started, verdicts_in
from tests.client.loopback import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.forking import Fork
    from tests.client.loopback import Visit

PATIENCE_SECONDS = 60
KEY = re.compile(r"sk-\S+")
URL = re.compile(r"http://\S+")
SONG = {"model": "suno-5.5", "prompt": "dream pop"}


@dataclass
class Watching:
    """A proxy that runs, where it is to be used, and where it keeps what it saw."""

    process: Fork
    base_url: str
    folder: Path

    def line(self) -> str:
        """The next line that it prints."""
        return self.process.lines(1)

    def ended(self) -> str:
        """What it printed besides until it ended by itself."""
        output, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return output

    def stopped(self) -> str:
        """The same, after Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.ended()


@contextmanager
def watching(upstream: str, folder: Path, *options: str) -> Iterator[Watching]:
    process = started(["proxy", "--upstream", upstream, "--port", "0", *options], folder)
    try:
        said = process.lines(2)
        yield Watching(process, URL.findall(said)[1], next(folder.glob("reports/watched-*")))
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE_SECONDS)


@contextmanager
def served(folder: Path, *options: str) -> Iterator[tuple[str, httpx.Client]]:
    """A sandbox and a client that has its key."""
    process = started(["serve", "--port", "0", *options], folder)
    try:
        said = process.lines(4)
        with httpx.Client(headers={"Authorization": f"Bearer {KEY.findall(said)[0]}"}) as client:
            yield URL.findall(said)[0], client
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)


def test_a_fault_is_told_as_soon_as_it_is_seen_and_reported_at_the_end(tmp_path: Path) -> None:
    with (
        served(tmp_path, "--fault", "task-cancelled-with-two-l") as (upstream, client),
        watching(upstream, tmp_path) as proxy,
    ):
        created = client.post(f"{proxy.base_url}/music/text-to-music", json=SONG, headers={"Idempotency-Key": "k-1"})
        client.post(f"{proxy.base_url}/tasks/{created.json()['task_id']}/cancel")
        told = proxy.line()
        output = proxy.stopped()

    assert told.startswith("fail  BEATRA-TASK-01  MUST  expected")
    assert proxy.process.returncode == 1
    assert "nonconformant" in output
    assert ("BEATRA-TASK-01", "fail") in verdicts_in(report_of(proxy.folder))
    written = b"".join(path.read_bytes() for path in proxy.folder.rglob("*") if path.is_file())
    assert client.headers["Authorization"].removeprefix("Bearer ").encode() not in written


def test_a_sound_api_is_not_blamed_for_anything(tmp_path: Path) -> None:
    with served(tmp_path) as (upstream, client), watching(upstream, tmp_path, "--until-idle", "300ms") as proxy:
        for path in ("/models", "/tasks", "/tasks/tsk_nobodys", "/nowhere"):
            client.get(f"{proxy.base_url}{path}")
        output = proxy.ended()

    report = report_of(proxy.folder)
    assert proxy.process.returncode == 0
    assert output.startswith("incomplete · ")
    assert "fail" not in {verdict for _, verdict in verdicts_in(report)}
    assert (report["exchanges"], report["spend"], report["target"]) == (4, None, upstream)


def test_it_ends_after_the_time_that_it_was_given(tmp_path: Path) -> None:
    with watching("http://127.0.0.1:9/v1", tmp_path, "--for", "200ms") as proxy:
        output = proxy.ended()

    assert proxy.process.returncode == 5
    assert "inconclusive · 0 of " in output


def test_an_answer_goes_on_while_it_still_comes(tmp_path: Path) -> None:
    heard = threading.Event()

    def slowly(visit: Visit) -> None:
        visit.hear_request()
        visit.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        heard.wait(PATIENCE_SECONDS)
        visit.say(b"4\r\nlast\r\n0\r\n\r\n")

    with serving(slowly) as server, watching(f"{server.origin}/v1", tmp_path) as proxy:
        with httpx.stream("GET", f"{proxy.base_url}/tasks") as answer:
            chunks = answer.iter_raw()
            first = next(chunks)
            heard.set()
            rest = b"".join(chunks)
        proxy.stopped()

    assert (first, rest) == (b"first", b"last")


def test_who_leaves_within_an_answer_is_no_fault_of_the_api(tmp_path: Path) -> None:
    left = threading.Event()

    def slowly(visit: Visit) -> None:
        visit.hear_request()
        visit.say(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
        left.wait(PATIENCE_SECONDS)

    with serving(slowly) as server, watching(f"{server.origin}/v1", tmp_path, "--until-idle", "100ms") as proxy:
        with httpx.stream("GET", f"{proxy.base_url}/tasks") as answer:
            next(answer.iter_raw())
        proxy.ended()
        left.set()

    assert proxy.process.returncode == 5
    assert "fail" not in {verdict for _, verdict in verdicts_in(report_of(proxy.folder))}


@pytest.mark.parametrize(
    "options, sentence",
    [
        (("--upstream", "ftp://x.test"), "--upstream"),
        (("--upstream", "https://user:secret@x.test/v1"), "--upstream"),
        (("--upstream", "https://x.test/v1", "--for", "soon"), "'soon' is no duration"),
        (("--upstream", "https://x.test/v1", "--ca-file", "none.pem"), "none.pem holds no certificates"),
        (("--upstream", "https://x.test/v1", "--system", "nobodys"), "nobodys"),
    ],
)
def test_what_can_not_be_watched_is_refused_in_one_sentence(
    options: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    refused = conformance("proxy", *options, folder=tmp_path)

    assert refused.status == 2
    assert sentence in refused.output
    assert "secret" not in refused.output
    assert "Traceback" not in refused.output


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = conformance("proxy", "--upstream", "https://x.test/v1", "--port", port, folder=tmp_path)

    assert refused.status == 1
    assert f"127.0.0.1:{port} can't be listened on" in refused.output
