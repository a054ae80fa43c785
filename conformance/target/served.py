"""
The process that `serve_app` starts: `python -m conformance.target.served SPEC KIND LISTENER STATUS`.

KIND is `app` or `factory`; LISTENER is the descriptor of a listening socket; STATUS that of a pipe to which
one JSON line is written: null once the application has started, or the reason why there is none. When its
startup fails, this process ends without a line; its output says why. Standard input is a lifeline: when it
closes, the parent is gone and this process ends.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Sequence

_GRACE_SECONDS = 1
_ORPHAN_SECONDS = 3.0


class UnservableError(Exception):
    """What should be served is not there or could not be made; the message is the reason."""


class _Server(uvicorn.Server):
    """Tells through `status` that it has started."""

    def __init__(self, config: uvicorn.Config, status: int) -> None:
        super().__init__(config)
        self._status = status

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            _tell(self._status, None)


def main(arguments: Sequence[str]) -> None:
    """Serve until SIGTERM or until the parent is gone."""
    spec, kind, listener, status = arguments
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        app = _load(spec, factory=kind == "factory")
    except UnservableError as error:
        traceback.print_exc()
        _tell(int(status), str(error))
        sys.exit(1)
    # An application need not know the lifespan protocol, so uvicorn is left to find out whether it does.
    config = uvicorn.Config(app, access_log=False, timeout_graceful_shutdown=_GRACE_SECONDS)
    _Server(config, int(status)).run([socket.socket(fileno=int(listener))])


def _load(spec: str, *, factory: bool) -> Any:  # noqa: ANN401 - only running it shows what it is
    module_name, colon, attributes = spec.partition(":")
    if not (module_name and colon and attributes):
        raise UnservableError("an application is named as package.module:attribute")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found: Any = importlib.import_module(module_name)
    except Exception as error:
        raise UnservableError(f"module {module_name} can't be imported: {_reason(error)}") from error
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


def _tell(status: int, problem: str | None) -> None:
    with os.fdopen(status, "w", encoding="utf-8") as pipe:
        pipe.write(json.dumps(problem) + "\n")


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    # An application that does not let go, or is still being imported, is not waited for long.
    patience = threading.Timer(_ORPHAN_SECONDS, os._exit, [1])
    patience.daemon = True
    patience.start()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(sys.argv[1:])
