"""Every mutant is killed: the requirement that it breaks fails, and nothing else but what its declaration names."""

from __future__ import annotations

import os
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING

import pytest

from conformance.mutants.laboratory import carry_out
from conformance.mutants.trials import trials_of
from tests.mutants.catalogues import SYSTEMS, catalogue
from tests.mutants.shares import share_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conformance.mutants.base import Mutant
    from conformance.mutants.trials import Trials

# Names a share of the mutants (3/8: every eighth), because all of them take minutes.
SHARE = os.environ.get("CONFORMANCE_MUTANTS", "")


MUTANTS = [pytest.param(system, mutant, id=mutant.id) for system in SYSTEMS for mutant in catalogue(system).values()]


@pytest.fixture(scope="session")
def trials() -> Iterator[Callable[[str], Trials]]:
    """The trials of a system, prepared when the first mutant of it is tried."""
    with ExitStack() as prepared:
        yield cache(lambda system: prepared.enter_context(trials_of(system, reported=True)))


@pytest.mark.parametrize("system, mutant", share_of(MUTANTS, SHARE))
def test_a_mutant_fails_the_requirement_that_it_breaks_and_no_other(
    system: str, mutant: Mutant, tmp_path: Path, trials: Callable[[str], Trials]
) -> None:
    verdicts = carry_out(trials(system).of_mutant(mutant, tmp_path)).verdicts

    assert [name for name, verdict in verdicts.items() if verdict == "error"] == []
    assert {name for name, verdict in verdicts.items() if verdict == "fail"} == {mutant.breaks, *mutant.consequences}
