"""Other seeds, each with the liberties that it draws: what counts as an alarm, and what as unsteady."""

from __future__ import annotations

from conformance.contract.liberties import load_liberties
from conformance.liberties.combining import draw_combinations
from conformance.liberties.seeds import LIBERTIES, Pair, complaints_about

NAMES = ("one", "two", "three")


def test_two_runs_that_judge_the_same_and_raise_no_alarm_are_in_order() -> None:
    verdicts = {"A": "pass", "B": "inconclusive"}

    assert list(complaints_about(Pair(7, NAMES, verdicts, dict(verdicts)))) == []


def test_a_failure_in_either_run_is_an_alarm() -> None:
    pair = Pair(7, NAMES, {"A": "pass", "B": "error"}, {"A": "fail", "B": "error"})

    assert list(complaints_about(pair)) == ["A false alarm with seed 7 (one + two + three): A fail, B error."]


def test_what_one_seed_judges_and_another_does_not_is_unsteady() -> None:
    pair = Pair(7, NAMES, {"A": "pass", "B": "pass"}, {"A": "pass", "B": "inconclusive"})

    assert list(complaints_about(pair)) == ["Judged with one of two seeds only with seed 7 (one + two + three): B."]


def test_each_seed_draws_liberties_of_its_own() -> None:
    drawn = {
        draw_combinations(load_liberties("beatra"), count=1, each=LIBERTIES, seed=seed)[0] for seed in range(1, 51)
    }

    assert len(drawn) == 50
    assert {len(names) for names in drawn} == {LIBERTIES}
