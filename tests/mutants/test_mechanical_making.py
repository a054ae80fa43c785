from __future__ import annotations

from collections import Counter

import pytest

from mechanical_mutants.choosing import chosen
from mechanical_mutants.making import MechanicalMutant, mutants_of

SOURCE = '''
"""What a module says about itself."""

LIMIT: int = 20


def is_over(amount: int | None, kind: str = "usual") -> bool:
    """Whether it is too much."""
    allowed = LIMIT if kind == "usual" else LIMIT * 2
    return bool(
        amount is not None
        and amount > allowed
    )


def is_under(amount: int) -> bool:
    return amount > LIMIT
'''


@pytest.fixture(scope="module")
def made() -> list[MechanicalMutant]:
    return list(mutants_of("shop.limits", SOURCE))


def change(made: list[MechanicalMutant], operator: str, line: str) -> list[str]:
    return [each.becomes for each in made if (each.place.operator, each.place.line) == (operator, line)]


def test_a_constant_of_the_module_is_changed(made: list[MechanicalMutant]) -> None:
    assert change(made, "number", "LIMIT: int = 20") == ["LIMIT: int = 21"]


def test_a_comparison_is_changed_on_its_own_line_of_a_longer_statement(made: list[MechanicalMutant]) -> None:
    assert change(made, "swap_op", "and amount > allowed") == ["and amount >= allowed"]


def test_nothing_but_the_named_line_is_changed(made: list[MechanicalMutant]) -> None:
    (one,) = (each for each in made if each.becomes == "and amount >= allowed")

    assert one.source.split() == SOURCE.replace("> allowed", ">= allowed").split()


def test_what_runs_nowhere_is_left_alone(made: list[MechanicalMutant]) -> None:
    assert not [each for each in made if each.place.line.startswith(('"""', "def "))] or [
        each.becomes for each in made if each.place.line.startswith("def ")
    ] == [
        'def is_over(amount: int | None, kind: str = "XXusualXX") -> bool:',
        'def is_over(amount: int | None, kind: str = "USUAL") -> bool:',
    ]


def test_every_mutant_can_be_compiled_and_is_another(made: list[MechanicalMutant]) -> None:
    for each in made:
        compile(each.source, "mutated.py", "exec")

    assert len({each.source for each in made} | {SOURCE}) == len(made) + 1


def test_a_place_names_one_mutant_also_after_lines_were_added(made: list[MechanicalMutant]) -> None:
    later = list(mutants_of("shop.limits", f"import shop\n\n\ndef other() -> None:\n    shop.close()\n{SOURCE}"))
    known = {each.place: each.becomes for each in later}

    assert len({each.place for each in made}) == len(made)
    assert {each.place: known[each.place] for each in made} == {each.place: each.becomes for each in made}


def test_the_choice_is_the_same_for_the_same_seed(of_the_reference: list[MechanicalMutant]) -> None:
    assert chosen(of_the_reference, 50, seed=3) == chosen(of_the_reference[::-1], 50, seed=3)
    assert chosen(of_the_reference, 50, seed=3) != chosen(of_the_reference, 50, seed=4)


def test_a_larger_choice_contains_the_smaller_one(of_the_reference: list[MechanicalMutant]) -> None:
    assert {each.place for each in chosen(of_the_reference, 50, 1)} < {
        each.place for each in chosen(of_the_reference, 60, 1)
    }


def test_every_module_and_every_kind_of_change_has_its_share(of_the_reference: list[MechanicalMutant]) -> None:
    choice = chosen(of_the_reference, 300, 1)
    modules = Counter(each.place.module for each in choice)

    assert set(modules) == {each.place.module for each in of_the_reference}
    assert {each.place.operator for each in choice} == {each.place.operator for each in of_the_reference}
    assert max(modules.values()) <= 30
