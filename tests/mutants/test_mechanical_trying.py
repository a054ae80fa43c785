"""The suite finds a changed module, and only that one is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mechanical_mutants.trying import Outcome, try_all

if TYPE_CHECKING:
    from mechanical_mutants.making import MechanicalMutant
    from mechanical_mutants.trying import Tried

ACCEPTED = "_ACCEPTED = 203"
LOGGED = '_logger.info("A CLIENT WENT AWAY BEFORE ITS REQUEST WAS READ.")'
UNMADE = "keys = None"
SHUT = "if caller is not None:"


@pytest.fixture(scope="module")
def tried(of_the_reference: list[MechanicalMutant]) -> dict[str, Tried]:
    wanted = [mutant for mutant in of_the_reference if mutant.becomes in {ACCEPTED, LOGGED, UNMADE, SHUT}]
    return {row.becomes: row for row in try_all("beatra", wanted, processes=1)}


def test_a_mutant_that_breaks_a_rule_is_killed_by_what_it_breaks(tried: dict[str, Tried]) -> None:
    assert tried[ACCEPTED].outcome is Outcome.KILLED
    assert set(tried[ACCEPTED].failed) == {"BEATRA-STATUS-01", "BEATRA-STATUS-02"}


def test_a_mutant_that_changes_no_answer_survives(tried: dict[str, Tried]) -> None:
    assert (tried[LOGGED].outcome, tried[LOGGED].failed, tried[LOGGED].unjudged) == (Outcome.SURVIVED, (), 0)


@pytest.mark.parametrize("change", [UNMADE, SHUT], ids=["does not open accounts", "refuses every key"])
def test_a_mutant_that_nobody_can_use_is_no_merit_of_the_suite(tried: dict[str, Tried], change: str) -> None:
    assert (tried[change].outcome, tried[change].failed) == (Outcome.DEAD, ())
