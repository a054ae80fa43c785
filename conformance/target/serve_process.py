"""
The process that `serve_app` starts: `PYTHON serve_process.py SPEC KIND STATUS PACKAGES`.

KIND is `app` or `factory`. STATUS is a file that this process makes once the application started or failed, with one
JSON object: the `port` at which it answers, or the `problem` and whether a module is `missing`. When its startup
fails, this process ends without one; its output says why. PACKAGES is a folder with a uvicorn, for environments that
have none. When standard input closes, the parent is done or has ended, and this process ends.

Any Python runs this, also in environments without this package: it imports the standard library alone, and
uvicorn when it is needed.
"""

from __future__ import annotations

import importlib
import json
import os
import socket
import sys
import threading
import traceback
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    import uvicorn

_GRACE_SECONDS = 1
_ORPHAN_SECONDS = 3.0
_BACKLOG = 2048
# uvicorn and what it needs, all of it plain Python.
_UVICORN_PACKAGES = ("uvicorn", "click", "h11", "typing_extensions")


class UnservableError(Exception):
    """What should be served is not there or could not be made; the message is the reason."""

    def __init__(self, reason: str, *, missing: bool = False) -> None:
        super().__init__(reason)
        self.missing = missing


class _UvicornFinder:
    """Finds uvicorn in a folder of another environment, where this one has none; nothing else is found there."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """See `importlib.abc.MetaPathFinder`."""
        return (
            PathFinder.find_spec(name, [self._folder], target) if path is None and name in _UVICORN_PACKAGES else None
        )


class _StandardInput:
    """Ends this process when standard input closes."""

    def __init__(self) -> None:
        self._server: uvicorn.Server | None = None
        self._cut = False
        self._changing = threading.Lock()
        threading.Thread(target=self._watch, daemon=True).start()

    def shut_down_on_close(self, server: uvicorn.Server) -> None:
        """Shut this server down gracefully when standard input closes."""
        with self._changing:
            self._server = server
            server.should_exit = self._cut

    def _watch(self) -> None:
        while os.read(0, 1):
            pass
        with self._changing:
            self._cut = True
            if self._server is None:
                os._exit(1)  # still being imported or made
            self._server.should_exit = True
        # An application that does not shut down in time is ended.
        timer = threading.Timer(_ORPHAN_SECONDS, os._exit, [1])
        timer.daemon = True
        timer.start()


def main(arguments: Sequence[str]) -> None:
    """Serve until standard input closes."""
    spec, kind, status, packages = arguments
    _forget_this_folder()
    sys.meta_path.append(_UvicornFinder(packages))
    standard_input = _StandardInput()
    try:
        app = _load(spec, factory=kind == "factory")
    except UnservableError as error:
        traceback.print_exc()
        _tell(Path(status), {"problem": str(error), "missing": error.missing})
        sys.exit(1)
    _serve(app, Path(status), standard_input)


def _forget_this_folder() -> None:
    """Remove the folder of this file from the import path: an application may have modules of the same names."""
    if sys.path and Path(sys.path[0]).resolve() == Path(__file__).resolve().parent:
        del sys.path[0]


def _serve(app: Any, status: Path, standard_input: _StandardInput) -> None:  # noqa: ANN401 - only running it shows what it is
    import uvicorn  # noqa: PLC0415 - the import path is complete only now

    class Server(uvicorn.Server):
        """Writes the port into the status file when it has started."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                _tell(status, {"port": listener.getsockname()[1]})

    # An application need not support the lifespan protocol; uvicorn finds out whether it does.
    server = Server(uvicorn.Config(app, access_log=False, timeout_graceful_shutdown=_GRACE_SECONDS))
    standard_input.shut_down_on_close(server)
    with socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG) as listener:
        # asyncio does it only for what it knows to be TCP; the body of an answer would wait for 40 ms after its head.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.run([listener])


def _load(spec: str, *, factory: bool) -> Any:  # noqa: ANN401 - only running it shows what it is
    module_name, colon, attributes = spec.partition(":")
    if not (module_name and colon and attributes):
        raise UnservableError("an application is named as package.module:attribute")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found: Any = importlib.import_module(module_name)
    except Exception as error:
        missing = isinstance(error, ModuleNotFoundError)
        raise UnservableError(f"module {module_name} can't be imported: {_reason(error)}", missing=missing) from error
    try:
        for attribute in attributes.split("."):
            found = getattr(found, attribute)
    except AttributeError as error:
        raise UnservableError(f"module {module_name} has no {attributes}") from error
    if not callable(found):
        raise UnservableError(f"{attributes} of module {module_name} is no application, nothing that can be called")
    return _made(found, attributes) if factory else found


def _made(found: Any, name: str) -> Any:  # noqa: ANN401 - as for `_load`
    try:
        return found()
    except Exception as error:
        raise UnservableError(f"{name} made no application: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _tell(status: Path, told: dict[str, Any]) -> None:
    # Replaced in one step, so that a reader never sees half of it.
    draft = status.with_name(f"{status.name}.draft")
    draft.write_text(json.dumps(told), "utf-8")
    draft.replace(status)


if __name__ == "__main__":
    main(sys.argv[1:])
