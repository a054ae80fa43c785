"""The requirements that follow from a document, operation by operation."""

from __future__ import annotations

from itertools import product

import pytest

from conformance.contract.contract import load_contract
from conformance.contract.errors import InvalidContractError
from conformance.contract.files import known_systems
from conformance.contract.requirements import DERIVED_KINDS, Registry, derive_requirements, derived_id


@pytest.mark.parametrize("system", known_systems())
def test_ids_are_unique_over_all_operations_and_kinds(system: str) -> None:
    pairs = list(product(load_contract(system).document.operations, DERIVED_KINDS))

    assert len({derived_id(system, operation, kind) for operation, kind in pairs}) == len(pairs)


@pytest.mark.parametrize("system", known_systems())
def test_every_derived_requirement_is_in_the_registry_under_its_own_id(system: str) -> None:
    contract = load_contract(system)
    derived = derive_requirements(contract.document, contract.conventions)

    assert derived
    for requirement in derived:
        assert requirement.operation is not None
        assert requirement.generated_kind is not None
        assert requirement.id == derived_id(system, requirement.operation, requirement.generated_kind)
        assert contract.registry[requirement.id] == requirement


@pytest.mark.parametrize("system", known_systems())
def test_a_kind_is_derived_only_where_the_document_can_be_judged_by_it(system: str) -> None:
    contract = load_contract(system)
    operations = contract.document.operations
    for requirement in derive_requirements(contract.document, contract.conventions):
        operation = operations[requirement.operation or ""]
        judgeable = {
            "accepts": operation.certain,
            "refuses": bool(operation.body),
            "credentials": operation.secured,
            "conforms": True,
        }
        assert judgeable[requirement.generated_kind or ""]


def test_two_requirements_of_one_id_are_no_registry() -> None:
    first = next(iter(load_contract("beatra").registry))

    with pytest.raises(InvalidContractError, match=f"must be unique, but these are not: {first.id}"):
        Registry((first, first))
