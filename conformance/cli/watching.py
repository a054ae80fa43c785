"""What `judge --har` and `proxy` share: what they judge by, and how they tell the result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from conformance.watching.judging import Judged
    from conformance.watching.records import Watched


def contract_to_watch(
    context: click.Context, system: str | None, spec: str | None, conventions: str | None, *, target: str | None
) -> Watched:
    """The contract that others' traffic is judged by, with the prices that a statement of the target names."""
    from conformance.contract.brought import brought_by, contract_of, matrix_of
    from conformance.contract.errors import ContractError
    from conformance.contract.files import known_systems
    from conformance.target.errors import TargetError
    from conformance.target.file import read_target_file
    from conformance.target.options import Options
    from conformance.watching.records import Watched

    names = known_systems()
    if spec is None and system is None and len(names) > 1:
        raise click.UsageError(
            f"Say which system: --system {' | '.join(names)}, or name a document with --spec.", context
        )
    try:
        brought = brought_by(spec, conventions, system, Path.cwd())
        stated = Options(**({} if target is None else read_target_file(Path(target))))
        contract = contract_of(system or names[0], brought).with_prices(stated.price_list)
        matrix = matrix_of(contract.system, brought)
    except (ContractError, TargetError) as error:
        raise click.UsageError(str(error), context) from error
    return Watched(contract, Path(brought.document) if brought else None, matrix)


def tell(judged: Judged) -> int:
    """Print the summary; returns the exit status."""
    from conformance.report.console import summary_lines

    for line in summary_lines(judged.assessment, judged.recording, judged.folder / "index.html"):
        click.echo(line)
    return judged.assessment.exit_status
