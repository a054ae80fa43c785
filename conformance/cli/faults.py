"""`conformance faults`: the faults that the embedded implementation can be served with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from conformance.contract.conventions import Conventions
    from conformance.target.faults import Faults


@click.command()
@click.option("--system", metavar="NAME", help="Whose faults.")
@click.option("--breaks", metavar="ID", help="Only those that break this requirement.")
@click.pass_context
def faults(context: click.Context, system: str | None, breaks: str | None) -> None:
    r"""
    List the faults that `serve --fault` and `demo` can show: what each breaks, and how it came about.

    \b
    conformance faults --breaks REQUIREMENT
    conformance serve --fault ID
    conformance demo ID
    """
    known = faults_asked_for(context, conventions_asked_for(context, system)).by_id.values()
    shown = [fault for fault in known if breaks in (None, fault.breaks)]
    if not shown:
        raise click.UsageError(f"No fault breaks {breaks}; `conformance requirements` lists what can break.", context)
    for fault in sorted(shown, key=lambda fault: fault.id):
        click.echo(f"{fault.id:<44} {fault.breaks}")
        click.echo(f"    {fault.story}")


def conventions_asked_for(context: click.Context, system: str | None) -> Conventions:
    """The conventions of the system that was named, or of the only one."""
    from conformance.contract.contract import load_contract
    from conformance.contract.errors import ContractError
    from conformance.target.errors import TargetError
    from conformance.target.options import Options
    from conformance.target.settings import resolve_settings

    try:
        return load_contract(resolve_settings(Options(system=system), {}).system).conventions
    except (ContractError, TargetError) as error:
        raise click.UsageError(str(error), context) from error


def faults_asked_for(context: click.Context, conventions: Conventions) -> Faults:
    """The faults of a system, which has to have some."""
    from conformance.target.errors import NoFaultsError
    from conformance.target.faults import faults_of

    try:
        return faults_of(conventions)
    except NoFaultsError as error:
        raise click.UsageError(str(error), context) from error
