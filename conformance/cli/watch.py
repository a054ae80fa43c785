"""`conformance proxy`: judge an API by the traffic of its users."""

from __future__ import annotations

import socket
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import click

if TYPE_CHECKING:
    from conformance.traffic.judge import JudgedTraffic
    from conformance.traffic.records import Watched
    from conformance.verdicts.model import RequirementOutcome


def contract_to_watch(
    context: click.Context, system: str | None, spec: str | None, conventions: str | None, *, target: str | None
) -> Watched:
    """The contract that traffic is judged by, with the prices in the file `target` (raises `click.UsageError`)."""
    from conformance.contract.errors import ContractError
    from conformance.contract.files import default_system, known_systems
    from conformance.contract.selection import contract_of, external_contract_of, matrix_of
    from conformance.target.errors import TargetError
    from conformance.target.file import read_target_file
    from conformance.target.options import Options
    from conformance.target.remote_document import as_file
    from conformance.traffic.records import Watched

    system = system or (default_system() if spec is None else None)
    if spec is None and system is None:
        raise click.UsageError(
            f"Say which system: --system {' | '.join(known_systems())}, or name a document with --spec.", context
        )
    try:
        external = external_contract_of(as_file(spec), conventions, system, Path.cwd())
        stated = Options(**({} if target is None else read_target_file(Path(target))))
        contract = contract_of(system or "", external).with_prices(stated.price_list)
        matrix = matrix_of(contract.system, external)
    except (ContractError, TargetError) as error:
        raise click.UsageError(str(error), context) from error
    return Watched(contract, Path(external.document) if external else None, matrix)


def tell(judged: JudgedTraffic) -> int:
    """Print the summary; returns the exit status."""
    from conformance.report.console import summary_lines

    for line in summary_lines(judged.assessment, judged.recording, judged.folder / "index.html"):
        click.echo(line)
    return judged.assessment.exit_status


_REASON_LIMIT: Final = 200
_LOOPBACK: Final = "127.0.0.1"


@click.command()
@click.option("--upstream", metavar="URL", required=True, help="Base URL of the API; nothing goes anywhere else.")
@click.option("--port", default=8766, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--system", metavar="NAME", help="Which system the upstream implements.")
@click.option("--spec", metavar="FILE|URL", help="OpenAPI document that it implements.")
@click.option("--conventions", metavar="FILE", help="What that document can't say (conventions.yaml).")
@click.option("--target", metavar="FILE", help="Statement of the target (target.toml), for its prices.")
@click.option("--ca-file", metavar="FILE", help="Certificates of a private CA that signed the upstream's.")
@click.option("--report-dir", metavar="FOLDER", help="Where the folder of the report is made.  [default: reports]")
@click.option("--for", "over", metavar="TIME", help="End after this time, such as 10m.  [default: on Ctrl-C]")
@click.option("--until-idle", "idle", metavar="TIME", help="End when no request has come for this time, such as 30s.")
@click.option("--strict", is_flag=True, help="Let a broken SHOULD fail as a broken MUST does.")
@click.pass_context
def proxy(
    context: click.Context,
    /,
    *,
    upstream: str,
    port: int,
    system: str | None,
    spec: str | None,
    conventions: str | None,
    target: str | None,
    ca_file: str | None,
    report_dir: str | None,
    over: str | None,
    idle: str | None,
    strict: bool,
) -> None:
    r"""
    Hand requests on to an API, and judge what goes through by the rules that need no scenario.

    \b
    conformance proxy --upstream https://api.example.com/v1
    then let an application use http://127.0.0.1:8766/v1 instead, and press Ctrl-C to see the verdicts

    The suite asks for nothing itself. The exit status is that of a run.
    """
    from conformance.target.errors import TargetError
    from conformance.traffic.errors import WatchingError
    from conformance.traffic.judge import judge_traffic
    from conformance.traffic.proxy import Proxy, Until, client_of, duration, place_of, serve
    from conformance.traffic.records import Records

    watched = contract_to_watch(context, system, spec, conventions, target=target)
    try:
        until = Until(None if over is None else duration(over), None if idle is None else duration(idle))
        base_url = place_of(upstream, watched)
        client = client_of(ca_file)
        with _listen(port) as listener, Records.begun(watched, base_url, Path(report_dir or "reports")) as records:
            _greet(base_url, listener.getsockname()[1], records.folder)
            serve(Proxy(base_url, records, client), listener, records, until, partial(_tell_of, watched))
    except (WatchingError, TargetError) as error:
        raise click.UsageError(str(error), context) from error
    if records.left_out:
        click.echo(f"{records.left_out} requests went through unrecorded: there was no more room.")
    context.exit(tell(judge_traffic(records, strict=strict)))


def _greet(base_url: str, port: int, folder: Path) -> None:
    click.echo(f"Watching {base_url}; use it as http://{_LOOPBACK}:{port}{urlsplit(base_url).path}")
    click.echo(f"Kept in {folder}, without keys. Stop with Ctrl-C.")


def _tell_of(watched: Watched, outcome: RequirementOutcome) -> None:
    """Print a line as soon as a requirement fails."""
    from conformance.report.text import one_line

    level = watched.contract.registry[outcome.requirement].level
    click.echo(f"fail  {outcome.requirement}  {level}  {one_line(outcome.reason, _REASON_LIMIT)}")


def _listen(port: int) -> socket.socket:
    try:
        listener = socket.create_server((_LOOPBACK, port), backlog=2048)
    except OSError as error:
        raise click.ClickException(f"{_LOOPBACK}:{port} can't be listened on: {error.strerror}.") from error
    # asyncio does it only for what it knows to be TCP; the body of an answer would wait for 40 ms after its head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
