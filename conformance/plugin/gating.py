"""What was asked for about the gate: what is forgiven, what is judged at all, and how much of it must be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.target.errors import UnknownSurfaceError
from conformance.verdicts.expectations import check_unique, read_expectations
from conformance.verdicts.gate import LEVELS, Gate, parse_levels, parse_minimum

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    import pytest

    from conformance.contract.conventions import Conventions
    from conformance.verdicts.expectations import Expectation

_FILES: Final = {"conformance_expected_failures": False, "conformance_known_flaky": True}


def gate_of(config: pytest.Config, today: date) -> Gate:
    """
    The gate that the options describe.

    Raises:
        GateError: one of them can't be used.
    """
    option = config.getoption
    levels, minimum = option("conformance_levels"), option("conformance_minimum_judged")
    return Gate(
        expectations=_expectations(config),
        levels=LEVELS if levels is None else parse_levels(levels, strict=option("conformance_strict")),
        minimum=None if minimum is None else parse_minimum(minimum),
        today=today,
    )


def surfaces_of(where: str, given: Iterable[str], conventions: Conventions) -> tuple[str, ...]:
    """
    The surfaces that were named somewhere, each once.

    Raises:
        UnknownSurfaceError: the system has no surface of that name.
    """
    named = tuple(dict.fromkeys(name.strip() for name in given))
    unknown = next((name for name in named if name not in conventions.surfaces), None)
    if unknown is not None:
        known = ", ".join(conventions.surfaces)
        raise UnknownSurfaceError(f"{where}: {conventions.title} has no surface {unknown!r}; it has {known}.")
    return named


def excuse(report: pytest.TestReport, requirements: Collection[str], gate: Gate) -> None:
    """Let pytest count a failure of these requirements as expected, where every one of them is forgiven."""
    reasons = [gate.excuse_of(requirement) for requirement in requirements]
    if report.failed and report.when == "call" and reasons and all(reasons):
        report.outcome, report.wasxfail = "skipped", "; ".join(filter(None, reasons))


def _expectations(config: pytest.Config) -> tuple[Expectation, ...]:
    folder = config.invocation_params.dir
    given = {name: config.getoption(name) for name in _FILES}
    found = tuple(
        expectation
        for name, file in given.items()
        if file is not None
        for expectation in read_expectations(folder / Path(file), flaky=_FILES[name])
    )
    check_unique(found, " and ".join(str(file) for file in given.values() if file is not None))
    return found
