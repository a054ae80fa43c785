"""
Command lines that start where imports end.

`python -m conformance run` imports and compiles for a second before its first request. Here it is a fork of a process
that has done that already, the fork server of the mutants' runs: a process of its own, with its own arguments,
environment, folder, session and exit status, as if Python had been started for it.
"""

from __future__ import annotations

import os
import runpy
import sys
import tempfile
import time
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from conformance.mutants.laboratory import FORKS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.connection import Connection
    from pathlib import Path

_READ_BYTES = 65_536


class StillRunningError(Exception):
    """A command did not end in the time that it was given; the message has what it printed."""


def forked(
    module: str, arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str], seconds: float
) -> tuple[int, str]:
    """
    Exit status and output of `python -m module arguments…` in `folder`, with this environment and no other.

    As with a pipe to any process, the output ends when the last process that has inherited it ends.

    Raises:
        StillRunningError: it took more than so many seconds, and was killed.
    """
    ours, theirs = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=_command, args=(module, arguments, str(folder), dict(environment), theirs))
    process.start()
    theirs.close()
    with ours:
        output, complete = _output_of(ours, until=time.monotonic() + seconds)
    if not complete:
        process.kill()
    process.join()
    if not complete or process.exitcode is None:
        raise StillRunningError(output)
    return process.exitcode, output


def _output_of(pipe: Connection, until: float) -> tuple[str, bool]:
    """What comes out of a pipe, and whether that is all."""
    output = b""
    while wait([pipe], max(0.0, until - time.monotonic())):
        part = os.read(pipe.fileno(), _READ_BYTES)
        if not part:
            return output.decode("utf-8"), True
        output += part
    return output.decode("utf-8", "replace"), False


def _command(
    module: str, arguments: tuple[str, ...], folder: str, environment: dict[str, str], output: Connection
) -> None:
    """Make this fork what a fresh Python would be, and run the module in it."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for given, expected in ((nothing, 0), (output.fileno(), 1), (output.fileno(), 2)):
        os.dup2(given, expected)
    os.close(nothing)
    output.close()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # which another environment may name
    sys.path[:0] = [folder, *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
