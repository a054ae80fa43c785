"""`conformance requirements`, `explain` and `faults`: the registry and the mutants for readers at a console."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from conformance.cli.console import tell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.cli.console import Part
    from conformance.contract.contract import Contract
    from conformance.contract.conventions import Conventions
    from conformance.contract.matrices import KillMatrix, ToleranceMatrix
    from conformance.contract.requirements import Requirement
    from conformance.money.budget import Tier
    from conformance.target.embedded import Faults


OFFERS: Final = {
    "control:clock": "a clock that can be put ahead (control interface: clock)",
    "control:rate-limit": "a rate limit that can be set (control interface: rate-limit)",
    "control:tasks/hold": "tasks that can be held in a state (control interface: tasks/hold)",
    "control:tasks/outcome": "tasks that fail on demand (control interface: tasks/outcome)",
    "control:tenants": "accounts of the run's own (control interface: tenants)",
    "control:wallet": "a wallet that can be read and set (control interface: wallet)",
    "document": "its own OpenAPI document (openapi_url in target.toml)",
    "key:forbidden": "a key that may do nothing (forbidden_env in target.toml)",
    "key:second": "a key of another account (--second-key, or second_env in target.toml)",
    "sensitive-text": "a text that it refuses as sensitive (sensitive_text in target.toml)",
    "reference-audio": "an audio file that it can fetch (reference_audio_url in target.toml)",
}
_TIERS: Final = {
    "read": "nothing is created for it",
    "free": "only what must be refused is asked for",
    "paid": "with real money it needs a cap (--max-credits, --max-purchases)",
}
LEVELS: Final = {"MUST": "red", "SHOULD": "yellow", "MAY": "cyan"}
_LABEL_WIDTH: Final = 13
_VERSIONED: Final = click.option(
    "--contract-version", metavar="VERSION", help="In this version of the contract, or `next`.  [default: the newest]"
)
_MUTANTS_SHOWN: Final = 8


def explanation(
    requirement: Requirement, tier: Tier, known: Known, suite: Path, contract: Contract
) -> Iterator[tuple[Part, ...]]:
    """
    The lines that explain a requirement.

    `tier` is how far a run has to go for it, `known` what was measured of its check, `suite` the folder with the tests
    of its system.
    """
    provisional = ", provisional: judged only with --provisional" if requirement.provisional else ""
    level = (f"{requirement.level}{provisional}", LEVELS[requirement.level])
    yield ((requirement.id, "bold"), (" · ", ""), level, (f" · {requirement.surface} ({requirement.release})", ""))
    yield ((requirement.title, "bold"),)
    yield ()
    yield ((requirement.statement, ""),)
    yield ()
    written = dict.fromkeys(f"{source.document}, {source.section}" for source in requirement.sources)
    yield from _labelled("written in:", written)
    yield from _labelled("judged by:", _judges(requirement, suite))
    yield from _labelled("tier:", (f"{tier}, {_TIERS[str(tier)]}",))
    yield from _labelled("offer:", (OFFERS.get(need, need) for need in requirement.needs or ("nothing else",)))
    if requirement.rests_on:
        yield from _labelled("rests on:", requirement.rests_on)
    yield from _labelled("contract:", _versions(requirement, contract))
    if known.kills is not None:
        yield from _proofs(requirement, known.kills, known.tolerance)
    if requirement.notes:
        yield ()
        yield ((requirement.notes, ""),)


def _versions(requirement: Requirement, contract: Contract) -> Iterator[str]:
    """In which versions of the contract a requirement is judged, and why it asks for less than it once did."""
    versions = contract.versions
    if versions is None:
        return
    coming = ", which is yet to come" if requirement.id in contract.coming else ""
    until = f" until {requirement.until}" if requirement.until else ""
    yield f"{contract.conventions.contract_version}; judged since {versions.since(requirement)}{coming}{until}"
    for version, why in versions.loosenings(requirement.id):
        yield f"asks for less than {version} did when it was released: {why}"


def _proofs(
    requirement: Requirement, matrix: KillMatrix, tolerance: ToleranceMatrix | None
) -> Iterator[tuple[Part, ...]]:
    mutants = matrix.killers(requirement.id)
    silences = () if tolerance is None else tolerance.silent_on(requirement.id)
    if tolerance is not None:
        yield from _labelled("in short:", (_both_sides(len(mutants), len(silences)),))
    if not mutants:
        yield from _labelled("proved by:", ("nothing, no fault is known that makes it fail",))
        yield from _silences(silences)
        return
    shown = [f"{mutant.id}: {mutant.story}" for mutant in mutants[:_MUTANTS_SHOWN]]
    more = [f"… and {len(mutants) - _MUTANTS_SHOWN} more"] if len(mutants) > _MUTANTS_SHOWN else []
    yield from _labelled("proved by:", (*shown, *more))
    yield from _silences(silences)
    yield ()
    yield (("See it fail: ", ""), (f"conformance demo {mutants[0].id}", "bold"))


def _both_sides(mutants: int, liberties: int) -> str:
    faults = f"{mutants} mutant{'' if mutants == 1 else 's'}"
    return f"proved by {faults}, silent on {liberties} {'liberty' if liberties == 1 else 'liberties'}"


def _silences(liberties: tuple[str, ...]) -> Iterator[tuple[Part, ...]]:
    if liberties:
        more = f" and {len(liberties) - _MUTANTS_SHOWN} more" if len(liberties) > _MUTANTS_SHOWN else ""
        yield from _labelled("silent on:", (", ".join(liberties[:_MUTANTS_SHOWN]) + more,))


def _labelled(label: str, texts: Iterable[str]) -> Iterator[tuple[Part, ...]]:
    for number, text in enumerate(texts):
        yield (("" if number else label).ljust(_LABEL_WIDTH), "dim"), (text, "")


def _judges(requirement: Requirement, suite: Path) -> list[str]:
    if requirement.monitor:
        return [f"the monitor {requirement.monitor}, over all exchanges of the run"]
    if requirement.generated_kind:
        return [f"requests drawn from the document ({requirement.generated_kind})"]
    return judging_tests(requirement.id, suite) or ["tests with scenarios of their own"]


def judging_tests(requirement_id: str, suite: Path) -> list[str]:
    """
    The tests in a folder that judge a requirement, the most specific ones first.

    These are decorated with its id (`file::test`); in others it is one of many cases (`file`).
    """
    decorated: list[str] = []
    cases: list[str] = []
    for path in sorted(suite.glob("test_*.py")):
        source = path.read_text("utf-8")
        if requirement_id in source:
            functions = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
            own = [f"{path.name}::{node.name}" for node in functions if _is_decorated(node, requirement_id)]
            decorated += own
            cases += [f"{path.name}, as one of its cases"] if not own and f'"{requirement_id}"' in source else []
    return [*decorated, *cases]


def _is_decorated(function: ast.FunctionDef, requirement_id: str) -> bool:
    constants = (node for one in function.decorator_list for node in ast.walk(one) if isinstance(node, ast.Constant))
    return any(constant.value == requirement_id for constant in constants)


@dataclass(frozen=True, slots=True)
class Known:
    """What was measured of a system's checks: that they can fail, and that they stay silent; None where it was not."""

    kills: KillMatrix | None
    tolerance: ToleranceMatrix | None


@click.command()
@click.option("--system", metavar="NAME", help="Whose requirements.")
@click.option("--spec", metavar="FILE|URL", help="OpenAPI document that implies them.")
@click.option("--conventions", metavar="FILE", help="What that document can't say (conventions.yaml).")
@_VERSIONED
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
    from conformance.tiers import tier_of

    contract, known = _contract(context, **files)
    matrix = known.kills
    if surface is not None and surface not in contract.conventions.surfaces:
        surfaces = ", ".join(contract.conventions.surfaces)
        raise click.UsageError(f"There is no surface {surface}; there are {surfaces}.", context)
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
        and tier in (None, str(tier_of(requirement, contract)))
        and (needs is None or needs in requirement.needs)
        and (requirement.provisional or not provisional)
        and not (unproved and matrix is not None and matrix.killers(requirement.id))
        and (search is None or _holds(requirement, search))
    )


@click.command()
@click.argument("requirement_id", metavar="ID")
@click.option("--system", metavar="NAME", help="Whose requirement.")
@click.option("--spec", metavar="FILE|URL", help="OpenAPI document that implies it.")
@click.option("--conventions", metavar="FILE", help="What that document can't say (conventions.yaml).")
@_VERSIONED
@click.pass_context
def explain(context: click.Context, /, requirement_id: str, **files: str | None) -> None:
    """Explain one requirement: what it says, where it is written, how it is judged, what to offer, how it fails."""
    from conformance.tiers import tier_of

    if files["spec"] is None and files["system"] is None:
        files["system"] = _named_by(requirement_id)
    contract, measured = _contract(context, **files)
    if requirement_id not in contract.registry:
        import difflib

        known = {requirement.id.casefold(): requirement.id for requirement in contract.registry}
        near = difflib.get_close_matches(requirement_id.casefold(), known, n=1)
        hint = f" Did you mean {known[near[0]]}?" if near else " `conformance requirements` lists all."
        version = contract.conventions.contract_version
        raise click.UsageError(f"There is no requirement {requirement_id} in contract {version}.{hint}", context)
    from conformance.contract.selection import external_contract_of, suite_of
    from conformance.suite import SUITE_FOLDER
    from conformance.target.remote_document import as_file

    external = external_contract_of(as_file(files["spec"]), files["conventions"], files["system"], Path.cwd())
    tests = SUITE_FOLDER / suite_of(contract.system, external)
    requirement = contract.registry[requirement_id]
    tell(explanation(requirement, tier_of(requirement, contract), measured, tests, contract))


def _named_by(requirement_id: str) -> str | None:
    """The system whose name the id of a requirement begins with; None where it begins with none."""
    from conformance.contract.files import known_systems

    prefix = requirement_id.partition("-")[0].lower()
    return next((name for name in known_systems() if name == prefix), None)


def _holds(requirement: Requirement, text: str) -> bool:
    texts = (requirement.id, requirement.title, requirement.statement)
    return any(text.casefold() in part.casefold() for part in texts)


def _contract(
    context: click.Context,
    system: str | None,
    spec: str | None,
    conventions: str | None,
    contract_version: str | None,
) -> tuple[Contract, Known]:
    """The contract that the options name, and what was measured of its checks."""
    from conformance.contract.errors import ContractError
    from conformance.contract.files import default_system, known_systems
    from conformance.contract.selection import contract_of, external_contract_of, matrix_of, tolerance_of
    from conformance.target.errors import TargetError
    from conformance.target.remote_document import as_file

    system = system or (default_system() if spec is None else None)
    if spec is None and system is None:
        raise click.UsageError(f"Say which system: --system {' | '.join(known_systems())}.", context)
    try:
        external = external_contract_of(as_file(spec), conventions, system, Path.cwd())
        contract = contract_of(system or "", external, contract_version)
        return contract, Known(matrix_of(contract.system, external), tolerance_of(contract.system, external))
    except (ContractError, TargetError) as error:
        raise click.UsageError(str(error), context) from error


@click.command()
@click.option("--system", metavar="NAME", help="Whose faults.")
@click.option("--breaks", metavar="ID", help="Only those that break this requirement.")
@click.pass_context
def faults(context: click.Context, system: str | None, breaks: str | None) -> None:
    r"""
    List the faults that `serve --fault` and `demo` can show: what each breaks, and its story.

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
    """The conventions of the system that the option names, or of the only one (raises `click.UsageError`)."""
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
    """The faults of a system (raises `click.UsageError` where it has none)."""
    from conformance.target.embedded import faults_of
    from conformance.target.errors import NoFaultsError

    try:
        return faults_of(conventions)
    except NoFaultsError as error:
        raise click.UsageError(str(error), context) from error
