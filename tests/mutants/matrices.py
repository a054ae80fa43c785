"""Small kill matrices with sensible values where a test does not care."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.contract.matrices import KillMatrix, ProvableRequirement, ProvedMutant, ProvedReference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def mutant(
    name: str,
    breaks: str = "ACME-1",
    failed: Iterable[str] | None = None,
    *,
    drawn: Iterable[str] = (),
    consequences: Mapping[str, str] | None = None,
    story: str = "Somebody forgot it.",
) -> ProvedMutant:
    return ProvedMutant(
        id=name,
        system="acme",
        breaks=breaks,
        story=story,
        failed=frozenset([breaks] if failed is None else failed),
        failed_by_document=frozenset(drawn),
        consequences=consequences or {},
    )


def matrix(
    *mutants: ProvedMutant, requirements: Iterable[str] = ("ACME-1",), failing: Iterable[str] = ()
) -> KillMatrix:
    return KillMatrix(
        requirements=tuple(ProvableRequirement(name, "acme", "MUST") for name in requirements),
        mutants=mutants,
        references=(ProvedReference("acme", frozenset(failing), frozenset()),),
    )
