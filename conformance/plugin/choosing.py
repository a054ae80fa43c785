"""Which operations a run is about, as `--include` and `--exclude` name them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from conformance.plugin.errors import UnknownOperationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.target.options import Options


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
