"""What was drawn in a run is there again when its recording is judged, whatever would be drawn now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.contract.contract import load_contract
from conformance.generation.case_store import DRAWN, RecordedCaseStore, WritableCaseStore
from conformance.generation.cases import Case, Drawing, draw_unusual, draw_valid
from conformance.journal.reader import read_recording
from conformance.journal.redaction import Redactor
from conformance.journal.writer import Journal

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.journal.reader import Note

DOCUMENT = load_contract("beatra").document


def drawn(drawing: Drawing) -> list[Case]:
    """Requests of several kinds, with a path value that only the target knows."""
    music, task = DOCUMENT.operations["createTextToMusic"], DOCUMENT.operations["getTask"]
    upload = DOCUMENT.operations["createUpload"]
    return [
        *draw_valid(DOCUMENT, music, drawing),
        *draw_unusual(DOCUMENT, music, drawing),
        *draw_valid(DOCUMENT, upload, drawing),
        *draw_unusual(DOCUMENT, upload, drawing),
        *draw_valid(DOCUMENT, task, drawing, {"task_id": "tsk/1"}),
    ]


def written(folder: Path) -> tuple[list[Case], tuple[Note, ...]]:
    """What a run with seed 1 draws, and what its journal says of it."""
    with Journal(
        folder, "main", Redactor(), run="r1", system="beatra", contract_version="1", suite_version="1"
    ) as journal:
        drawing = Drawing(1, 4, WritableCaseStore(journal))
        cases = drawn(drawing)
        assert drawn(drawing) == cases
    return cases, read_recording(folder).notes


def test_the_journal_keeps_what_was_drawn_once(tmp_path: Path) -> None:
    _, notes = written(tmp_path)

    assert [note.kind for note in notes] == [DRAWN] * 5


def test_what_was_drawn_is_there_again_byte_for_byte(tmp_path: Path) -> None:
    cases, notes = written(tmp_path)

    assert drawn(Drawing(2, 4, RecordedCaseStore(notes))) == cases


def test_what_no_run_drew_is_drawn_now(tmp_path: Path) -> None:
    _, notes = written(tmp_path)

    assert len(draw_valid(DOCUMENT, DOCUMENT.operations["listTasks"], Drawing(2, 4, RecordedCaseStore(notes)))) == 4
