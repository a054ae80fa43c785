"""The kill matrix that is committed: complete, up to date, and without an excuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from conformance.contract.contract import load_contract
from conformance.contract.files import known_systems, system_folder
from conformance.contract.matrices import MATRIX_FILE, load_matrix
from conformance.contract.versions import NEXT
from conformance.mutants.publishing import as_page, as_text, documentation_folder, live_columns, whole_matrix
from conformance.target.embedded import faults_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract.matrices import KillMatrix
    from conformance.mutants.base import Mutant

SYSTEMS = [name for name in known_systems() if (e := load_contract(name).conventions.embedded) and e.mutants]
WRITE_IT = (
    "is not up to date; run `make kill-matrix` (with --missing it runs only what changed) and commit what it writes"
)
MOST_WITH_CONSEQUENCES = 0.1

of_every_system = pytest.mark.parametrize("system", SYSTEMS)


def matrix_of(system: str) -> KillMatrix:
    matrix = load_matrix(system)
    assert matrix is not None, f"specs/{system}/{MATRIX_FILE} {WRITE_IT}"
    return matrix


def catalogue_of(system: str) -> Mapping[str, Mutant]:
    return cast("Mapping[str, Mutant]", faults_of(load_contract(system).conventions).by_id)


@of_every_system
def test_it_has_the_mutants_of_the_catalogue_as_they_declare_themselves(system: str) -> None:
    rows = {row.id: (row.breaks, row.story, dict(row.consequences)) for row in matrix_of(system).mutants}
    declared = {name: (m.breaks, m.story, dict(m.consequences)) for name, m in catalogue_of(system).items()}

    changed = sorted(name for name in {*rows, *declared} if rows.get(name) != declared.get(name))
    assert not changed, f"The row of {', '.join(changed)} {WRITE_IT}"


@of_every_system
def test_it_has_the_requirements_of_the_registry(system: str) -> None:
    rows = [(row.id, row.level) for row in matrix_of(system).requirements]

    assert rows == [(entry.id, entry.level) for entry in load_contract(system, NEXT).registry], f"The matrix {WRITE_IT}"


@of_every_system
def test_every_requirement_has_a_killer(system: str) -> None:
    matrix = matrix_of(system)
    unproved = [row.id for row in matrix.requirements if not matrix.killers(row.id)]

    advice = f"Write a mutant in conformance/mutants/{system}/ that breaks each of these, then run `make kill-matrix`"
    assert not unproved, f"{advice}: {', '.join(unproved)}"


@of_every_system
def test_every_mutant_is_killed(system: str) -> None:
    assert [mutant.id for mutant in matrix_of(system).mutants if not mutant.killed] == []


@of_every_system
def test_every_mutant_fails_nothing_but_what_it_declares(system: str) -> None:
    assert {m.id: sorted(m.failed) for m in matrix_of(system).mutants if not m.attributed} == {}


@of_every_system
def test_few_mutants_need_declared_consequences_and_each_gives_its_reason(system: str) -> None:
    mutants = matrix_of(system).mutants
    declaring = [mutant for mutant in mutants if mutant.consequences]

    assert len(declaring) <= MOST_WITH_CONSEQUENCES * len(mutants)
    assert all(reason.strip() for mutant in declaring for reason in mutant.consequences.values())


@of_every_system
def test_the_reference_fails_nothing(system: str) -> None:
    references = matrix_of(system).references

    assert [(row.system, row.failed, row.failed_by_document) for row in references] == [
        (system, frozenset(), frozenset())
    ]


@of_every_system
def test_what_is_written_is_nothing_but_what_follows_from_its_rows(system: str) -> None:
    written = (system_folder(system) / MATRIX_FILE).read_text("utf-8")

    assert as_text(matrix_of(system)) == written


def test_the_documentation_tells_of_the_matrices_of_all_systems() -> None:
    page = (documentation_folder() / "kill-matrix.md").read_text("utf-8")

    assert page == as_page(whole_matrix(), live_columns()), f"docs/kill-matrix.md {WRITE_IT}"
    assert all(f"(../specs/{system}/{MATRIX_FILE})" in page for system in SYSTEMS)
