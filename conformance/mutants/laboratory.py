"""
Runs of the suite against applications, many of them in a short time.

Starting Python, pytest and a server costs more than all requests of a run. So one process does what every run begins
with (see `preloaded`), and is forked for each run: from a process with a single thread, by multiprocessing's own fork
server. The run itself is `conformance run` against a URL, with nothing left out.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Final

import uvicorn

from conformance.cli.run import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from multiprocessing.process import BaseProcess
    from pathlib import Path

LONGEST_RUN_SECONDS: Final = 60.0
_OUTPUT: Final = "output.txt"
_BACKLOG: Final = 2048
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["conformance.mutants.preloaded"])


class NoReportError(Exception):
    """A run ended, or was ended, without a report; the message has what it printed."""


@dataclass(frozen=True, slots=True)
class Trial:
    """
    One run of the suite against an application.

    `application` is a factory (`package.module:function`), called with `environment` in place and served below
    `base_path`; `arguments` are those of `conformance run`; the report goes into `folder`.
    """

    application: str
    base_path: str
    folder: Path
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


def carry_out(trial: Trial, longest_seconds: float = LONGEST_RUN_SECONDS) -> dict[str, str]:
    """
    The verdict of every requirement, by its id.

    Raises:
        NoReportError: the run broke off or took too long.
    """
    output = trial.folder / _OUTPUT
    output.touch()
    process = _FORKS.Process(target=perform, args=(trial,))
    process.start()
    process.join(longest_seconds)
    if process.exitcode is None:
        _end(process)
    reports = list(trial.folder.glob("*/report.json"))
    if not reports:
        printed = output.read_text("utf-8", "replace")
        raise NoReportError(f"The run ended with {process.exitcode} and without a report:\n{printed}")
    judged = json.loads(reports[0].read_text("utf-8"))["requirements"]
    return {entry["id"]: entry["verdict"] for entry in judged}


def _end(process: BaseProcess) -> None:
    """End a run and, once it has made a group of its own, all that it has started."""
    process.kill()
    with suppress(ProcessLookupError):
        os.killpg(process.pid or os.getpid(), signal.SIGKILL)
    process.join()


def perform(trial: Trial) -> None:
    """Carry a trial out in this process, which should be there for nothing else."""
    # Application and run make one group, so that they can be ended together.
    os.setsid()
    output = os.open(trial.folder / _OUTPUT, os.O_WRONLY | os.O_CREAT, 0o644)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(trial.environment)
    with _served(trial.application) as origin:
        arguments = [f"{origin}{trial.base_path}", "--report-dir", str(trial.folder), *trial.arguments]
        run.main(arguments, standalone_mode=False)


@contextmanager
def _served(application: str) -> Iterator[str]:
    """The origin of an application, while it is served from another fork."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = multiprocessing.get_context("fork").Process(target=_serve, args=(application, listener), daemon=True)
    server.start()
    # When the application can't be made, nobody must seem to listen.
    listener.close()
    try:
        yield origin
    finally:
        server.terminate()
        server.join()


def _serve(application: str, listener: socket.socket) -> None:
    module, _, factory = application.partition(":")
    app = getattr(import_module(module), factory)()
    # Asked anew for its protocol, as asyncio sends at once only on what is known to be TCP.
    known = socket.socket(fileno=listener.detach())
    uvicorn.Server(uvicorn.Config(app, access_log=False, timeout_graceful_shutdown=1)).run([known])
