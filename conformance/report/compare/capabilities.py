"""What runs of different systems share: capabilities, by the requirements that judge them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.contract.contract import load_contract
from conformance.contract.files import known_systems
from conformance.report.compare.difference import check_comparable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.report.compare.read import PastRun


def capabilities_of(runs: Sequence[PastRun]) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """
    The capabilities of each system that there are runs of, with the ids of their requirements.

    Raises:
        IncomparableRunsError: a system is unknown here, or its conventions name no capabilities.
    """
    systems = dict.fromkeys(run.system for run in runs)
    named = {name: load_contract(name).conventions.capabilities for name in systems if name in known_systems()}
    if len(named) < len(systems) or not all(named.values()):
        check_comparable(runs)
    return named
