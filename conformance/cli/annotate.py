"""`conformance annotate`: what a run found, where a CI system shows it next to the code."""

from __future__ import annotations

from pathlib import Path

import click


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
