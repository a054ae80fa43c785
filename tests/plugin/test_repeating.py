"""What is to be run again is what an earlier run found broken, or erred on, and as little else as shows it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from conformance.client.identity import CAUSE
from conformance.client.request import PreparedRequest
from conformance.judging import MONITORS_FILE
from conformance.plugin.repeating import Earlier, read_earlier, repeated
from tests.client.bench import BASE, make_bench

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def reported(folder: Path, *, by: str = MONITORS_FILE, **verdicts: str) -> None:
    """A report with these verdicts of one judge; each rests on the exchanges after those of the one before."""
    requirements = [
        {
            "id": name,
            "verdict": verdict,
            "tests": [{"name": f"{by}::{name}"}],
            "evidence": [{"exchange": f"gw0-{number}"}],
        }
        for number, (name, verdict) in enumerate(verdicts.items(), start=1)
    ]
    (folder / "report.json").write_text(json.dumps({"run": "run-1", "requirements": requirements}), "utf-8")


def broken_by_all(folder: Path, exchanges: int) -> None:
    """A report of one broken rule that rests on so many exchanges."""
    entry = {
        "id": "rule",
        "verdict": "fail",
        "tests": [{"name": f"{MONITORS_FILE}::rule"}],
        "evidence": [{"exchange": f"gw0-{number}"} for number in range(1, exchanges + 1)],
    }
    (folder / "report.json").write_text(json.dumps({"run": "run-1", "requirements": [entry]}), "utf-8")


def recorded(folder: Path, *causes: str | None, **operations: str) -> None:
    """A journal with one exchange of each cause; `operations` says what a cause asks for."""
    made = make_bench(folder, [])
    for cause in causes:
        token = CAUSE.set(cause)
        made.client.send(PreparedRequest("GET", f"{BASE}/songs", operation=operations.get(cause or "")), made.sender())
        CAUSE.reset(token)
    made.client.journal.close()


def test_only_what_is_broken_or_erred_is_in_question(tmp_path: Path) -> None:
    reported(tmp_path, one="pass", two="fail", three="error", four="inconclusive", five="not_applicable")

    assert read_earlier(tmp_path).requirements == {"two", "three"}


def test_what_showed_that_a_rule_is_broken_is_caused_again(tmp_path: Path) -> None:
    recorded(tmp_path, "sound", "retry", "story[small]", None)
    reported(tmp_path, one="pass", two="fail", three="fail", four="fail")

    assert read_earlier(tmp_path).causes == (("retry",), ("story[small]",))


def test_the_test_that_found_a_fault_causes_it_again_by_itself(tmp_path: Path) -> None:
    recorded(tmp_path, "retry")
    reported(tmp_path, by="conformance/suite/beatra/test_retries.py", one="fail")

    assert read_earlier(tmp_path) == Earlier("run-1", frozenset({"one"}))


def test_of_scenarios_that_showed_the_same_the_one_that_sent_least_comes_first(tmp_path: Path) -> None:
    recorded(tmp_path, "long", "short", "long", "long")
    broken_by_all(tmp_path, exchanges=4)

    assert read_earlier(tmp_path).causes == (("short", "long"),)


def test_for_each_operation_one_scenario_is_repeated_but_long_ones_only_where_nothing_else_shows_it(
    tmp_path: Path,
) -> None:
    asked = {"long": "listSongs", "short": "createSong", "other": "readSong"}
    recorded(tmp_path, *["long"] * 50, "short", "other", **asked)
    broken_by_all(tmp_path, exchanges=52)

    assert read_earlier(tmp_path).causes == (("other",), ("short",))

    recorded(alone := tmp_path / "alone", *["long"] * 50, **asked)
    broken_by_all(alone, exchanges=50)

    assert read_earlier(alone).causes == (("long",),)


def test_a_run_without_a_journal_has_no_causes(tmp_path: Path) -> None:
    reported(tmp_path, one="fail")

    assert read_earlier(tmp_path) == Earlier("run-1", frozenset({"one"}))


@dataclass(frozen=True)
class Parameters:
    params: dict[str, str]


@dataclass(frozen=True)
class Test:
    """What repeating reads of a collected test: what it judges, its fixtures, and the case that it is one of."""

    judges: str
    fixturenames: tuple[str, ...] = ()
    callspec: Parameters | None = None

    __test__ = False


def again(tests: list[Test], *causes: tuple[str, ...]) -> list[str]:
    earlier = Earlier("run-1", frozenset({"broken"}), causes)
    found = repeated(cast("list[pytest.Item]", tests), earlier, lambda item: {cast("Any", item).judges})
    return [cast("Any", item).judges for item in found]


def test_tests_of_what_was_broken_are_repeated_and_no_others() -> None:
    assert again([Test("sound", ("retry",)), Test("broken", ("other",))]) == ["broken"]


def test_one_simple_test_for_each_cause_is_enough() -> None:
    tests = [Test("rich", ("retry", "paid_song")), Test("plain", ("retry",)), Test("also plain", ("retry",))]

    assert again(tests, ("retry",)) == ["plain"]


def test_what_a_repeated_test_causes_anyway_needs_no_other() -> None:
    assert again([Test("sound", ("story",)), Test("broken", ("retry",))], ("story", "retry")) == ["broken"]


def test_the_next_scenario_stands_in_for_one_that_no_test_asks_for() -> None:
    assert again([Test("sound", ("story",))], ("within_another", "story"), ("nowhere",)) == ["sound"]


def test_of_a_scenario_for_each_case_only_that_case_is_repeated() -> None:
    tests = [Test(case, ("story",), Parameters({"story": case})) for case in ("small", "large")]

    assert again(tests, ("story[large]",)) == ["large"]
