"""From its document alone: what accounts, states, jobs and conditional requests of the press are held to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.cli.runs import REPORTS, judged
from tests.resources.press import app

if TYPE_CHECKING:
    from tests.cli.runs import Finished

DOCUMENT: Final = Path(__file__).parent / "press" / "openapi.yaml"
APP: Final = "tests.resources.press.app:create_app"
PREFIX: Final = "PRESS-"
KEYS: Final = {"CONFORMANCE_API_KEY": "key-of-ada", "KEY_OF_BEN": "key-of-ben"}
# For each fault the requirement that fails by it, and no other.
FAILING: Final = {
    app.KEYLESS_DELETES: "removeOrder-CREDENTIALS",
    app.OTHERS_READ: "readOrder-ISOLATED",
    app.OTHERS_CANCEL: "readOrder-ISOLATED",
    app.OTHERS_DELETE: "readOrder-ISOLATED",
    app.PLACED_TWICE: "placeOrder-MOVES",
    app.PLACED_AFTER_END: "placeOrder-MOVES",
    app.STATE_UNSAID: "placeOrder-MOVES",
    app.REVIVED: "readOrder-STAYS",
    app.PROOF_GOES_ON: "readProof-PROGRESS",
    app.PROGRESS_FALLS: "readProof-PROGRESS",
    app.RESULT_EARLY: "readProof-PROGRESS",
    app.RESULT_READ_EARLY: "readResult-AWAITED",
    app.RESULT_CRASHES: "readResult-AWAITED",
    app.NEVER_304: "readOrder-UNMODIFIED",
    app.MATCHES_ANY: "changeOrder-MATCHED",
    app.RETRY_MAKES_TWO: "addOrder-REPEATS",
    app.KEY_REUSED: "addOrder-REUSED",
    app.TWICE_TAKEN: "addOrder-REFUSES",
    app.TRACES: "readOrder-UNDESCRIBED",
    app.RANGE_IGNORED: "listOrders-FILTERS",
    app.SEARCH_IGNORED: "listOrders-FILTERS",
    app.HEADER_SPOILT: "listOrders-CONFORMS",
    app.LISTED_OTHERWISE: "listOrders-LISTS",
    app.TOLD_OTHERWISE: "readOrder-STORED",
    app.LONG_CUT: "readOrder-STORED",
    app.EMPTIED: "readNote-STORED",
    app.CHILD_LIVES: "removeOrder-ENDED",
    app.ASSIGNED: "readProof-ASSIGNS",
    app.HEAD_OTHERWISE: "readOrder-HEAD",
    app.CRASHES: "NO-REPEATABLE-5XX",
}
# Each run meets faults of which no two break the same rule, so what fails tells them apart.
TOGETHER: Final = (
    (
        *(app.OTHERS_READ, app.PLACED_TWICE, app.PROOF_GOES_ON, app.NEVER_304, app.RETRY_MAKES_TWO, app.REVIVED),
        *(app.RANGE_IGNORED, app.TOLD_OTHERWISE, app.CHILD_LIVES),
    ),
    (
        *(app.OTHERS_CANCEL, app.PLACED_AFTER_END, app.PROGRESS_FALLS, app.MATCHES_ANY, app.KEY_REUSED, app.TRACES),
        *(app.SEARCH_IGNORED, app.LONG_CUT, app.HEADER_SPOILT),
    ),
    (
        *(app.OTHERS_DELETE, app.STATE_UNSAID, app.RESULT_EARLY, app.TWICE_TAKEN, app.RESULT_CRASHES),
        *(app.LISTED_OTHERWISE, app.EMPTIED, app.ASSIGNED, app.HEAD_OTHERWISE),
    ),
    (app.KEYLESS_DELETES, app.RESULT_READ_EARLY, app.CRASHES),
)


def certified(folder: Path, faults: str = "", *options: str) -> Finished:
    """A run against the press that knows nothing of it but its document and the keys of two users."""
    described = ("--app", APP, "--factory", "--spec", str(DOCUMENT), "--report-dir", REPORTS, "--seed", "1")
    drawn = ("--examples", "1", "--second-key", "KEY_OF_BEN")
    environment = {app.FAULTS_VARIABLE: faults, **KEYS}
    return judged(*described, *drawn, *options, folder=folder, environment=environment)


def named(run: Finished, verdict: str) -> set[str]:
    return {name.removeprefix(PREFIX) for name, found in run.verdicts if found == verdict}


def test_every_fault_is_met_in_some_run() -> None:
    assert sorted(fault for met in TOGETHER for fault in met) == sorted(FAILING) == sorted(app.FAULTS)


@pytest.mark.parametrize("faults", TOGETHER, ids="+".join)
def test_each_fault_is_blamed_on_the_relation_that_it_breaks(faults: tuple[str, ...], tmp_path: Path) -> None:
    assert named(certified(tmp_path, ",".join(faults)), "fail") == {FAILING[fault] for fault in faults}


def test_nothing_is_said_against_the_press_without_a_fault(tmp_path: Path) -> None:
    run = certified(tmp_path)

    assert not named(run, "fail") | named(run, "error")
    # A result is there once a proof is done, which none of the requests waits for.
    assert named(run, "inconclusive") == {"readResult-ACCEPTS"}


def test_accounts_that_share_everything_are_not_held_apart(tmp_path: Path) -> None:
    run = certified(tmp_path, app.SHARED, "--only", "PRESS-readOrder-ISOLATED")

    assert dict(run.verdicts)["PRESS-readOrder-ISOLATED"] == "inconclusive"


def test_what_was_never_reached_is_said_first_and_certified_by_nothing(tmp_path: Path) -> None:
    run = certified(tmp_path, app.LOST)

    lost = {"readOrder", "changeOrder", "removeOrder", "placeOrder", "cancelOrder", "addNote", "readNote"}
    assert run.report["verdict"] != "conformant"
    assert not {name for name, verdict in run.verdicts if verdict == "pass" and name.split("-")[1] in lost}
    assert any("never reached" in remark for remark in run.report["remarks"])
