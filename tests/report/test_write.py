from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conformance.journal.reader import Recording
from conformance.report.errors import ReportNotWrittenError
from conformance.report.write import REPORTS, write_reports
from tests.report.factory import LINES, assessment, hostile, one_of_each_verdict

if TYPE_CHECKING:
    from pathlib import Path


def test_all_reports_are_written_into_a_folder_of_their_own(tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "run-1"
    written = write_reports(assessment(*one_of_each_verdict()), Recording(), folder, LINES)

    assert [folder / name for name in REPORTS] == list(written)
    assert sorted(REPORTS) == sorted(path.name for path in folder.iterdir())
    assert json.loads(written[0].read_text("utf-8"))["run"] == "run-1"


def test_a_report_that_is_there_already_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("old")
    write_reports(assessment(), Recording(), tmp_path, LINES)

    assert (tmp_path / "report.json").read_text("utf-8").startswith("{")


def test_the_same_run_gives_the_same_files(tmp_path: Path) -> None:
    run = assessment(*one_of_each_verdict())
    first = [path.read_bytes() for path in write_reports(run, Recording(), tmp_path / "first", LINES)]

    assert first == [path.read_bytes() for path in write_reports(run, Recording(), tmp_path / "again", LINES)]


def test_lone_surrogates_do_not_keep_a_report_from_being_written(tmp_path: Path) -> None:
    for path in write_reports(*hostile("a\ud800b"), tmp_path, LINES):
        assert path.read_text("utf-8")


def test_a_folder_that_can_not_be_made_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ReportNotWrittenError, match=r"^The report can't be written to .*file.run: .*\.$"):
        write_reports(assessment(), Recording(), tmp_path / "file" / "run", LINES)


def test_nothing_is_left_behind_when_writing_fails(tmp_path: Path) -> None:
    (tmp_path / "report.json").mkdir()

    with pytest.raises(ReportNotWrittenError):
        write_reports(assessment(), Recording(), tmp_path, LINES)

    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
