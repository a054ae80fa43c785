"""From its document alone: each fault of the lodge is found, and blamed on the relation that it breaks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.cli.runs import REPORTS, judged
from tests.resources.lodge import app

if TYPE_CHECKING:
    from tests.cli.runs import Finished

DOCUMENT: Final = Path(__file__).parent / "lodge" / "openapi.yaml"
APP: Final = "tests.resources.lodge.app:create_app"
PREFIX: Final = "LODGE-"
NONCONFORMANT: Final = 1
READS: Final = ("readRoom", "listRooms", "readBooking", "listBookings")
# For each fault the requirements that fail by it, and no others.
FAILING: Final = {
    app.STORED_TEXT: {"readRoom-STORED"},
    app.STORED_ORDER: {"readRoom-STORED"},
    app.STORED_ROUNDED: {"readBooking-STORED"},
    app.DEFAULT_MISSING: {"readRoom-DEFAULTS"},
    app.PUT_MERGES: {"replaceRoom-CHANGES"},
    app.PUT_IGNORED: {"replaceRoom-CHANGES"},
    app.PATCH_RESETS: {"changeRoom-CHANGES"},
    app.REFUSED_CHANGES: {"replaceRoom-KEEPS", "changeRoom-KEEPS"},
    app.DELETE_KEEPS: {"removeRoom-ENDED"},
    app.DELETE_LISTS: {"removeRoom-ENDED"},
    app.DELETE_TOO_MUCH: {"removeRoom-SPARES"},
    app.FILTER_IGNORED: {"listRooms-FILTERS"},
    app.FILTER_LOSES: {"listRooms-FILTERS"},
    app.SORT_IGNORED: {"listRooms-SORTS"},
    app.PAGE_GAP: {"listRooms-PAGES"},
    app.PAGE_REPEATS: {"listRooms-PAGES"},
    app.LIST_LACKS: {"listRooms-LISTS"},
    app.TOTAL_WRONG: {"listRooms-TOTALS"},
    app.LOCATION_WRONG: {"addRoom-LOCATED"},
    app.ETAG_CONSTANT: {"readRoom-TAGGED"},
    app.ALLOW_MISSING: {f"{operation}-ALLOW" for operation in READS},
    app.HEAD_DIFFERS: {"readRoom-HEAD"},
    app.OTHERS_LISTED: {"listBookings-LISTS"},
    app.SAME_TWICE: {"addRoom-UNIQUE"},
    app.HEAD_FINDS: {"readRoom-HEAD"},
    app.HEAD_REFUSED: {"readRoom-HEAD"},
    app.ALLOW_LIES: {"listRooms-ALLOW", "listBookings-ALLOW", "readBooking-ALLOW"},
    app.OFFSET_SORTED: {"listRooms-PAGES"},
    app.FLOOR_UNBOUNDED: {"addRoom-REFUSES"},
}
# Each run meets faults of which no two break the same rule, so what fails tells them apart.
TOGETHER: Final = (
    (
        *(app.STORED_TEXT, app.DEFAULT_MISSING, app.PUT_MERGES, app.FILTER_IGNORED, app.HEAD_DIFFERS),
        *(app.OTHERS_LISTED, app.OFFSET_SORTED),
    ),
    (
        *(app.STORED_ORDER, app.PATCH_RESETS, app.DELETE_KEEPS, app.SORT_IGNORED, app.LOCATION_WRONG),
        *(app.HEAD_FINDS, app.ALLOW_LIES),
    ),
    (
        *(app.STORED_ROUNDED, app.PUT_IGNORED, app.DELETE_LISTS, app.PAGE_GAP, app.ALLOW_MISSING, app.SAME_TWICE),
        app.HEAD_REFUSED,
    ),
    (
        *(app.REFUSED_CHANGES, app.FILTER_LOSES, app.PAGE_REPEATS, app.TOTAL_WRONG, app.ETAG_CONSTANT),
        app.FLOOR_UNBOUNDED,
    ),
)
# These take things away that others rest on, so each is met alone.
ALONE: Final = ((app.DELETE_TOO_MUCH,), (app.LIST_LACKS,))


def certified(folder: Path, *faults: str, seed: int = 1) -> Finished:
    """A run against the lodge that knows nothing of it but its document."""
    described = ("--app", APP, "--factory", "--spec", str(DOCUMENT), "--report-dir", REPORTS, "--seed", str(seed))
    return judged(*described, folder=folder, environment={app.FAULTS_VARIABLE: ",".join(faults)})


def failing(run: Finished) -> set[str]:
    return {name.removeprefix(PREFIX) for name, verdict in run.verdicts if verdict == "fail"}


def test_every_fault_is_met_in_some_run() -> None:
    assert sorted(fault for met in (*TOGETHER, *ALONE) for fault in met) == sorted(FAILING) == sorted(app.FAULTS)


@pytest.mark.parametrize("faults", [*TOGETHER, *ALONE], ids="+".join)
def test_each_fault_is_blamed_on_the_relation_that_it_breaks(faults: tuple[str, ...], tmp_path: Path) -> None:
    assert failing(certified(tmp_path, *faults)) == {name for fault in faults for name in FAILING[fault]}


@pytest.mark.parametrize("seed", [2, 3])
def test_nothing_is_said_against_the_lodge_without_a_fault(seed: int, tmp_path: Path) -> None:
    run = certified(tmp_path, seed=seed)

    assert run.report["verdict"] == "conformant"
    assert not failing(run)
    assert "error" not in {verdict for _, verdict in run.verdicts}


def test_lists_and_deletions_may_show_a_moment_later(tmp_path: Path) -> None:
    run = certified(tmp_path, app.LAGGING)

    assert not failing(run)
    assert dict(run.verdicts)[f"{PREFIX}listRooms-LISTS"] == "pass"
    assert dict(run.verdicts)[f"{PREFIX}removeRoom-ENDED"] == "pass"
