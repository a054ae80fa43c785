"""Text for a console or a CI job: coloured where that is wanted, with control characters escaped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import click

from conformance.report.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable


_LONGEST: Final = 10_000
Part: TypeAlias = tuple[str, str]
"""A piece of a line and its style in rich's words, empty for none."""


def tell(lines: Iterable[Iterable[Part]]) -> None:
    """Print lines; rich decides on colours, by NO_COLOR, FORCE_COLOR and the terminal."""
    # Imported here, so that a command that fails before it prints anything does not wait for it.
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False)
    for line in lines:
        text = Text.assemble(*((printable(part, _LONGEST), style) for part, style in line))
        # Lines are not wrapped: other programs may search and cut the output.
        console.print(text, soft_wrap=True)


@click.command()
@click.argument("run", metavar="RUN")
@click.pass_context
def annotate(context: click.Context, run: str) -> None:
    """
    Print annotations for GitHub Actions: an error for each thing that makes the run in the folder RUN red.

    Other failures are warnings. All that came from the target is escaped. The exit status is 0.
    """
    from conformance.contract.errors import ContractError
    from conformance.contract.files import check_against_schema, read_json
    from conformance.report.annotations import github_annotations

    path = Path(run) / "report.json"
    try:
        report = read_json(path)
        check_against_schema(report, "report", path)
    except ContractError as error:
        raise click.UsageError(str(error), context) from error
    for line in github_annotations(report):
        click.echo(line)
