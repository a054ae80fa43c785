"""Surfaces are named by the conventions of a system, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.contract.contract import check_surfaces, load_contract
from conformance.contract.errors import InvalidContractError
from conformance.contract.files import known_systems

FILE = Path("requirements.yaml")


@pytest.mark.parametrize("system", known_systems())
def test_a_requirement_of_a_surface_that_the_conventions_do_not_name_is_refused(system: str) -> None:
    contract = load_contract(system)
    first, *others = contract.registry
    astray = replace(first, surface="nowhere")

    with pytest.raises(InvalidContractError, match=rf"requirements\.yaml: {first.id} is of the surface 'nowhere'"):
        check_surfaces([*others, astray], contract.conventions, FILE)


@pytest.mark.parametrize("system", known_systems())
def test_a_system_may_name_any_surface(system: str) -> None:
    contract = load_contract(system)
    renamed = [replace(entry, surface="speech") for entry in contract.registry]

    check_surfaces(renamed, replace(contract.conventions, surfaces=("speech",)), FILE)
