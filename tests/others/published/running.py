"""Running a published server on loopback for as long as a block lasts, and certifying it there."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import yaml

from tests.cli.runs import CHECKOUT, KEY, clean_environment, conformance_afresh, sandbox
from tests.others.published.catalogue import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.others.published.catalogue import Server, Way

_PATIENCE_SECONDS: Final = 10
_PAUSE_SECONDS: Final = 0.2
_BRISK_SECONDS: Final = 1
# The statuses of runs that came to an end: conformant or incomplete, nonconformant, inconclusive, or the suite erred.
_ENDED: Final = (0, 1, 3, 5)


class NotStartedError(Exception):
    """A server does not answer in the time that its statement gives it."""


class BrokenRunError(Exception):
    """The suite did not come to a verdict."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: its origin, the values that its statement may name, and the environment with its keys."""

    origin: str
    values: Mapping[str, str]
    environment: Mapping[str, str]


@contextmanager
def running(server: Server, build: Path) -> Iterator[Running]:
    """The server, ready to be asked (raises `NotStartedError`)."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(TemporaryDirectory()))
        port = _free_port()
        values = {"build": str(build), "folder": str(server.folder), "contracts": str(FOLDER / "contracts")}
        values |= {"port": str(port), "checkout": str(CHECKOUT)}
        environment = dict(server.stated.get("keys", {}))
        if server.stated.get("document"):
            values["document"] = str(_with_its_base_path(CHECKOUT / server.stated["document"], scratch))
        if server.stated.get("upstream"):
            upstream = stack.enter_context(sandbox(scratch))
            values |= {"upstream": upstream.base_url, "control": upstream.control_url}
            values["upstream_origin"] = upstream.base_url.removesuffix("/v1")
            environment[KEY] = upstream.environment[KEY]
        stack.enter_context(_started(server, values, environment, scratch))
        yield Running(f"http://127.0.0.1:{port}", values, environment)


def certified(running: Running, way: Way, seed: int) -> dict[str, Any]:
    """The report of one run (raises `BrokenRunError`)."""
    arguments = [argument.format(**running.values) for argument in way.arguments]
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        done = conformance_afresh(
            "run",
            running.origin + way.path,
            "--seed",
            str(seed),
            *arguments,
            folder=folder,
            environment=running.environment,
        )
        if done.status not in _ENDED:
            raise BrokenRunError(done.output[-3000:])
        return done.report


@contextmanager
def _started(
    server: Server, values: Mapping[str, str], environment: Mapping[str, str], scratch: Path
) -> Iterator[None]:
    start = server.stated["start"]
    more = {name: text.format(**values) for name, text in start.get("environment", {}).items()}
    log = scratch / "server.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [part.format(**values) for part in start["command"]],
            cwd=scratch,
            # Settings and caches stay where they are thrown away.
            env={**clean_environment(), "PYTHONPATH": "", "HOME": str(scratch), **environment, **more},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{values['port']}{start['ready']}"
        _await(process, url, start["patience_seconds"], log)
        yield
    finally:
        _end(process)


def _await(process: subprocess.Popen[bytes], url: str, seconds: float, log: Path) -> None:
    """Wait until anything answers at `url` at once: some servers load what they need with the first request."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        asked = time.monotonic()
        if _answers(url) and time.monotonic() - asked < _BRISK_SECONDS:
            return
        time.sleep(_PAUSE_SECONDS)
    raise NotStartedError(f"nothing answers at {url}:\n{log.read_text('utf-8', 'replace')[-2000:]}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE_SECONDS):  # noqa: S310 - it is on loopback
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process with those that it started, which share its group."""
    for signal in (15, 9):
        if process.poll() is None:
            os.killpg(process.pid, signal)
        try:
            process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return


def _with_its_base_path(document: Path, scratch: Path) -> Path:
    """A copy of an OpenAPI document whose paths begin with that of its server, for tools that go by paths alone."""
    content = yaml.safe_load(document.read_text("utf-8"))
    base = urlsplit(content["servers"][0]["url"]).path
    content["paths"] = {base + path: item for path, item in content["paths"].items()}
    copy = scratch / "openapi.json"
    copy.write_text(json.dumps(content), "utf-8")
    return copy


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
