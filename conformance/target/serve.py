"""Serving an ASGI application on loopback from a process of its own, for as long as a `with` block lasts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, Final

from conformance.target import serve_process
from conformance.target.errors import AppNotLoadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

STARTUP_SECONDS = 10.0
_POLL_SECONDS: Final = 0.01
_STOP_SECONDS = 3.0
_LAST_LINES = 2
_TAIL_BYTES = 4096
_ELSEWHERE: Final = "; if it is installed in another environment, name the interpreter of that one (--python PATH)"
# Ctrl-C at the terminal must not reach the target: it runs until this process stops it.
_APART: Final[dict[str, Any]] = {"start_new_session": True}
if sys.platform == "win32":
    _APART["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP


@dataclass(frozen=True, slots=True)
class ServedApp:
    """
    A running application: scheme, host and port under which it answers.

    `request_stop` asks it to end without waiting for that, for a caller that has other work before it leaves the block.
    """

    origin: str
    request_stop: Callable[[], None]


@contextmanager
def serve_app(
    spec: str,
    *,
    factory: bool,
    environment: Mapping[str, str],
    log: Path,
    startup_seconds: float = STARTUP_SECONDS,
    python: str | None = None,
) -> Iterator[ServedApp]:
    """
    The application `spec` (`package.module:attribute`, or a factory of one), served until the block is left.

    It sees the environment of this process and what `environment` adds to it; what it prints goes to `log`.
    It ends with this process, also when this process is killed. `python` is the interpreter that runs it, where the
    application is installed in another environment than the suite.

    Raises:
        AppNotLoadableError: it can't be imported or made, or its startup fails or takes too long.
    """
    interpreter = _interpreter(python)
    log.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="conformance-", ignore_cleanup_errors=True) as folder:
        status = Path(folder) / "status.json"
        with log.open("wb") as output:
            process = _start([interpreter, *_arguments(spec, status, factory=factory)], output, environment)
        try:
            port = _wait_until_started(spec, process, status, log, startup_seconds=startup_seconds, own=python is None)
        except BaseException:
            stop(process)
            raise
    try:
        yield ServedApp(f"http://127.0.0.1:{port}", partial(_request_stop, process))
    finally:
        stop(process)


def _interpreter(python: str | None) -> str:
    if python is None:
        return sys.executable
    found = shutil.which(python)
    if found is None:
        raise AppNotLoadableError(f"{python} is no Python interpreter that can be started (--python).")
    # The link is not resolved: Python finds its virtual environment by the link's path.
    return os.path.abspath(found)  # noqa: PTH100


def _arguments(spec: str, status: Path, *, factory: bool) -> list[str]:
    lent = find_spec("uvicorn")
    packages = Path(lent.origin).parent.parent if lent is not None and lent.origin is not None else Path()
    # By its path: another environment may not have this package.
    return [str(Path(serve_process.__file__)), spec, "factory" if factory else "app", str(status), str(packages)]


def _start(command: list[str], output: IO[bytes], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - an interpreter and our own module
        command,
        stdin=subprocess.PIPE,  # closes when this process ends, which ends the child
        stdout=output,
        stderr=subprocess.STDOUT,
        env={**os.environ, **environment},
        **_APART,
    )


def _wait_until_started(
    spec: str, process: subprocess.Popen[bytes], status: Path, log: Path, *, startup_seconds: float, own: bool
) -> int:
    """The port at which the application answers (raises `AppNotLoadableError`)."""
    deadline = time.monotonic() + startup_seconds
    ended = False
    # Checked once more after the process has ended: it may have written why.
    while not status.exists() and not ended:
        if time.monotonic() >= deadline:
            process.kill()  # what hangs in its startup would not end when asked to
            raise AppNotLoadableError(f"{spec} did not start within {startup_seconds:g} s (its log: {log}).")
        with suppress(subprocess.TimeoutExpired):
            process.wait(_POLL_SECONDS)
            ended = True
    told = json.loads(status.read_text("utf-8")) if status.exists() else {"problem": _last_words(log)}
    if "port" in told:
        return int(told["port"])
    hint = _ELSEWHERE if own and told.get("missing") else ""
    raise AppNotLoadableError(f"{spec} can't be served: {told['problem']}{hint} (its log: {log}).")


def _last_words(log: Path) -> str:
    with log.open("rb") as written:
        written.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        lines = written.read().decode("utf-8", "replace").split("\n")
    words = " / ".join([line.strip() for line in lines if line.strip()][-_LAST_LINES:])
    return f"its process ended during startup; the end of what it wrote: {words or 'nothing'}"


def _request_stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, kill it where that takes too long, and wait until it has ended."""
    try:
        _request_stop(process)
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
