"""`conformance diff` and `conformance matrix`: comparing runs."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

EXIT_REGRESSION: Final = 1
EXIT_INCONCLUSIVE: Final = 5


@click.command()
@click.argument("before", metavar="RUN")
@click.argument("after", metavar="RUN")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="For people, for programs, or for a comment on a pull request.",
)
@click.option("--strict", is_flag=True, help="Let a SHOULD that is newly broken count as a regression too.")
@click.pass_context
def diff(context: click.Context, /, before: str, after: str, form: str, *, strict: bool) -> None:
    r"""
    Say what changed from the first run to the second: what broke, what was fixed, and what is judged now or no more.

    RUN is the folder of a run, or its report.json. A regression is a MUST that fails in the second run and did not
    fail in the first, unless it was expected to fail or the first run's contract did not have it.

    \b
    Exit status: 0 nothing got worse
                 1 a regression
                 2 the runs can't be read or compared
                 5 nothing was judged in the second run
    """
    import json

    from conformance.report.compare.difference import as_json, as_markdown, as_text, difference_of
    from conformance.report.compare.read import read_run
    from conformance.report.errors import ReportError

    try:
        difference = difference_of(read_run(Path(before)), read_run(Path(after)))
    except ReportError as error:
        raise click.UsageError(str(error), context) from error
    if form == "json":
        click.echo(json.dumps(as_json(difference, strict=strict), indent=2, ensure_ascii=False))
    else:
        click.echo((as_markdown if form == "markdown" else as_text)(difference, strict=strict), nl=False)
    if difference.regressions(strict=strict):
        context.exit(EXIT_REGRESSION)
    context.exit(EXIT_INCONCLUSIVE if difference.shows_nothing else 0)


@click.command()
@click.argument("runs", metavar="RUN...", nargs=-1, required=True)
@click.option("--output", metavar="FILE", default="matrix.html", show_default=True, help="Where the page is written.")
@click.pass_context
def matrix(context: click.Context, /, runs: tuple[str, ...], output: str) -> None:
    """
    Make one page of many runs: requirements down, implementations or dates across.

    RUN is the folder of a run, or its report.json, and may be given a name: `main=reports/run-…`. Columns stand in the
    order of the command. The page needs no network, and links to the page of each run that has one. Runs of different
    systems are lined up by what they share: create, poll, formats, lengths, errors, streaming.
    """
    from conformance.report.compare.read import read_run
    from conformance.report.compare.table import matrix_page
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
