"""`conformance requirements` and `conformance explain`: the registry for readers at a console."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.contract import Contract
    from conformance.contract.registry import Requirement


@click.command()
@click.option("--system", metavar="NAME", help="Whose requirements.")
@click.option("--level", type=click.Choice(["MUST", "SHOULD", "MAY"]), help="Only those of this level.")
@click.option("--surface", metavar="NAME", help="Only those of this surface.")
@click.pass_context
def requirements(context: click.Context, system: str | None, level: str | None, surface: str | None) -> None:
    """List the requirements that a target is judged by."""
    contract = _contract(context, system)
    if surface is not None and surface not in contract.conventions.surfaces:
        known = ", ".join(contract.conventions.surfaces)
        raise click.UsageError(f"There is no surface {surface}; there are {known}.", context)
    for requirement in contract.registry:
        if level in (None, requirement.level) and surface in (None, requirement.surface):
            click.echo(f"{requirement.id:<44} {requirement.level:<6} {requirement.title}")


@click.command()
@click.argument("requirement_id", metavar="ID")
@click.option("--system", metavar="NAME", help="Whose requirement.")
@click.pass_context
def explain(context: click.Context, requirement_id: str, system: str | None) -> None:
    """Explain one requirement: what it says, where it is written, how it is judged and what that needs."""
    contract = _contract(context, system)
    if requirement_id not in contract.registry:
        import difflib

        known = {requirement.id.casefold(): requirement.id for requirement in contract.registry}
        near = difflib.get_close_matches(requirement_id.casefold(), known, n=1)
        hint = f" Did you mean {known[near[0]]}?" if near else " `conformance requirements` lists all."
        raise click.UsageError(f"There is no requirement {requirement_id}.{hint}", context)
    for line in _explanation(contract.registry[requirement_id]):
        click.echo(line)


def _explanation(requirement: Requirement) -> Iterator[str]:
    provisional = ", provisional" if requirement.provisional else ""
    yield f"{requirement.id} · {requirement.level}{provisional} · {requirement.surface} ({requirement.release})"
    yield requirement.title
    yield ""
    yield requirement.statement
    yield ""
    for source in requirement.sources:
        yield f"written in:  {source.document}, {source.section}"
    yield f"judged by:   {_judge(requirement)}"
    yield f"tier:        {requirement.tier}"
    yield f"needs:       {', '.join(requirement.needs) or 'nothing but the target'}"
    if requirement.notes:
        yield ""
        yield requirement.notes


def _judge(requirement: Requirement) -> str:
    if requirement.monitor:
        return f"the monitor {requirement.monitor}, over all exchanges of the run"
    if requirement.generated_kind:
        return f"requests drawn from the document ({requirement.generated_kind})"
    return "tests with scenarios of their own"


def _contract(context: click.Context, system: str | None) -> Contract:
    from conformance.contract.contract import load_contract
    from conformance.contract.errors import ContractError
    from conformance.contract.files import known_systems

    names = known_systems()
    if system is None and len(names) > 1:
        raise click.UsageError(f"Say which system: --system {' | '.join(names)}.", context)
    try:
        return load_contract(system or names[0])
    except ContractError as error:
        raise click.UsageError(str(error), context) from error
