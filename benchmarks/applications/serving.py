"""Applications as their framework serves them: within this process, or on a port."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx

from applications.faults import KEYS, Api

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from applications.faults import Kind


class _InProcess(httpx.BaseTransport):
    """Hands requests to an ASGI application in this process, one at a time."""

    def __init__(self, app: Any) -> None:  # noqa: ANN401 - an ASGI application
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def answered() -> httpx.Response:
            sent = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
            answer = await self._transport.handle_async_request(sent)
            return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

        return asyncio.run(answered())


def framed(kind: Kind, fault: str, keys: Sequence[str]) -> tuple[Any, bool]:
    """The application in its framework, and whether that speaks ASGI (else it speaks WSGI)."""
    application = kind.create(fault, keys)
    if kind.framework == "flask":
        from applications.in_flask import in_flask  # noqa: PLC0415 - a server needs only its own framework

        return in_flask(application), False
    if kind.framework == "falcon":
        from applications.in_falcon import in_falcon  # noqa: PLC0415

        return in_falcon(application), False
    from applications.in_starlette import in_starlette  # noqa: PLC0415

    return in_starlette(application), True


def _tunnelled(app: Any) -> Any:  # noqa: ANN401 - WSGI applications
    """The application, with the path as servers hand it over (PEP 3333) and httpx does not."""

    def called(environ: dict[str, Any], start_response: Any) -> Any:  # noqa: ANN401 - as WSGI has it
        environ["PATH_INFO"] = environ["PATH_INFO"].encode().decode("latin-1")
        return app(environ, start_response)

    return called


def in_process(kind: Kind, fault: str = "") -> Api:
    """The application with a fault, as a probe speaks to it."""
    app, is_asgi = framed(kind, fault, KEYS)
    transport = _InProcess(app) if is_asgi else httpx.WSGITransport(_tunnelled(app), raise_app_exceptions=False)
    return Api(httpx.Client(transport=transport, base_url="http://applications.test"), kind.key_header)


def serve(kind: Kind, fault: str, keys: Sequence[str], listener: socket.socket, arrived: Callable[[], None]) -> None:
    """Serve the application on a listening socket for good; each request that arrives is told."""
    app, is_asgi = framed(kind, fault, keys)
    if is_asgi:
        import uvicorn  # noqa: PLC0415

        async def counted(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - as ASGI has it
            if scope["type"] == "http":
                arrived()
            await app(scope, receive, send)

        uvicorn.Server(uvicorn.Config(counted, log_level="critical", access_log=False)).run([listener])
        return
    import waitress  # noqa: PLC0415

    def called(environ: Any, start_response: Any) -> Any:  # noqa: ANN401 - as WSGI has it
        arrived()
        return app(environ, start_response)

    waitress.serve(called, sockets=[listener], threads=8, _quiet=True)
