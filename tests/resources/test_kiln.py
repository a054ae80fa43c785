"""From its document alone: jobs that are ordered at one path and read at another, their lists, and keys for retries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.cli.runs import REPORTS, conformance
from tests.resources.kiln import app

if TYPE_CHECKING:
    from tests.cli.runs import Finished

DOCUMENT: Final = Path(__file__).parent / "kiln" / "openapi.yaml"
APP: Final = "tests.resources.kiln.app:create_app"
PREFIX: Final = "KILN-"
ADA, BEN = app.KEYS
# For each fault the requirement that fails by it, and no other.
FAILING: Final = {
    app.ORDER_IGNORED: "listFirings-SORTS",
    app.GLAZE_IGNORED: "listFirings-FILTERS",
    app.PAGES_UNFILTERED: "listFirings-PAGED-QUERIES",
    app.RISING_BY_DEFAULT: "listFirings-LIST-DEFAULTS",
    app.PAGES_BY_NUMBER: "listFirings-STABLE-PAGES",
    app.REVIVED: "readFiring-FINAL",
    app.RESULT_ONCE: "readFiring-RESULTS-STAY",
    app.FINISHED_FIRST: "readFiring-TIMES-IN-ORDER",
    app.STRANGERS_CANCELLED: "cancelFiring-ABSENT",
    app.ENDED_UNKNOWN: "cancelFiring-MOVES",
    app.BODY_IN_SMALL_LETTERS: "firePot-DISTINCT-BODIES",
    app.KEY_CUT: "firePot-DISTINCT-KEYS",
    app.KEYS_OF_ALL: "firePot-FOREIGN-KEYS",
    app.SPELLING_COUNTS: "firePot-SAME-BODIES",
    app.REFUSED_STAYS: "firePot-UNMADE",
    app.RISING_OF_ALL: "readFiring-ISOLATED",
    app.KEY_BY_PREFIX: "firePot-CREDENTIALS",
}
# Each run meets faults of which no two break the same rule, so what fails tells them apart.
TOGETHER: Final = (
    (
        *(app.ORDER_IGNORED, app.GLAZE_IGNORED, app.PAGES_BY_NUMBER, app.REVIVED, app.FINISHED_FIRST),
        *(app.STRANGERS_CANCELLED, app.BODY_IN_SMALL_LETTERS, app.KEYS_OF_ALL),
    ),
    (
        *(app.PAGES_UNFILTERED, app.RESULT_ONCE, app.ENDED_UNKNOWN),
        *(app.KEY_CUT, app.RISING_OF_ALL, app.KEY_BY_PREFIX, app.SPELLING_COUNTS),
    ),
    (app.RISING_BY_DEFAULT, app.REFUSED_STAYS),
)


def certified(folder: Path, faults: str = "", *options: str) -> Finished:
    """A run against the kiln that knows nothing of it but its document and the keys of two users."""
    described = ("--app", APP, "--factory", "--spec", str(DOCUMENT), "--report-dir", REPORTS, "--seed", "1")
    environment = {app.FAULTS_VARIABLE: faults, "CONFORMANCE_API_KEY": ADA, "CONFORMANCE_SECOND_KEY": BEN}
    return conformance("run", *described, "--examples", "1", *options, folder=folder, environment=environment)


def named(run: Finished, verdict: str) -> set[str]:
    return {name.removeprefix(PREFIX) for name, found in run.verdicts if found == verdict}


def test_every_fault_is_met_in_some_run() -> None:
    assert sorted(fault for met in TOGETHER for fault in met) == sorted(FAILING) == sorted(app.FAULTS)


@pytest.mark.parametrize("faults", TOGETHER, ids="+".join)
def test_each_fault_is_blamed_on_the_relation_that_it_breaks(faults: tuple[str, ...], tmp_path: Path) -> None:
    assert named(certified(tmp_path, ",".join(faults)), "fail") == {FAILING[fault] for fault in faults}


def test_nothing_is_said_against_the_kiln_without_a_fault(tmp_path: Path) -> None:
    run = certified(tmp_path)

    assert not named(run, "fail") | named(run, "error")
    judged = {found for name, found in run.verdicts if name.removeprefix(PREFIX) in FAILING.values()}
    assert judged == {"pass"}


def test_what_a_limit_of_requests_has_no_room_for_is_left_open(tmp_path: Path) -> None:
    run = certified(tmp_path, "", "--requests", "40", "--only", "KILN-listFirings-FILTERS,KILN-readFiring-FINAL")

    assert dict(run.verdicts)["KILN-listFirings-FILTERS"] == "inconclusive"
    assert "--requests 40 has no room for it" in run.output
