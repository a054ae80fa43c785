"""What a run judges: which operations it is about, what is forgiven, how much must be judged, what is only observed."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.contract.security import places_in
from conformance.plugin.errors import UnknownOperationError, UnknownRequirementError, UnknownSchemeError
from conformance.plugin.outcomes import requirement_ids
from conformance.suite.quote import is_provisional
from conformance.suite.scenarios import SCENARIOS, package_of
from conformance.target.errors import UnknownSurfaceError
from conformance.target.headers import split_pairs
from conformance.verdicts.compile import provisional_in
from conformance.verdicts.expectations import check_unique, read_expectations
from conformance.verdicts.gate import LEVELS, Gate, parse_levels, parse_minimum

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    import pytest

    from conformance.contract.contract import Contract
    from conformance.contract.conventions import Conventions
    from conformance.contract.document import Operation
    from conformance.plugin.settings import RunSettings
    from conformance.target.options import Options
    from conformance.verdicts.expectations import Expectation


_DRAWN: Final = "unusual_requests"


def chosen_requirements(options: Options, contract: Contract) -> tuple[str, ...]:
    """
    The requirements that are asked for: those of `--only`, of operations that are included and not excluded.

    What belongs to no operation is judged over all traffic, so it stays. Empty where everything is asked for.

    Raises:
        UnknownOperationError: a pattern fits no operation.
    """
    if not options.include and not options.exclude:
        return options.only
    for option, patterns in (("--include", options.include), ("--exclude", options.exclude)):
        _check(option, patterns, contract)
    without = left_out(options, contract)
    asked = (r.id for r in contract.registry if r.operation is None or r.operation not in without)
    return tuple(name for name in asked if not options.only or name in options.only)


def left_out(options: Options, contract: Contract) -> frozenset[str]:
    """The operations that nothing is asked of for their own sake."""
    return frozenset(
        operation.id
        for operation in contract.document.operations.values()
        if (options.include and not _fits(operation, options.include)) or _fits(operation, options.exclude)
    )


def _fits(operation: Operation, patterns: Sequence[str]) -> bool:
    return any(_is_named(operation, pattern) for pattern in patterns)


def _is_named(operation: Operation, pattern: str) -> bool:
    """Whether a pattern names an operation: by its id, its tag, its method, its path, or method and path."""
    exact = pattern in (operation.id, operation.surface) or pattern.upper() == operation.method
    return exact or any(fnmatchcase(text, pattern) for text in (operation.path, operation.location))


def _check(option: str, patterns: Sequence[str], contract: Contract) -> None:
    for pattern in patterns:
        if not any(_is_named(operation, pattern) for operation in contract.document.operations.values()):
            raise UnknownOperationError(
                f"{option}: no operation of {contract.document.name} has the id, tag, method or path {pattern!r:.60}."
            )


def gate_of(options: Options, today: date) -> Gate:
    """
    The gate that is asked for.

    Raises:
        GateError: a file of expectations, a level or the minimum can't be used.
    """
    return Gate(
        expectations=_expectations(options),
        levels=parse_levels(",".join(options.levels), strict=options.strict) if options.levels else LEVELS,
        minimum=None if options.minimum_judged is None else parse_minimum(options.minimum_judged),
        today=today,
    )


def check_surfaces(where: str, named: tuple[str, ...], conventions: Conventions) -> None:
    """
    Refuse surfaces that the system does not have; `where` names the option or file that states them.

    Raises:
        UnknownSurfaceError: the system has no surface of that name.
    """
    unknown = next((name for name in named if name not in conventions.surfaces), None)
    if unknown is not None:
        known = ", ".join(conventions.surfaces)
        raise UnknownSurfaceError(f"{where}: {conventions.title} has no surface {unknown!r:.40}; it has {known}.")


def check_requirements(named: tuple[str, ...], contract: Contract) -> None:
    """
    Refuse ids of requirements that do not exist.

    Raises:
        UnknownRequirementError: there is none of that id; the message names the nearest.
    """
    unknown = next((name for name in named if name not in contract.registry), None)
    if unknown is not None:
        near = get_close_matches(unknown.upper(), [one.id for one in contract.registry], n=1)
        hint = f"; the nearest is {near[0]}" if near else ""
        sentence = f"--only: {contract.conventions.title} has no requirement {unknown!r:.60}{hint}."
        raise UnknownRequirementError(sentence)


def check_schemes(named: tuple[str, ...], contract: Contract) -> None:
    """
    Refuse keys of security schemes that the document does not have.

    Raises:
        UnknownSchemeError: there is no scheme of that name that takes a key.
    """
    known = places_in(contract.document)
    unknown = next((scheme for scheme, _ in split_pairs(named, "=") if scheme not in known), None)
    if unknown is not None:
        names = f"it has {', '.join(known)}" if known else "it has none"
        sentence = f"--key: {contract.document.name} has no security scheme {unknown!r:.60} that takes a key; {names}."
        raise UnknownSchemeError(sentence)


def excuse(report: pytest.TestReport, requirements: Collection[str], gate: Gate) -> None:
    """Let pytest count a failure of these requirements as expected, where the gate excuses every one of them."""
    reasons = [gate.excuse_of(requirement) for requirement in requirements]
    if report.failed and report.when == "call" and reasons and all(reasons):
        report.outcome, report.wasxfail = "skipped", "; ".join(filter(None, reasons))


def _expectations(options: Options) -> tuple[Expectation, ...]:
    given = ((options.expected_failures, False), (options.known_flaky, True))
    files = [(Path(file), flaky) for file, flaky in given if file is not None]
    found = tuple(expectation for file, flaky in files for expectation in read_expectations(file, flaky=flaky))
    check_unique(found, " and ".join(dict.fromkeys(str(file) for file, _ in files)))
    return found


def observed_only(settings: RunSettings, contract: Contract) -> frozenset[str]:
    """The requirements on which a run records observations only, without a verdict."""
    provisional = frozenset[str]() if settings.provisional else provisional_in(contract.registry)
    return provisional | contract.coming


def is_only_provisional(item: pytest.Item, contract: Contract) -> bool:
    """Whether a test needs requests that may cost and that are sent for provisional rules only."""
    ids = [name for name in requirement_ids(item, contract) if name in contract.registry]
    if not all(contract.registry[name].provisional for name in ids):
        return False
    names = getattr(item, "fixturenames", ())
    function = getattr(item, "function", None)
    beside = SCENARIOS[package_of(function)].values() if function is not None else ()
    if any(known.provisional for known in beside if known.fixture in names):
        return True
    drawn_for = [contract.registry[name].operation for name in ids] if _DRAWN in names else []
    operations = [contract.document.operations[name] for name in drawn_for if name is not None]
    return any(is_provisional(contract, operation, "invalid") for operation in operations)
