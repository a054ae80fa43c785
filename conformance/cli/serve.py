"""`conformance serve`: the embedded implementation as a sandbox for people who develop clients."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--system", metavar="NAME", help="Which system to serve.")
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
    fetch_allow: str | None,
    fetch_ca: str | None,
) -> None:
    r"""
    Serve the embedded implementation: a sandbox with play money and a control interface.

    \b
    conformance serve                      then, in another shell:
    conformance run http://127.0.0.1:8765/v1 --control-url http://127.0.0.1:8765/_control
    """
    import uvicorn

    from conformance.contract.contract import load_contract
    from conformance.contract.errors import ContractError
    from conformance.target.errors import TargetError
    from conformance.target.launch import EMBEDDED_KEYS, embedded_environment, embedded_of, provide_embedded_keys
    from conformance.target.settings import TargetOptions, resolve_settings

    if (fetch_allow is None) != (fetch_ca is None):
        raise click.UsageError("--fetch-allow and --fetch-ca belong together.", context)
    try:
        settings = resolve_settings(TargetOptions(system=system), None, {})
        conventions = load_contract(settings.system).conventions
        embedded = embedded_of(conventions)
    except (ContractError, TargetError) as error:
        raise click.UsageError(str(error), context) from error
    with ExitStack() as resources:
        listener = resources.enter_context(_listen(host, port))
        origin = f"http://{host}:{listener.getsockname()[1]}"
        fetch = (fetch_allow, fetch_ca) if fetch_allow and fetch_ca else None
        os.environ.update(resources.enter_context(embedded_environment(conventions, fetch)))
        provide_embedded_keys()
        click.echo(f"{conventions.title}: {origin}{embedded.base_path}")
        click.echo(f"control interface:   {origin}{embedded.control_path}")
        click.echo(f"API key:             {os.environ[EMBEDDED_KEYS['main']]}")
        click.echo("Stop with Ctrl-C.")
        config = uvicorn.Config(embedded.app, factory=True, log_level="warning", access_log=False)
        uvicorn.Server(config).run([listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise click.ClickException(f"{host}:{port} can't be listened on: {error.strerror}.") from error
