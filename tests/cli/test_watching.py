"""`--watch`: what failed runs again when files change, and everything once nothing of it fails any more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conformance.cli.implementing import Watching, edited

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pytest

EVERYTHING = ["--conformance-app=mine"]


class Runs:
    """Runs that leave reports with the verdicts that are given, one after the other (None: no report)."""

    def __init__(self, reports: Path, *verdicts: str | None) -> None:
        self.reports = reports
        self.asked: list[list[str]] = []
        self._verdicts = iter(verdicts)

    def folder(self, number: int) -> Path:
        return self.reports / f"run-{number}"

    def carry_out(self, arguments: Sequence[str]) -> int:
        self.asked.append(list(arguments))
        folder = self.folder(len(self.asked))
        folder.mkdir(parents=True)
        verdict = next(self._verdicts)
        if verdict is not None:
            (folder / "report.json").write_text(json.dumps({"requirements": [{"verdict": verdict}]}), "utf-8")
        return int(verdict != "pass")

    def watched(self, changes: int) -> int:
        return Watching(EVERYTHING, self.reports, self.carry_out, self._changed(changes)).go_on()

    def _changed(self, times: int) -> Iterator[Sequence[str]]:
        yield from [["app.py"]] * times

    def repeating(self, number: int) -> list[str]:
        return [*EVERYTHING, f"--conformance-failed={self.folder(number)}"]


def test_what_failed_is_repeated_until_it_passes_and_then_everything_runs(tmp_path: Path) -> None:
    runs = Runs(tmp_path, "fail", "error", "pass", "pass", "pass")

    status = runs.watched(changes=3)

    assert runs.asked == [EVERYTHING, runs.repeating(1), runs.repeating(2), EVERYTHING, EVERYTHING]
    assert status == 0


def test_a_run_that_could_not_begin_leaves_to_be_repeated_what_was(tmp_path: Path) -> None:
    runs = Runs(tmp_path, "fail", None, "fail")

    status = runs.watched(changes=2)

    assert runs.asked == [EVERYTHING, runs.repeating(1), runs.repeating(1)]
    assert status == 1


def test_it_says_what_changed_and_what_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Runs(tmp_path, "fail", "pass", "pass").watched(changes=1)

    assert capsys.readouterr().out.split("\n") == [
        "",
        "app.py changed: running what failed.",
        "",
        "Nothing of it fails any more: running everything.",
        "",
    ]


def test_what_an_application_writes_while_it_is_judged_starts_no_run(tmp_path: Path) -> None:
    source, database, log = (tmp_path / name for name in ("app.py", "songs.sqlite", "watch.log"))
    for file in (source, database, log):
        file.write_text("")
    ended = database.stat().st_mtime

    assert edited([source, database, log, tmp_path / "songs.sqlite-journal"], ended) == [source]


def test_any_file_that_is_edited_after_a_run_starts_one(tmp_path: Path) -> None:
    settings = tmp_path / "stage"
    settings.write_text("2")

    assert edited([settings], settings.stat().st_mtime - 5) == [settings]
