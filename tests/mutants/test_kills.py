"""Every mutant is killed: the requirement that it breaks fails, and nothing else but what its declaration names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from conformance.mutants.beatra.catalogue import MUTANTS
from conformance.mutants.laboratory import carry_out
from conformance.mutants.shares import share_of
from conformance.mutants.trials import trials_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conformance.mutants.base import Mutant
    from conformance.mutants.trials import Trials

# Names a share of the mutants (3/8: every eighth), because all of them take minutes.
SHARE = os.environ.get("CONFORMANCE_MUTANTS", "")


@pytest.fixture(scope="session")
def trials() -> Iterator[Trials]:
    with trials_of("beatra", reported=True) as prepared:
        yield prepared


@pytest.mark.parametrize("mutant", share_of(list(MUTANTS.values()), SHARE), ids=lambda m: m.id)
def test_a_mutant_fails_the_requirement_that_it_breaks_and_no_other(
    mutant: Mutant, tmp_path: Path, trials: Trials
) -> None:
    verdicts = carry_out(trials.of_mutant(mutant, tmp_path)).verdicts

    assert [name for name, verdict in verdicts.items() if verdict == "error"] == []
    assert {name for name, verdict in verdicts.items() if verdict == "fail"} == {mutant.breaks, *mutant.consequences}
