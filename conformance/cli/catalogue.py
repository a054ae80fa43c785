"""`conformance requirements` and `conformance explain`: the registry for readers at a console."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.contract import Contract
    from conformance.contract.matrix import KillMatrix
    from conformance.contract.registry import Requirement


@click.command()
@click.option("--system", metavar="NAME", help="Whose requirements.")
@click.option("--spec", metavar="FILE", help="OpenAPI document that implies them.")
@click.option("--conventions", metavar="FILE", help="What that document can't say (conventions.yaml).")
@click.option("--level", type=click.Choice(["MUST", "SHOULD", "MAY"]), help="Only those of this level.")
@click.option("--surface", metavar="NAME", help="Only those of this surface.")
@click.pass_context
def requirements(context: click.Context, /, *, level: str | None, surface: str | None, **files: str | None) -> None:
    """List the requirements that a target is judged by."""
    contract, _ = _contract(context, **files)
    if surface is not None and surface not in contract.conventions.surfaces:
        known = ", ".join(contract.conventions.surfaces)
        raise click.UsageError(f"There is no surface {surface}; there are {known}.", context)
    for requirement in contract.registry:
        if level in (None, requirement.level) and surface in (None, requirement.surface):
            click.echo(f"{requirement.id:<44} {requirement.level:<6} {requirement.title}")


@click.command()
@click.argument("requirement_id", metavar="ID")
@click.option("--system", metavar="NAME", help="Whose requirement.")
@click.option("--spec", metavar="FILE", help="OpenAPI document that implies it.")
@click.option("--conventions", metavar="FILE", help="What that document can't say (conventions.yaml).")
@click.pass_context
def explain(context: click.Context, /, requirement_id: str, **files: str | None) -> None:
    """Explain one requirement: what it says, where it is written, how it is judged and what that needs."""
    contract, matrix = _contract(context, **files)
    if requirement_id not in contract.registry:
        import difflib

        known = {requirement.id.casefold(): requirement.id for requirement in contract.registry}
        near = difflib.get_close_matches(requirement_id.casefold(), known, n=1)
        hint = f" Did you mean {known[near[0]]}?" if near else " `conformance requirements` lists all."
        raise click.UsageError(f"There is no requirement {requirement_id}.{hint}", context)
    for line in _explanation(contract.registry[requirement_id], matrix):
        click.echo(line)


def _explanation(requirement: Requirement, matrix: KillMatrix | None) -> Iterator[str]:
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
    if matrix is not None:
        yield from _proofs(requirement, matrix)
    if requirement.notes:
        yield ""
        yield requirement.notes


def _proofs(requirement: Requirement, matrix: KillMatrix) -> Iterator[str]:
    mutants = matrix.killers(requirement.id)
    if not mutants:
        yield "proved by:   nothing, no fault is known that makes it fail"
    for number, mutant in enumerate(mutants):
        yield f"{'' if number else 'proved by:':<12} {mutant.id}: {mutant.story}"


def _judge(requirement: Requirement) -> str:
    if requirement.monitor:
        return f"the monitor {requirement.monitor}, over all exchanges of the run"
    if requirement.generated_kind:
        return f"requests drawn from the document ({requirement.generated_kind})"
    return "tests with scenarios of their own"


def _contract(
    context: click.Context, system: str | None, spec: str | None, conventions: str | None
) -> tuple[Contract, KillMatrix | None]:
    """The contract whose requirements are meant, and the faults that prove its checks."""
    from conformance.contract.errors import ContractError
    from conformance.contract.files import known_systems
    from conformance.plugin.contracts import brought_by, contract_of, matrix_of
    from conformance.plugin.errors import OptionError

    names = known_systems()
    if spec is None and system is None and len(names) > 1:
        raise click.UsageError(f"Say which system: --system {' | '.join(names)}.", context)
    try:
        brought = brought_by(spec, conventions, system, Path.cwd())
        contract = contract_of(system or names[0], brought)
        return contract, matrix_of(contract.system, brought)
    except (ContractError, OptionError) as error:
        raise click.UsageError(str(error), context) from error
