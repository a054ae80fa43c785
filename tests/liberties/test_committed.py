"""The tolerance matrix that is committed: what was run of it is up to date, and raises no alarm."""

from __future__ import annotations

import pytest

from conformance.contract.files import known_systems, system_folder
from conformance.contract.matrices import TOLERANCE_FILE, load_tolerance
from conformance.liberties.matrix import complaints_about, owed_runs
from conformance.liberties.publishing import as_page, as_text, known_matrices
from conformance.mutants.publishing import documentation_folder

SYSTEMS = [name for name in known_systems() if (system_folder(name) / TOLERANCE_FILE).exists()]
WRITE_IT = (
    "is not up to date; run `make tolerance-matrix` (with --missing it runs only what is not there) and commit it"
)

# The ways of which a matrix has every run: each liberty alone, and each combination that is drawn.
COMPLETE = {"beatoven": ("play money, -n 0",), "minimax": ("play money, -n 0",)}

of_every_system = pytest.mark.parametrize("system", SYSTEMS)


@of_every_system
def test_the_matrix_that_is_committed_raises_no_alarm(system: str) -> None:
    matrix = load_tolerance(system)

    assert matrix is not None, f"specs/{system}/{TOLERANCE_FILE} {WRITE_IT}"
    assert complaints_about(matrix) == []


@of_every_system
def test_the_matrix_has_no_run_that_is_gone(system: str) -> None:
    matrix = load_tolerance(system)
    owed = {(one.liberties, one.way) for one in owed_runs(system)}

    assert matrix is not None
    assert {run.key for run in matrix.runs} <= owed, f"The matrix {WRITE_IT}"


@pytest.mark.parametrize("system, way", [(system, way) for system, ways in COMPLETE.items() for way in ways])
def test_the_matrix_has_every_run_of_the_ways_that_are_complete(system: str, way: str) -> None:
    matrix = load_tolerance(system)
    owed = {(run.liberties, run.way) for run in owed_runs(system) if str(run.way) == way}

    assert matrix is not None
    assert owed, f"There is no such way: {way}"
    assert owed - {run.key for run in matrix.runs} == set(), f"The matrix {WRITE_IT}"


@of_every_system
def test_what_is_written_is_nothing_but_what_follows_from_its_runs(system: str) -> None:
    matrix = load_tolerance(system)

    assert matrix is not None
    assert as_text(matrix) == (system_folder(system) / TOLERANCE_FILE).read_text("utf-8")


def test_the_documentation_tells_of_the_matrices_of_all_systems() -> None:
    page = (documentation_folder() / "tolerance-matrix.md").read_text("utf-8")

    assert page == as_page(known_matrices()), f"docs/tolerance-matrix.md {WRITE_IT}"
