"""The tolerance matrix: what is drawn for it, and how it is written down."""

from __future__ import annotations

import json
from collections import Counter
from importlib import import_module
from itertools import combinations
from typing import Any

import jsonschema_rs
import pytest

from conformance.contract.contract import load_contract
from conformance.contract.files import known_systems, specs_root, system_folder
from conformance.contract.liberties import LIBERTIES_FILE, Liberties, Liberty, load_liberties
from conformance.contract.matrices import WAYS, ToleranceMatrix, ToleratedRun, Way, parse_tolerance
from conformance.liberties.base import composition_of
from conformance.liberties.combining import COMBINATIONS, EACH, TooFewLibertiesError, draw_combinations
from conformance.liberties.matrix import complaints_about
from conformance.liberties.publishing import as_page, as_text, headline
from conformance.liberties.tolerating import OwedRun, tolerated
from conformance.target.embedded import LIBERTY_VARIABLE
from conformance.target.launch import embedded_of

SCHEMA: dict[str, Any] = json.loads((specs_root() / "schemas" / "tolerance-matrix.schema.json").read_text("utf-8"))
SYSTEMS = [name for name in known_systems() if (system_folder(name) / LIBERTIES_FILE).exists()]
PLAY, CAP, PLAY_AT_ONCE, _ = WAYS
FEWEST = {"beatra": 80}
FEWEST_ELSEWHERE = 30

of_every_system = pytest.mark.parametrize("system", SYSTEMS)


def liberty(name: str, *excludes: str) -> Liberty:
    return Liberty(id=name, does="Something.", allowed_by=(), touches=frozenset({"A"}), excludes=frozenset(excludes))


def run(*names: str, way: Way = PLAY, failed: str = "", passed: str = "A") -> ToleratedRun:
    return ToleratedRun(
        liberties=names,
        way=way,
        failed=frozenset(failed),
        erred=frozenset(),
        judged=3,
        passed=frozenset(passed) if len(names) == 1 else frozenset(),
    )


QUIET = ToleranceMatrix("beatra", (run("one"), run("two", way=CAP, passed="AB"), run("one", "two", way=PLAY_AT_ONCE)))


def test_a_requirement_is_silent_on_liberties_under_which_it_passed_and_never_failed() -> None:
    loud = ToleranceMatrix("beatra", (*QUIET.runs, run("two", failed="A", passed="B")))

    assert QUIET.silent_on("A") == ("one", "two")
    assert loud.silent_on("A") == ("one",)
    assert loud.silent_on("B") == ("two",)
    assert loud.silent_on("C") == ()


def test_what_passed_counts_only_where_a_liberty_was_taken_alone_and_touches_it() -> None:
    verdicts = {"BEATRA-MONEY-10": "pass", "BEATRA-MONEY-11": "inconclusive", "BEATRA-AUTH-01": "pass"}
    alone = tolerated("beatra", OwedRun(("late-refunds",), PLAY), verdicts)
    combined = tolerated("beatra", OwedRun(("late-refunds", "latency"), PLAY), verdicts)

    assert alone.passed == {"BEATRA-MONEY-10"}
    assert combined.passed == frozenset()
    assert alone.judged == combined.judged == 2


def test_alarms_and_errors_are_said_in_a_sentence_each() -> None:
    loud = ToleranceMatrix("beatra", (run("one", "two", way=CAP, failed="A"),))

    assert complaints_about(loud) == ["A false alarm: A fails on one + two (a cap, -n 0)."]
    assert complaints_about(QUIET) == []
    assert headline(QUIET) == "2 liberties alone and 1 combinations in 3 runs: 0 failed requirements, 0 errors"


def test_what_is_written_fits_the_schema_and_reads_back_as_the_same() -> None:
    content = json.loads(as_text(QUIET))
    jsonschema_rs.validate(SCHEMA, content)

    assert {r.key: r for r in parse_tolerance(content).runs} == {r.key: r for r in QUIET.runs}
    assert as_text(parse_tolerance(content)) == as_text(QUIET)


def test_the_page_shows_what_each_liberty_is_and_what_came_of_it() -> None:
    page = as_page([ToleranceMatrix("beatra", (run("latency"), run("compressed", failed="A")))])

    assert "| latency | Every answer takes 20 to 500 ms, with jitter. | no document states it: " in page
    assert "| none in 1 run |" in page
    assert "| A (play money, -n 0) |" in page
    assert "| *not tried* |" in page


def test_combinations_are_drawn_from_a_seed_and_take_every_liberty_about_as_often() -> None:
    known = Liberties([liberty(f"l{number}") for number in range(10)])
    drawn = draw_combinations(known, count=5, each=4)

    assert drawn == draw_combinations(known, count=5, each=4)
    assert drawn != draw_combinations(known, count=5, each=4, seed=2)
    assert set(Counter(name for names in drawn for name in names).values()) == {2}


def test_what_excludes_each_other_is_never_combined() -> None:
    known = Liberties([liberty("a", "b"), liberty("b"), liberty("c")])

    assert {frozenset(names) for names in draw_combinations(known, count=9, each=2)} == {
        frozenset("ac"),
        frozenset("bc"),
    }
    with pytest.raises(TooFewLibertiesError, match="No 3 liberties fit together"):
        draw_combinations(known, count=1, each=3)


@of_every_system
def test_there_are_many_liberties_and_combinations_of_all_of_them(system: str) -> None:
    known = load_liberties(system)
    drawn = draw_combinations(known)

    assert len(known) >= FEWEST.get(system, FEWEST_ELSEWHERE)
    assert [len(names) for names in drawn] == [EACH] * COMBINATIONS
    assert {name for names in drawn for name in names} == {one.id for one in known}
    assert all(known.fit_together(*pair) for names in drawn for pair in combinations(names, 2))


@of_every_system
def test_a_reference_can_be_made_of_every_combination(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = import_module(f"{embedded_of(load_contract(system).conventions).liberties}.catalogue").TAKEN

    for names in draw_combinations(load_liberties(system)):
        monkeypatch.setenv(LIBERTY_VARIABLE, ",".join(names))
        composition = composition_of(system, taken)
        cast, front = composition.cast, composition.front
        for one in composition.taken:
            assert all(issubclass(cast[part], cls) for part, cls in one.cast.items()), (names, one.id)
            assert all(issubclass(front[part], cls) for part, cls in one.front.items()), (names, one.id)
