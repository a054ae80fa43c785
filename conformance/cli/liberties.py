"""`conformance liberties`: what a server may do without failing a requirement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from conformance.cli.console import tell
from conformance.cli.explain import conventions_asked_for

if TYPE_CHECKING:
    from conformance.contract.conventions import Conventions
    from conformance.contract.liberties import Liberty


@click.command()
@click.option("--system", metavar="NAME", help="Whose liberties.")
@click.option("--touches", metavar="ID", help="Only those that the checks of this requirement meet.")
@click.pass_context
def liberties(context: click.Context, system: str | None, touches: str | None) -> None:
    r"""
    List what a server may do because the documents are silent, contradict each other or leave a choice.

    \b
    conformance liberties --touches REQUIREMENT
    conformance serve --liberty ID
    """
    from conformance.contract.errors import ContractError
    from conformance.contract.liberties import load_liberties

    try:
        known = load_liberties(conventions_asked_for(context, system).system)
    except ContractError as error:
        raise click.UsageError(str(error), context) from error
    shown = [liberty for liberty in known if touches is None or touches in liberty.touches]
    if not shown:
        raise click.UsageError(f"No liberty touches {touches or 'this system'}.", context)
    for liberty in shown:
        tell([((liberty.id, "bold"),), ((f"    {liberty.does}", ""),)])
        tell([((f"    {_because(ground.document, ground.text)}", "dim"),) for ground in liberty.allowed_by])


def _because(document: str | None, text: str) -> str:
    return f"{document}: {text}" if document else f"no document states it: {text}"


def liberties_asked_for(
    context: click.Context, conventions: Conventions, ids: tuple[str, ...]
) -> tuple[str, tuple[Liberty, ...]]:
    """The application that takes liberties, and those with these ids (raises `click.UsageError`)."""
    from conformance.contract.errors import ContractError
    from conformance.target.embedded import application_taking_liberties, liberties_named
    from conformance.target.errors import TargetError

    try:
        return application_taking_liberties(conventions), liberties_named(conventions, ids)
    except (ContractError, TargetError) as error:
        raise click.UsageError(str(error), context) from error
