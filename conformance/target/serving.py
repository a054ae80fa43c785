"""Serving an ASGI application on loopback from a process of its own, for as long as a `with` block lasts."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import IO, TYPE_CHECKING

from conformance.target.errors import AppNotLoadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from io import BufferedReader
    from pathlib import Path

STARTUP_SECONDS = 10.0
_STOP_SECONDS = 3.0
_BACKLOG = 2048
_LAST_LINES = 2
_TAIL_BYTES = 4096


@dataclass(frozen=True, slots=True)
class ServedApp:
    """A running application: scheme, host and port under which it answers."""

    origin: str


@contextmanager
def serve_app(
    spec: str,
    *,
    factory: bool,
    environment: Mapping[str, str],
    log: Path,
    startup_seconds: float = STARTUP_SECONDS,
) -> Iterator[ServedApp]:
    """
    The application `spec` (`package.module:attribute`, or a factory of one), served until the block is left.

    It sees the environment of this process and what `environment` adds to it; what it prints goes to `log`.
    It never outlives this process, however this process ends.

    Raises:
        AppNotLoadableError: it can't be imported or made, or its startup fails or takes too long.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    # The socket is bound here and handed down, so that nobody else can take the port in between.
    with socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG) as listener, log.open("wb") as output:
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        process, status = _start(spec, listener, output, factory=factory, environment=environment)
    try:
        with os.fdopen(status, "rb") as told:
            _wait_until_started(spec, process, told, log, startup_seconds)
        yield ServedApp(origin)
    finally:
        stop(process)


def _start(
    spec: str, listener: socket.socket, output: IO[bytes], *, factory: bool, environment: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], int]:
    reading, writing = os.pipe()
    arguments = [spec, "factory" if factory else "app", str(listener.fileno()), str(writing)]
    try:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "conformance.target.served", *arguments],
            stdin=subprocess.PIPE,  # closes when this process ends, which ends the child
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(listener.fileno(), writing),
            env={**os.environ, **environment},
            start_new_session=True,  # Ctrl-C at the terminal is for us: the target lives until we are done
        )
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    return process, reading


def _wait_until_started(
    spec: str, process: subprocess.Popen[bytes], told: BufferedReader, log: Path, startup_seconds: float
) -> None:
    if not wait([told.fileno()], startup_seconds):
        process.kill()  # what hangs in its startup would not end when asked to
        raise AppNotLoadableError(f"{spec} did not start within {startup_seconds:g} s (its log: {log}).")
    line = told.readline()
    problem = json.loads(line) if line else _last_words(process, log)
    if problem is not None:
        raise AppNotLoadableError(f"{spec} can't be served: {problem} (its log: {log}).")


def _last_words(process: subprocess.Popen[bytes], log: Path) -> str:
    with suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_SECONDS)
    with log.open("rb") as written:
        written.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        lines = written.read().decode("utf-8", "replace").split("\n")
    words = " / ".join([line.strip() for line in lines if line.strip()][-_LAST_LINES:])
    return f"its process ended during startup; the end of what it wrote: {words or 'nothing'}"


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process, by force where it takes too long, and wait until it is gone."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    finally:
        if process.stdin:
            process.stdin.close()
