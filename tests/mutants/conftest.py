from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from conformance.contract.contract import load_contract
from mechanical_mutants.choosing import all_mutants
from tests.sharing import shared_folder

if TYPE_CHECKING:
    from mechanical_mutants.making import MechanicalMutant


@pytest.fixture(scope="session")
def of_the_reference() -> list[MechanicalMutant]:
    """All mechanical mutants of the reference: they take seconds, so one worker makes them for all."""
    kept = shared_folder("mechanical-mutants") / "all"
    with FileLock(kept.with_suffix(".lock")):
        if not kept.exists():
            made = list(all_mutants(load_contract("beatra").conventions))
            kept.write_bytes(pickle.dumps(made))
            return made
        found: list[MechanicalMutant] = pickle.loads(kept.read_bytes())  # noqa: S301 - by a worker of this very run
        return found
