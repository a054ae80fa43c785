"""`conformance diff`: what changed from one run to another."""

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

    from conformance.report.comparing.difference import difference_of
    from conformance.report.comparing.reading import read_run
    from conformance.report.comparing.telling import as_json, as_markdown, as_text
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
