"""One row of the kill matrix, made by real runs."""

from __future__ import annotations

from dataclasses import replace

from conformance.contract.matrices import ProvedMutant
from conformance.mutants.beatra.catalogue import MUTANTS
from conformance.mutants.proving import prove_all

# Found only where a task is looked at twice after its end, for which the longest pause is needed.
BY_DOCUMENT = MUTANTS["task-output-once"]
BY_HAND = MUTANTS["second-cancel-refunds-again"]


def test_a_row_says_what_fails_under_the_whole_suite_and_under_the_document_alone() -> None:
    rows = {
        row.id: row
        for row in prove_all("beatra", [BY_DOCUMENT, BY_HAND], reference=False, processes=2)
        if isinstance(row, ProvedMutant)
    }

    assert {name: (row.attributed, row.killed_by_document) for name, row in rows.items()} == {
        BY_DOCUMENT.id: (True, True),
        BY_HAND.id: (True, False),
    }


def test_a_mutant_that_does_not_break_what_it_says_survives() -> None:
    boasting = replace(BY_DOCUMENT, breaks=BY_HAND.breaks)
    (row,) = prove_all("beatra", [boasting], reference=False, processes=1)

    assert isinstance(row, ProvedMutant)
    assert not row.killed
    assert row.failed == {BY_DOCUMENT.breaks}
