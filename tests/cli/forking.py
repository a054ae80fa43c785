"""
Command lines that start where imports end.

`python -m conformance run` imports and compiles for a second before its first request, and so does each worker that
xdist starts for it. Here they are forks of a process that has done that already, the fork server of the mutants' runs:
processes of their own, with their own arguments, environment, folder, streams, session and exit status, as if Python
had been started for them. What a forked command line would start as a Python of its own, workers and applications that
it serves, is forked as well, and belongs to its process group.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from functools import cache
from itertools import islice
from multiprocessing.connection import wait
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NoReturn

from execnet import gateway_io
from execnet.gateway_base import Popen2IO

from conformance.mutants.laboratory import FORKS
from conformance.report import write
from conformance.target import serve
from tests.cli.drawing_once import draw_once
from tests.sharing import is_shared, shared_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from execnet.gateway_base import ExecModel

_READ_BYTES: Final = 65_536
_REQUEST_BYTES: Final = 1_000_000
_PID_BYTES: Final = 8
_PATIENCE_SECONDS: Final = 60
# What is sent to the whole group of a command is not meant for what forks its children.
_OF_GROUPS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SERVED_AFRESH: Final = serve._start  # noqa: SLF001 - what is forked here instead


READ_ALONE: Final = "TESTS_READ_ALONE"
"""The variable that names the one report that a command is to write: making all takes a tenth of a run."""


class StillRunningError(Exception):
    """A command did not end in the time that it was given; the message has what it printed."""


class Forker:
    """Asks another process, which has imported all that is needed, to fork itself."""

    def __init__(self, asking: socket.socket) -> None:
        self._asking = asking
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _REQUEST_BYTES)

    def fork(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        descriptors: Sequence[int],
        *,
        folder: Path | None = None,
        apart: bool = False,
    ) -> Fork:
        """`python arguments…` with these standard streams; `apart` in a session and process group of its own."""
        alive, ended = os.pipe()
        request = json.dumps([list(arguments), str(folder or Path.cwd()), dict(environment), apart]).encode()
        socket.send_fds(self._asking, [request], [*descriptors, ended])
        os.close(ended)
        return Fork(int.from_bytes(self._asking.recv(_PID_BYTES), "big"), alive)


class Fork:
    """A process that was forked: what `subprocess.Popen` is, as far as it is used."""

    def __init__(self, pid: int, alive: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin: IO[bytes] | None = None
        self.stdout: IO[bytes] | None = None
        self._alive = alive

    def poll(self) -> int | None:
        """The exit status, or None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end (raises `subprocess.TimeoutExpired`)."""
        if self.returncode is None:
            if not wait([self._alive], timeout):
                raise subprocess.TimeoutExpired("python", timeout or 0)
            told = os.read(self._alive, 1)
            os.close(self._alive)
            self.returncode = told[0] if told else -signal.SIGKILL
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def children(self) -> list[int]:
        """The processes that it had forked for it, and that have not ended."""
        return [child for between in _children_of(self.pid) for child in _children_of(between)]

    def lines(self, count: int) -> str:
        """The next lines that it prints."""
        assert self.stdout is not None
        return b"".join(islice(self.stdout, count)).decode()

    def communicate(self, timeout: float | None = None) -> tuple[str, None]:
        """What it printed until its end, and until that of all that inherited its output."""
        output = b""
        until = None if timeout is None else time.monotonic() + timeout
        while self.stdout is not None and not self.stdout.closed:
            left = None if until is None else max(0.0, until - time.monotonic())
            if not wait([self.stdout.fileno()], left):
                raise subprocess.TimeoutExpired("python", timeout or 0, output)
            part = os.read(self.stdout.fileno(), _READ_BYTES)
            output += part
            if not part:
                self.stdout.close()
        self.wait(None if until is None else max(0.0, until - time.monotonic()))
        return output.decode("utf-8", "replace"), None


def _children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


@cache
def _forker(_process: int) -> Forker:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    drawn = shared_folder("drawn") if is_shared() else None
    FORKS.Process(target=_begin_forking, args=(theirs, drawn), daemon=True).start()
    theirs.close()
    return Forker(ours)


def forker() -> Forker:
    """What forks for this process."""
    return _forker(os.getpid())


def begun(module: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Fork:
    """`python -m module arguments…` in `folder`, with this environment and no other, in a session of its own."""
    theirs, output = os.pipe()
    nothing = os.open(os.devnull, os.O_RDONLY)
    streams = (nothing, output, output)
    process = forker().fork(["-m", module, *arguments], environment, streams, folder=folder, apart=True)
    os.close(nothing)
    os.close(output)
    process.stdout = os.fdopen(theirs, "rb", buffering=0)
    return process


def forked(
    module: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float
) -> tuple[int, str]:
    """
    Exit status and output of `python -m module arguments…` in `folder`, with this environment and no other.

    As with a pipe to any process, the output ends when the last process that has inherited it ends.

    Raises:
        StillRunningError: it took more than so many seconds, and was killed.
    """
    process = begun(module, arguments, folder, environment)
    try:
        output, _ = process.communicate(seconds)
    except subprocess.TimeoutExpired as late:
        process.kill()
        process.communicate(_PATIENCE_SECONDS)
        raise StillRunningError((late.output or b"").decode("utf-8", "replace")) from late
    return process.wait(_PATIENCE_SECONDS), output


@contextmanager
def served_by_forks() -> Iterator[None]:
    """While the block lasts, what `serve_app` starts here is forked."""
    _serve_by(forker())
    try:
        yield
    finally:
        vars(serve)["_start"] = _SERVED_AFRESH


def _serve_by(forker: Forker) -> None:
    def start(command: list[str], output: IO[bytes], environment: Mapping[str, str]) -> object:
        if command[0] != sys.executable:
            return _SERVED_AFRESH(command, output, environment)
        theirs, ours = os.pipe()
        streams = (theirs, output.fileno(), output.fileno())
        process = forker.fork(command[1:], {**os.environ, **environment}, streams, apart=True)
        os.close(theirs)
        process.stdin = os.fdopen(ours, "wb", buffering=0)
        return process

    vars(serve)["_start"] = start


def _work_by(forker: Forker) -> None:
    class ForkedIO(gateway_io.Popen2IOMaster):
        """The pipes to a worker."""

        def __init__(self, args: list[str], execmodel: ExecModel) -> None:
            stdin, requests = os.pipe()
            replies, stdout = os.pipe()
            self.popen = forker.fork(args[1:], os.environ, (stdin, stdout, 2))
            os.close(stdin)
            os.close(stdout)
            pipes = os.fdopen(requests, "wb", buffering=0), os.fdopen(replies, "rb", buffering=0)
            Popen2IO.__init__(self, *pipes, execmodel=execmodel)

    vars(gateway_io)["Popen2IOMaster"] = ForkedIO


def _begin_forking(requests: socket.socket, drawn: Path | None) -> NoReturn:
    if drawn is not None:
        draw_once(drawn)
    _fork_on_request(requests, (signal.SIGINT,))


def _fork_on_request(requests: socket.socket, ignored: Sequence[signal.Signals]) -> NoReturn:
    """Fork this process, which has one thread, until the process that asks for it has ended."""
    usual = {number: signal.signal(number, signal.SIG_IGN) for number in ignored}
    while True:
        request, descriptors, _, _ = socket.recv_fds(requests, _REQUEST_BYTES, 4)
        if not request:
            os._exit(0)
        child = os.fork()
        if child == 0:
            requests.close()
            for number, handler in usual.items():
                signal.signal(number, handler)
            arguments, folder, environment, apart = json.loads(request)
            _be_python(arguments, folder, environment, descriptors, apart=apart)
        for descriptor in descriptors:
            os.close(descriptor)
        requests.send(child.to_bytes(_PID_BYTES, "big"))
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _be_python(
    arguments: list[str], folder: str, environment: dict[str, str], descriptors: list[int], *, apart: bool
) -> NoReturn:
    """Be what Python would be with these arguments, until it ends."""
    *streams, ended = descriptors
    if apart:
        os.setsid()
    for given, expected in zip(streams, (0, 1, 2), strict=True):
        os.dup2(given, expected)
        os.close(given)
    os.set_inheritable(ended, False)  # noqa: FBT003 - the argument has no name
    status = 1
    try:
        sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
        _become(folder, environment)
        _run(arguments)
        status = 0
    except SystemExit as end:
        status = _status_of(end)
    except BrokenPipeError:
        pass  # who listened has ended; a worker of its own process is ended by the controller before it can say so
    except BaseException:  # noqa: BLE001 - as Python itself does
        sys.excepthook(*sys.exc_info())
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os.write(ended, bytes([status]))
        os._exit(status)


def _become(folder: str, environment: Mapping[str, str]) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    if READ_ALONE in os.environ:
        wanted = os.environ.pop(READ_ALONE)
        vars(write)["REPORTS"] = {wanted: write.REPORTS[wanted]}
    tempfile.tempdir = None  # which another environment may name
    # A shell that runs these tests in the background has all that they start ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.path[:0] = [folder, *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]


def _run(arguments: list[str]) -> None:
    match arguments:
        case ["-u", "-c", code]:  # a worker
            exec(code, {"__name__": "__main__"})  # noqa: S102 - what execnet hands to `python -c`
        case ["-m", module, *rest]:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            if os.fork() == 0:
                ours.close()
                _fork_on_request(theirs, _OF_GROUPS)
            theirs.close()
            _serve_by(Forker(ours))
            _work_by(Forker(ours))
            sys.argv = [module, *rest]
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case [script, *rest]:  # an application
            sys.argv = [script, *rest]
            runpy.run_path(script, run_name="__main__")
        case _:
            raise ValueError("A Python without arguments is not forked.")


def _status_of(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return (end.code or 0) & 0xFF
    sys.stderr.write(f"{end.code}\n")
    return 1
