"""`conformance requirements` and `conformance explain`: the registry for readers at a console."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.explaining import LEVELS, explanation
from conformance.cli.told import tell

if TYPE_CHECKING:
    from conformance.contract.contract import Contract
    from conformance.contract.matrix import KillMatrix
    from conformance.contract.registry import Requirement


@click.command()
@click.option("--system", metavar="NAME", help="Whose requirements.")
@click.option("--spec", metavar="FILE", help="OpenAPI document that implies them.")
@click.option("--conventions", metavar="FILE", help="What that document can't say (conventions.yaml).")
@click.option("--level", type=click.Choice(["MUST", "SHOULD", "MAY"]), help="Only those of this level.")
@click.option("--surface", metavar="NAME", help="Only those of this surface.")
@click.option("--tier", type=click.Choice(["read", "free", "paid"]), help="Only those that this tier judges first.")
@click.option("--needs", metavar="OFFER", help="Only those that need this of a target, such as control:clock.")
@click.option("--provisional", is_flag=True, help="Only those that no normative document states.")
@click.option("--unproved", is_flag=True, help="Only those that no known fault makes fail.")
@click.option("--search", metavar="TEXT", help="Only those whose id, title or statement holds this text.")
@click.pass_context
def requirements(
    context: click.Context,
    /,
    *,
    level: str | None,
    surface: str | None,
    tier: str | None,
    needs: str | None,
    provisional: bool,
    unproved: bool,
    search: str | None,
    **files: str | None,
) -> None:
    """List the requirements that a target is judged by; of several filters all must hold."""
    contract, matrix = _contract(context, **files)
    if surface is not None and surface not in contract.conventions.surfaces:
        known = ", ".join(contract.conventions.surfaces)
        raise click.UsageError(f"There is no surface {surface}; there are {known}.", context)
    needed = sorted({need for requirement in contract.registry for need in requirement.needs})
    if needs is not None and needs not in needed:
        raise click.UsageError(f"No requirement needs {needs}; needed are {', '.join(needed) or 'no offers'}.", context)
    tell(
        (
            (f"{requirement.id:<44} ", ""),
            (f"{requirement.level:<6} ", LEVELS[requirement.level]),
            (requirement.title, ""),
        )
        for requirement in contract.registry
        if level in (None, requirement.level)
        and surface in (None, requirement.surface)
        and tier in (None, requirement.tier)
        and (needs is None or needs in requirement.needs)
        and (requirement.provisional or not provisional)
        and not (unproved and matrix is not None and matrix.killers(requirement.id))
        and (search is None or _holds(requirement, search))
    )


@click.command()
@click.argument("requirement_id", metavar="ID")
@click.option("--system", metavar="NAME", help="Whose requirement.")
@click.option("--spec", metavar="FILE", help="OpenAPI document that implies it.")
@click.option("--conventions", metavar="FILE", help="What that document can't say (conventions.yaml).")
@click.pass_context
def explain(context: click.Context, /, requirement_id: str, **files: str | None) -> None:
    """Explain one requirement: what it says, where it is written, how it is judged, what to offer, how it fails."""
    contract, matrix = _contract(context, **files)
    if requirement_id not in contract.registry:
        import difflib

        known = {requirement.id.casefold(): requirement.id for requirement in contract.registry}
        near = difflib.get_close_matches(requirement_id.casefold(), known, n=1)
        hint = f" Did you mean {known[near[0]]}?" if near else " `conformance requirements` lists all."
        raise click.UsageError(f"There is no requirement {requirement_id}.{hint}", context)
    from conformance.contract.brought import brought_by, suite_of
    from conformance.suite.folder import SUITE_FOLDER

    brought = brought_by(files["spec"], files["conventions"], files["system"], Path.cwd())
    tests = SUITE_FOLDER / suite_of(contract.system, brought)
    tell(explanation(contract.registry[requirement_id], matrix, tests))


def _holds(requirement: Requirement, text: str) -> bool:
    said = (requirement.id, requirement.title, requirement.statement)
    return any(text.casefold() in part.casefold() for part in said)


def _contract(
    context: click.Context, system: str | None, spec: str | None, conventions: str | None
) -> tuple[Contract, KillMatrix | None]:
    """The contract whose requirements are meant, and the faults that prove its checks."""
    from conformance.contract.brought import brought_by, contract_of, matrix_of
    from conformance.contract.errors import ContractError
    from conformance.contract.files import known_systems

    names = known_systems()
    if spec is None and system is None and len(names) > 1:
        raise click.UsageError(f"Say which system: --system {' | '.join(names)}.", context)
    try:
        brought = brought_by(spec, conventions, system, Path.cwd())
        contract = contract_of(system or names[0], brought)
        return contract, matrix_of(contract.system, brought)
    except ContractError as error:
        raise click.UsageError(str(error), context) from error
