"""Which tests come near a liberty: a run of these alone costs a part of a whole one, and monitors judge besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.contract.contract import load_contract
from conformance.suite.tiers import judged_by, written_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def selection_near(system: str, requirements: Collection[str]) -> str:
    """
    The tests that judge some requirements, in the words of pytest's `-k`; empty, which means all, for all of them.

    Tests of the first operations are always among them: they make traffic for monitors, and are judged also where a
    server does without all that the liberty touches.
    """
    registry = load_contract(system).registry
    if len(requirements) == len(registry):
        return ""
    return " or ".join(dict.fromkeys([_usual(system), *_near(system, requirements)]))


def _usual(system: str) -> str:
    """The module with the tests of the first requirement that has some, among those of the first operations."""
    contract = load_contract(system)
    served = {operation.surface for operation in contract.document.operations.values()}
    surface = next(name for name in contract.conventions.surfaces if name in served)
    wanted = [requirement.id for requirement in contract.registry if requirement.surface == surface]
    owners = {name: test.__module__ for test, marks in reversed([*written_for(system)]) for name in judged_by(marks)}
    return next(owners[name] for name in wanted if name in owners).rpartition(".")[2]


def _near(system: str, requirements: Collection[str]) -> Iterator[str]:
    for test, marks in written_for(system):
        if any(name in requirements for name in judged_by(marks)):
            yield test.__name__
    registry = load_contract(system).registry
    drawn = [registry[name] for name in requirements if registry[name].generated_kind is not None]
    yield from sorted(f"(test_generated and {requirement.operation})" for requirement in drawn)
