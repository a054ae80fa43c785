"""From its document alone: things whose names are their clients', what hangs under them, and how they are changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.cli.runs import REPORTS, judged
from tests.resources.depot import app

if TYPE_CHECKING:
    from tests.cli.runs import Finished

DOCUMENT: Final = Path(__file__).parent / "depot" / "openapi.yaml"
APP: Final = "tests.resources.depot.app:create_app"
PREFIX: Final = "DEPOT-"
# For each fault the requirements that fail by it, and no others.
FAILING: Final = {
    app.NULL_STAYS: {"patchBin-CHANGES"},
    app.KEYS_LOWERED: {"readBin-STORED", "putBin-CHANGES", "patchBin-CHANGES"},
    app.PARTS_SORTED: {"readBin-STORED", "putBin-CHANGES"},
    app.LINES_JOINED: {"readMark-STORED"},
    app.MARKS_SURVIVE: {"removeBin-ENDED"},
    app.GONE_LISTED: {"removeBin-ENDED"},
    app.PART_FOUND: {"listBins-FILTERS"},
    app.BOUND_LEFT_OUT: {"listBins-FILTERS"},
    app.TRUTH_READ: {"putBin-REFUSES"},
}
# Each run meets faults of which no two break the same rule, so what fails tells them apart.
TOGETHER: Final = (
    (app.NULL_STAYS, app.PARTS_SORTED, app.LINES_JOINED, app.MARKS_SURVIVE, app.PART_FOUND),
    (app.KEYS_LOWERED, app.GONE_LISTED, app.BOUND_LEFT_OUT, app.TRUTH_READ),
)


def certified(folder: Path, *faults: str) -> Finished:
    """A run against the depot that knows nothing of it but its document."""
    described = ("--app", APP, "--factory", "--spec", str(DOCUMENT), "--report-dir", REPORTS, "--seed", "1")
    environment = {app.FAULTS_VARIABLE: ",".join(faults)}
    return judged(*described, "--examples", "1", folder=folder, environment=environment)


def failing(run: Finished) -> set[str]:
    return {name.removeprefix(PREFIX) for name, verdict in run.verdicts if verdict == "fail"}


def test_every_fault_is_met_in_some_run() -> None:
    assert sorted(fault for met in TOGETHER for fault in met) == sorted(FAILING) == sorted(app.FAULTS)


@pytest.mark.parametrize("faults", TOGETHER, ids="+".join)
def test_each_fault_is_blamed_on_the_relation_that_it_breaks(faults: tuple[str, ...], tmp_path: Path) -> None:
    assert failing(certified(tmp_path, *faults)) == {name for fault in faults for name in FAILING[fault]}


def test_nothing_is_said_against_the_depot_without_a_fault(tmp_path: Path) -> None:
    run = certified(tmp_path)

    assert run.report["verdict"] == "conformant"
    assert not {name for name, verdict in run.verdicts if verdict in ("fail", "error")}
    judged = {name.removeprefix(PREFIX) for name, verdict in run.verdicts if verdict == "pass"}
    assert {"readBin-STORED", "removeBin-ENDED", "removeBin-SPARES", "readMark-STORED"} <= judged
    # There are more bins by then than a page has.
    assert {"listBins-LISTS", "listBins-FILTERS", "listBins-PAGES"} <= judged
