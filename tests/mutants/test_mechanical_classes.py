from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from mechanical_mutants.classes import (
    BadClassError,
    as_entries,
    read_judgements,
    without_class,
    without_survivor,
)
from mechanical_mutants.making import Place
from mechanical_mutants.publishing import as_page, headline, rates_of
from mechanical_mutants.results import as_text, read_results, results_of
from mechanical_mutants.trying import Outcome, Tried

if TYPE_CHECKING:
    from pathlib import Path

    from mechanical_mutants.results import Results


def row(name: str, outcome: Outcome, failed: tuple[str, ...] = ()) -> Tried:
    return Tried(Place("shop.reference.tills", f"{name} = 1", "number", 1), f"{name} = 2", outcome, failed)


KILLED = row("price", Outcome.KILLED, ("SHOP-PRICE",))
DEAD = row("port", Outcome.DEAD)
QUIET = row("colour", Outcome.SURVIVED)
LOUD = row("change", Outcome.SURVIVED)
RESULTS = results_of("3.0", (KILLED, DEAD, QUIET, LOUD))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "survivors.yaml"


def classify(file: Path, tried: Tried, survivor_class: str, **other: object) -> None:
    (entry,) = yaml.safe_load(as_entries((tried,)))
    entry |= {"class": survivor_class, "because": "Nobody sees it.", **other}
    earlier = yaml.safe_load(file.read_text("utf-8")) if file.exists() else []
    file.write_text(yaml.safe_dump([*earlier, entry]), "utf-8")


def test_a_survivor_that_nobody_looked_at_is_named(file: Path) -> None:
    classify(file, QUIET, "not observable")

    assert without_class(RESULTS, read_judgements(file)) == (LOUD,)


def test_a_class_is_for_one_change_and_not_for_what_else_becomes_of_the_line(file: Path) -> None:
    classify(file, QUIET, "equivalent", becomes="colour = 0")
    judgements = read_judgements(file)

    assert without_class(RESULTS, judgements) == (LOUD, QUIET)
    assert without_survivor(RESULTS, judgements) == (QUIET.place,)


def test_a_class_of_what_is_killed_by_now_is_named(file: Path) -> None:
    classify(file, KILLED, "hole")

    assert without_survivor(RESULTS, read_judgements(file)) == (KILLED.place,)


@pytest.mark.parametrize("survivor_class", ["", "harmless"])
def test_a_class_that_does_not_exist_is_refused(file: Path, survivor_class: str) -> None:
    classify(file, QUIET, survivor_class)

    with pytest.raises(BadClassError, match="no class of a survivor"):
        read_judgements(file)


def test_two_classes_for_one_survivor_are_refused(file: Path) -> None:
    classify(file, QUIET, "hole")
    classify(file, QUIET, "equivalent")

    with pytest.raises(BadClassError, match="two classes"):
        read_judgements(file)


def test_dead_mutants_count_for_nothing(file: Path) -> None:
    classify(file, QUIET, "hole")
    rates = rates_of(RESULTS, read_judgements(file))

    assert (rates.killed, rates.alive) == (1, 3)


def test_holes_and_survivors_that_nobody_looked_at_count_against_the_suite(file: Path) -> None:
    classify(file, QUIET, "hole")
    rates = rates_of(RESULTS, read_judgements(file))

    assert rates.observable == rates.raw == pytest.approx(1 / 3)


@pytest.mark.parametrize("survivor_class", ["equivalent", "not observable"])
def test_what_nobody_can_find_counts_in_the_raw_rate_only(file: Path, survivor_class: str) -> None:
    classify(file, QUIET, survivor_class)
    rates = rates_of(RESULTS, read_judgements(file))

    assert rates.raw == pytest.approx(1 / 3)
    assert rates.observable == pytest.approx(1 / 2)


def test_the_page_tells_the_rates_and_each_survivor_with_its_reason(file: Path) -> None:
    classify(file, QUIET, "not observable")
    judgements = read_judgements(file)
    page = as_page(RESULTS, judgements)

    assert headline(RESULTS, judgements) in page
    assert "### Not judged yet: 1" in page
    assert "| `colour = 1` | `colour = 2` |  | Nobody sees it. |" in page


def test_results_come_back_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text(as_text(RESULTS), "utf-8")
    again: Results | None = read_results(file)

    assert again == RESULTS
