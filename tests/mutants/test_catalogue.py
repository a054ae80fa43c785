from __future__ import annotations

import pkgutil
from collections import Counter
from importlib import import_module

from conformance.contract.contract import load_contract
from conformance.mutants import beatra
from conformance.mutants.beatra.catalogue import MUTANTS

REGISTRY = load_contract("beatra").registry


def written() -> list[str]:
    """The ids of the mutants in all modules, listed or not."""
    modules = [import_module(f"{beatra.__name__}.{module.name}") for module in pkgutil.iter_modules(beatra.__path__)]
    lists = [module.MUTANTS for module in modules if isinstance(getattr(module, "MUTANTS", None), tuple)]
    return [mutant.id for mutants in lists for mutant in mutants]


def test_every_requirement_is_broken_by_a_mutant() -> None:
    broken = {mutant.breaks for mutant in MUTANTS.values()}
    missing = [requirement.id for requirement in REGISTRY if requirement.id not in broken]

    advice = "Write a mutant in conformance/mutants/<system>/<subject>.py that breaks each of these and nothing else"
    assert not missing, f"{advice}: {', '.join(missing)}"


def test_every_mutant_that_is_written_is_in_the_catalogue() -> None:
    assert sorted(written()) == sorted(MUTANTS)


def test_no_two_mutants_have_the_same_id() -> None:
    assert [name for name, count in Counter(written()).items() if count > 1] == []


def test_mutants_break_requirements_that_exist() -> None:
    named = {name for mutant in MUTANTS.values() for name in (mutant.breaks, *mutant.consequences)}

    assert sorted(name for name in named if name not in REGISTRY) == []


def test_the_fault_that_is_shown_first_exists() -> None:
    embedded = load_contract("beatra").conventions.embedded

    assert embedded is not None
    assert embedded.demo in MUTANTS
