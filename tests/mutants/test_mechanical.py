"""The committed results of mechanical mutants: enough of them, of the present source, and every survivor looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.mutants.publishing import documentation_folder
from mechanical_mutants.choosing import CHOSEN, SEED, chosen
from mechanical_mutants.classes import SurvivorClass, read_judgements, without_class, without_survivor
from mechanical_mutants.outcome_files import PAGE, RESULTS, SURVIVORS
from mechanical_mutants.publishing import as_page, rates_of
from mechanical_mutants.results import as_text, read_results

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mechanical_mutants.classes import Judgement
    from mechanical_mutants.making import MechanicalMutant, Place
    from mechanical_mutants.results import Results

FOLDER = documentation_folder()
WRITE_IT = "Run `make mutate` (it tries only what has no result) and commit what it writes"


@pytest.fixture(scope="module")
def results() -> Results:
    found = read_results(FOLDER / RESULTS)
    assert found is not None, f"docs/{RESULTS} is missing. {WRITE_IT}."
    return found


@pytest.fixture(scope="module")
def judgements() -> Mapping[Place, Judgement]:
    return read_judgements(FOLDER / SURVIVORS)


def test_at_least_three_hundred_were_tried(results: Results) -> None:
    assert len(results.rows) >= 300


def test_they_are_those_that_are_chosen_from_the_present_source(
    results: Results, of_the_reference: list[MechanicalMutant]
) -> None:
    choice = chosen(of_the_reference, CHOSEN, SEED)
    tried = {row.place: row.becomes for row in results.rows}
    wanted = {mutant.place: mutant.becomes for mutant in choice}

    changed = sorted({place.module for place, _ in tried.items() ^ wanted.items()})
    assert not changed, f"The results are not those of {', '.join(changed)} as it is now. {WRITE_IT}."


def test_every_survivor_has_a_class(results: Results, judgements: Mapping[Place, Judgement]) -> None:
    unclassed = [f"{row.place.id} ({row.place.line} => {row.becomes})" for row in without_class(results, judgements)]

    advice = f"Say in docs/{SURVIVORS} why (`make mutate MUTATE_ARGS=--unclassed` prints the entries)"
    assert not unclassed, f"{advice}: {'; '.join(unclassed)}"


def test_every_class_is_that_of_a_survivor(results: Results, judgements: Mapping[Place, Judgement]) -> None:
    assert without_survivor(results, judgements) == ()


def test_every_class_has_its_reason(judgements: Mapping[Place, Judgement]) -> None:
    assert [place for place, judgement in judgements.items() if len(judgement.because.split()) < 4] == []


def test_no_hole_is_left_open(judgements: Mapping[Place, Judgement]) -> None:
    assert [place for place, judgement in judgements.items() if judgement.survivor_class is SurvivorClass.HOLE] == []


def test_nine_of_ten_observable_ones_are_killed(results: Results, judgements: Mapping[Place, Judgement]) -> None:
    assert rates_of(results, judgements).observable >= 0.9


def test_what_is_written_is_nothing_but_what_follows_from_it(
    results: Results, judgements: Mapping[Place, Judgement]
) -> None:
    assert (FOLDER / RESULTS).read_text("utf-8") == as_text(results), f"docs/{RESULTS} was edited. {WRITE_IT}."
    assert (FOLDER / PAGE).read_text("utf-8") == as_page(results, judgements), f"docs/{PAGE} is stale. {WRITE_IT}."
