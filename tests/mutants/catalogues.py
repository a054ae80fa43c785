"""The catalogues of all systems that come with mutants."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, cast

from conformance.contract.contract import embedded_systems, load_contract
from conformance.target.faults import faults_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.mutants.base import Mutant


def catalogue(system: str) -> Mapping[str, Mutant]:
    """The mutants of one system, by id."""
    return cast("Mapping[str, Mutant]", faults_of(load_contract(system).conventions).by_id)


SYSTEMS: Final = tuple(
    system
    for system in embedded_systems()
    if (embedded := load_contract(system).conventions.embedded) is not None
    and embedded.mutants is not None
    and find_spec(embedded.mutants) is not None
)
