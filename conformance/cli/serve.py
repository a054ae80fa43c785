"""`conformance serve`: the embedded implementation as a sandbox for developers of clients."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from conformance.cli.explain import conventions_asked_for, faults_asked_for
from conformance.cli.liberties import liberties_asked_for

if TYPE_CHECKING:
    from conformance.contract.conventions import Conventions
    from conformance.contract.liberties import Liberty
    from conformance.target.embedded import Fault


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--system", metavar="NAME", help="Which system to serve.")
@click.option("--fault", "fault_id", metavar="ID", help="Serve it with a fault; `conformance faults` lists them.")
@click.option(
    "--liberty",
    "liberty_ids",
    metavar="ID",
    multiple=True,
    help="Serve it with a liberty (repeatable); `conformance liberties` lists them.",
)
@click.option("--fetch-allow", metavar="ORIGIN", help="Let references be fetched from this private HTTPS origin.")
@click.option("--fetch-ca", metavar="FILE", type=click.Path(exists=True, dir_okay=False), help="Its CA.")
@click.pass_context
def serve(
    context: click.Context,
    /,
    *,
    host: str,
    port: int,
    system: str | None,
    fault_id: str | None,
    liberty_ids: tuple[str, ...],
    fetch_allow: str | None,
    fetch_ca: str | None,
) -> None:
    r"""
    Serve the embedded implementation: a sandbox with play money and a control interface.

    \b
    conformance serve                      then, in another shell:
    conformance run http://127.0.0.1:8765/v1 --control-url http://127.0.0.1:8765/_control

    \b
    conformance serve --fault ID           to see how a client, or this suite, takes a server with a fault
    conformance serve --liberty ID         the same for what a server may do where the documents leave it open
    """
    import uvicorn

    from conformance.target.errors import TargetError
    from conformance.target.launch import EMBEDDED_KEYS, embedded_environment, embedded_of, provide_embedded_keys

    if (fetch_allow is None) != (fetch_ca is None):
        raise click.UsageError("--fetch-allow and --fetch-ca belong together.", context)
    if fault_id is not None and liberty_ids:
        raise click.UsageError(
            "A server has a fault or takes liberties: --fault and --liberty exclude each other.", context
        )
    conventions = conventions_asked_for(context, system)
    try:
        embedded = embedded_of(conventions)
    except TargetError as error:
        raise click.UsageError(str(error), context) from error
    app, base_path, fault = embedded.app, embedded.base_path, None
    liberties: tuple[Liberty, ...] = ()
    if fault_id is not None:
        app, base_path, fault = _with_fault(context, conventions, fault_id)
    elif liberty_ids:
        app, liberties = _taking_liberties(context, conventions, liberty_ids)
    with ExitStack() as resources:
        listener = resources.enter_context(_listen(host, port))
        origin = f"http://{host}:{listener.getsockname()[1]}"
        fetch = (fetch_allow, fetch_ca) if fetch_allow and fetch_ca else None
        os.environ.update(resources.enter_context(embedded_environment(conventions, fetch)))
        provide_embedded_keys()
        click.echo(f"{conventions.title}: {origin}{base_path}")
        click.echo(f"control interface:   {origin}{embedded.control_path}")
        click.echo(f"API key:             {os.environ[EMBEDDED_KEYS['main']]}")
        if fault:
            click.echo(f"fault:               {fault.id}, breaks {fault.breaks}: {fault.story}")
        for liberty in liberties:
            click.echo(f"liberty:             {liberty.id}: {liberty.does}")
        click.echo("Stop with Ctrl-C.")
        config = uvicorn.Config(app, factory=True, log_level="warning", access_log=False)
        # A new socket object that reads its protocol: asyncio sets TCP_NODELAY only on sockets known to be TCP.
        uvicorn.Server(config).run([socket.socket(fileno=listener.detach())])


def _with_fault(context: click.Context, conventions: Conventions, fault_id: str) -> tuple[str, str, Fault]:
    """The application that has the fault, and where it serves its API, once the environment names the fault."""
    from conformance.target.embedded import FAULT_VARIABLE
    from conformance.target.errors import UnknownFaultError

    faults = faults_asked_for(context, conventions)
    try:
        fault = faults[fault_id]
    except UnknownFaultError as error:
        raise click.UsageError(str(error), context) from error
    os.environ[FAULT_VARIABLE] = fault.id
    return faults.app, faults.base_path_of(fault), fault


def _taking_liberties(
    context: click.Context, conventions: Conventions, ids: tuple[str, ...]
) -> tuple[str, tuple[Liberty, ...]]:
    """The application that takes these liberties, once the environment names them."""
    from conformance.target.embedded import LIBERTY_VARIABLE

    app, liberties = liberties_asked_for(context, conventions, ids)
    os.environ[LIBERTY_VARIABLE] = ",".join(liberty.id for liberty in liberties)
    return app, liberties


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise click.ClickException(f"{host}:{port} can't be listened on: {error.strerror}.") from error
