"""`conformance matrix`: many runs beside each other as one page."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("runs", metavar="RUN...", nargs=-1, required=True)
@click.option("--output", metavar="FILE", required=True, help="Where the page is written.")
@click.pass_context
def matrix(context: click.Context, /, runs: tuple[str, ...], output: str) -> None:
    """
    Make one page of many runs: requirements down, implementations or dates across.

    RUN is the folder of a run, or its report.json, and may be given a name: `main=reports/run-…`. Columns stand in the
    order of the command. The page needs no network, and links to the page of each run that has one.
    """
    from conformance.report.comparing.reading import read_run
    from conformance.report.comparing.table import matrix_page
    from conformance.report.errors import ReportError
    from conformance.report.write import write_file

    path = Path(output)
    try:
        write_file(path, matrix_page([read_run(*_named(run)) for run in runs], path.parent).encode())
    except ReportError as error:
        raise click.UsageError(str(error), context) from error
    click.echo(f"{len(runs)} {'run' if len(runs) == 1 else 'runs'}: {path}")


def _named(argument: str) -> tuple[Path, str]:
    """The path of a run and its name, empty where it has none."""
    from conformance.contract.files import is_there

    label, _, place = argument.partition("=")
    return (Path(place), label) if place and not is_there(Path(argument)) else (Path(argument), "")
