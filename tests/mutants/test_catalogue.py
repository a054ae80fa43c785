from __future__ import annotations

import pkgutil
from collections import Counter
from importlib import import_module

import pytest

from conformance.contract.contract import load_contract
from conformance.contract.versions import NEXT
from tests.mutants.catalogues import CATALOGUES

pytestmark = pytest.mark.parametrize("system", CATALOGUES)


def written(system: str) -> list[str]:
    """The ids of the mutants in all modules, listed or not."""
    embedded = load_contract(system).conventions.embedded
    assert embedded is not None
    package = import_module(str(embedded.mutants))
    modules = [import_module(f"{package.__name__}.{module.name}") for module in pkgutil.iter_modules(package.__path__)]
    lists = [module.MUTANTS for module in modules if isinstance(getattr(module, "MUTANTS", None), tuple)]
    return [mutant.id for mutants in lists for mutant in mutants]


def test_every_requirement_is_broken_by_a_mutant(system: str) -> None:
    broken = {mutant.breaks for mutant in CATALOGUES[system].values()}
    missing = [requirement.id for requirement in load_contract(system, NEXT).registry if requirement.id not in broken]

    advice = "Write a mutant in conformance/mutants/<system>/<subject>.py that breaks each of these and nothing else"
    assert not missing, f"{advice}: {', '.join(missing)}"


def test_every_mutant_that_is_written_is_in_the_catalogue(system: str) -> None:
    assert sorted(written(system)) == sorted(CATALOGUES[system])


def test_no_two_mutants_have_the_same_id(system: str) -> None:
    assert [name for name, count in Counter(written(system)).items() if count > 1] == []


def test_mutants_break_requirements_that_exist(system: str) -> None:
    registry = load_contract(system, NEXT).registry
    named = {name for mutant in CATALOGUES[system].values() for name in (mutant.breaks, *mutant.consequences)}

    assert sorted(name for name in named if name not in registry) == []


def test_the_fault_that_is_shown_first_exists(system: str) -> None:
    embedded = load_contract(system).conventions.embedded

    assert embedded is not None
    assert embedded.demo in CATALOGUES[system]
