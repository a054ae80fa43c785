"""The mutants of all systems that come with some."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, cast

from conformance.contract.contract import load_contract
from conformance.contract.files import known_systems
from conformance.target.embedded import faults_of
from conformance.target.errors import NoFaultsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.mutants.base import Mutant


def _catalogues() -> Iterator[tuple[str, Mapping[str, Mutant]]]:
    for system in known_systems():
        with suppress(NoFaultsError):
            faults = faults_of(load_contract(system).conventions)
            yield system, cast("Mapping[str, Mutant]", faults.by_id)


CATALOGUES: Mapping[str, Mapping[str, Mutant]] = dict(_catalogues())
"""By system, and there by id."""
