"""The gate that the options ask for: expected failures, the levels that are judged, and how much must be judged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conformance.target.errors import UnknownSurfaceError
from conformance.verdicts.expectations import check_unique, read_expectations
from conformance.verdicts.gate import LEVELS, Gate, parse_levels, parse_minimum

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    import pytest

    from conformance.contract.conventions import Conventions
    from conformance.target.options import Options
    from conformance.verdicts.expectations import Expectation


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


def excuse(report: pytest.TestReport, requirements: Collection[str], gate: Gate) -> None:
    """Let pytest count a failure of these requirements as expected, where the gate excuses every one of them."""
    reasons = [gate.excuse_of(requirement) for requirement in requirements]
    if report.failed and report.when == "call" and reasons and all(reasons):
        report.outcome, report.wasxfail = "skipped", "; ".join(filter(None, reasons))


def _expectations(options: Options) -> tuple[Expectation, ...]:
    given = {options.expected_failures: False, options.known_flaky: True}
    files = {Path(file): flaky for file, flaky in given.items() if file is not None}
    if options.expected_failures is not None and options.expected_failures == options.known_flaky:
        files[Path(options.expected_failures)] = False
    found = tuple(expectation for file, flaky in files.items() for expectation in read_expectations(file, flaky=flaky))
    check_unique(found, " and ".join(map(str, files)))
    return found
