"""
Runs of the suite against applications, many of them in a short time.

Starting Python, pytest and a server costs more than all requests of a run. So one process does what every run begins
with (see `preloaded`), and is forked for each run: from a process with a single thread, by multiprocessing's own fork
server. The run itself is `conformance run` against a URL, with nothing left out but reports, which are not read.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import uvicorn

from conformance.cli.run import run
from conformance.mutants.findings import Findings, NoFindingsError, findings_below

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from multiprocessing.process import BaseProcess
    from pathlib import Path

# A run takes two seconds; on a machine that others keep busy many times as long.
LONGEST_RUN_SECONDS: Final = 240.0
_OUTPUT: Final = "output.txt"
_BACKLOG: Final = 2048
# Left out: a search for exceptions that were not raised further (five garbage collections, a twentieth of a run), and
# what keeps apart the output of each test, for reports that are not read here (a thirtieth).
_PYTEST_PLUGINS: Final = ("-p", "conformance.mutants.witness", "-p", "no:unraisableexception", "-p", "no:logging", "-s")
FORKS = multiprocessing.get_context("forkserver")
PRELOADED: Final = ("conformance.mutants.preloaded",)
FORKS.set_forkserver_preload([*PRELOADED])


class NoVerdictError(Exception):
    """A run ended, or was ended, without a verdict; the message has what it printed."""


@dataclass(frozen=True, slots=True)
class Trial:
    """
    One run of the suite against an application.

    `application` is a factory (`package.module:function`), called with `environment` in place and served below
    `base_path`; `arguments` are those of `conformance run`, and `selected` names tests as pytest's `-k` does (empty:
    all). What the run leaves behind goes into `folder`, reports only if it is to be `reported`; a run that
    `reports_failures` writes what report.json and the page say of what failed, and of nothing else. A run that judges
    `by_document` also judges apart what drawn requests show. A `hasty` run waits briefly for what arrives late.
    """

    application: str
    base_path: str
    folder: Path
    arguments: tuple[str, ...] = ()
    selected: str = ""
    reported: bool = False
    reports_failures: bool = False
    by_document: bool = False
    hasty: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def carry_out(trial: Trial, longest_seconds: float = LONGEST_RUN_SECONDS) -> Findings:
    """
    What a run finds.

    Raises:
        NoVerdictError: the run broke off or took too long.
    """
    output = trial.folder / _OUTPUT
    output.touch()
    process = FORKS.Process(target=perform, args=(trial,))
    process.start()
    process.join(longest_seconds)
    if process.exitcode is None:
        _end(process)
    try:
        return findings_below(trial.folder)
    except NoFindingsError as error:
        printed = output.read_text("utf-8", "replace")
        raise NoVerdictError(f"The run ended with {process.exitcode} and without a verdict:\n{printed}") from error


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
    with _served(trial) as origin:
        arguments = [f"{origin}{trial.base_path}", "--report-dir", str(trial.folder), *trial.arguments]
        run.main([*arguments, "--", *_for_pytest(trial)], standalone_mode=False)


def _for_pytest(trial: Trial) -> list[str]:
    selection = ["-k", trial.selected] if trial.selected else []
    said = {
        "--laboratory-reports": trial.reported,
        "--laboratory-failures": trial.reports_failures,
        "--laboratory-document": trial.by_document,
        "--laboratory-haste": trial.hasty,
    }
    return [*_PYTEST_PLUGINS, *selection, *(option for option, wanted in said.items() if wanted)]


@contextmanager
def _served(trial: Trial) -> Iterator[str]:
    """The origin of an application, while it is served from another fork."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with TemporaryDirectory(prefix="application-", dir=trial.folder) as files:
        arguments = (trial.application, listener, files)
        server = multiprocessing.get_context("fork").Process(target=_serve, args=arguments, daemon=True)
        server.start()
        # When the application can't be made, no listener must be there.
        listener.close()
        try:
            yield origin
        finally:
            # Going down in good order takes it a fifth of a second, in which it does nothing.
            server.kill()
            server.join()


def _serve(application: str, listener: socket.socket, files: str) -> None:
    # What it does not clean up, as it is killed, is removed with the folder.
    tempfile.tempdir = files
    module, _, factory = application.partition(":")
    app = getattr(import_module(module), factory)()
    # Asked anew for its protocol, as asyncio sends at once only on what is known to be TCP.
    known = socket.socket(fileno=listener.detach())
    uvicorn.Server(uvicorn.Config(app, access_log=False)).run([known])
