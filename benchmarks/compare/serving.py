"""Subjects as processes of their own that count the requests that reach them."""

from __future__ import annotations

import importlib
import importlib.util
import multiprocessing
import os
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from multiprocessing.sharedctypes import Synchronized

    from starlette.types import ASGIApp, Receive, Scope, Send

_BACKLOG: Final = 2048
_CONTEXT: Final = multiprocessing.get_context("forkserver")
# What every server needs is imported once, so that a server is there in a moment.
_CONTEXT.set_forkserver_preload(["uvicorn", "starlette.applications", "compare.serving"])


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: its origin, and how many requests have reached it."""

    origin: str
    _count: Synchronized[int]

    @property
    def requests(self) -> int:
        """How many requests there have been."""
        return self._count.value


class _Counting:
    """An application that counts what it is asked."""

    def __init__(self, app: ASGIApp, count: Synchronized[int]) -> None:
        self._app = app
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            with self._count.get_lock():
                self._count.value += 1
        await self._app(scope, receive, send)


@contextmanager
def served(application: str, *, factory: bool, environment: Mapping[str, str]) -> Iterator[Served]:
    """The application on a free port of loopback, in a process that sees the environment, until the block is left."""
    with listening(_serve, application, factory, dict(environment)) as server:
        yield server


@contextmanager
def listening(serve: Callable[..., None], *arguments: object) -> Iterator[Served]:
    """
    What serves on a free port of loopback, in a process of its own, until the block is left.

    `serve` is handed the listening socket, the count of requests that it has to keep, and the arguments.
    """
    count = _CONTEXT.Value("q", 0)
    with socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG) as listener:
        port = listener.getsockname()[1]
        process = _CONTEXT.Process(target=_listen, args=(serve, listener, count, arguments), daemon=True)
        process.start()
    try:
        yield Served(f"http://127.0.0.1:{port}", count)
    finally:
        process.kill()
        process.join()


def _listen(
    serve: Callable[..., None], listener: socket.socket, count: Synchronized[int], arguments: Sequence[object]
) -> None:
    # Asked anew for its protocol, as asyncio sends at once only on what is known to be TCP.
    serve(socket.socket(fileno=listener.detach()), count, *arguments)


def _serve(
    listener: socket.socket,
    count: Synchronized[int],
    application: str,
    factory: bool,  # noqa: FBT001 - handed over to a process by place
    environment: Mapping[str, str],
) -> None:
    import uvicorn  # noqa: PLC0415 - only servers need it

    os.environ.update(environment)
    app = _loaded(application)
    counting = _Counting(app() if factory else app, count)
    uvicorn.Server(uvicorn.Config(counting, log_level="critical", access_log=False)).run([listener])


def _loaded(application: str) -> Any:  # noqa: ANN401 - an application, or what makes one
    place, _, name = application.rpartition(":")
    if not place.endswith(".py"):
        return getattr(importlib.import_module(place), name)
    spec = importlib.util.spec_from_file_location(Path(place).stem, place)
    if spec is None or spec.loader is None:
        raise ImportError(f"{place} is no module of Python.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)
