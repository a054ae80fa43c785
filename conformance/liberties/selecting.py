"""Which tests come near a liberty: a run of these alone costs a part of a whole one, and monitors judge besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.contract.contract import load_contract
from conformance.suite.tiers import judged_by, written_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

# What makes more traffic for monitors, where there are such tests: songs from their creation to their end.
_USUAL: Final = "test_songs"


def selection_near(system: str, requirements: Collection[str]) -> str:
    """
    The tests that judge some requirements, in the words of pytest's `-k`; empty, which means all, for all of them.

    What monitors judge needs no test of its own; where they alone judge, all tests make traffic for them.
    """
    registry = load_contract(system).registry
    if len(requirements) == len(registry):
        return ""
    near = dict.fromkeys(_near(system, requirements))
    return " or ".join([_USUAL, *near]) if near else ""


def _near(system: str, requirements: Collection[str]) -> Iterator[str]:
    for test, marks in written_for(system):
        if any(name in requirements for name in judged_by(marks)):
            yield test.__name__
    registry = load_contract(system).registry
    drawn = [registry[name] for name in requirements if registry[name].generated_kind is not None]
    yield from sorted(f"(test_generated and {requirement.operation})" for requirement in drawn)
