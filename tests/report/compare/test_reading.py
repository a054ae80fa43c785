from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conformance.report.compare.read import LARGEST_REPORT, read_run
from conformance.report.errors import UnreadableReportError
from conformance.verdicts.model import Overall, Verdict
from tests.report.compare.past import EXPECTATION, FAIL, PASS, past, report, said, stored

if TYPE_CHECKING:
    from pathlib import Path


def test_a_report_is_found_by_its_folder_and_by_its_file(tmp_path: Path) -> None:
    folder = stored(tmp_path / "run", said("A", PASS))

    assert read_run(folder) == read_run(folder / "report.json")


def test_what_is_compared_is_read_from_it(tmp_path: Path) -> None:
    run = past(tmp_path / "run", said("A", FAIL, "no title", level="SHOULD"), target="http://t.test", run_id="run-7")
    entry = run.entries["ACME-A"]

    assert (run.run_id, run.system, run.contract_version, run.overall) == ("run-7", "acme", "1.0", Overall.INCOMPLETE)
    assert (entry.title, entry.level, entry.surface, entry.verdict, entry.reason) == (
        "Rule A",
        "SHOULD",
        "songs",
        Verdict.FAIL,
        "no title",
    )


def test_a_run_is_called_by_its_label_else_its_target_else_its_id(tmp_path: Path) -> None:
    named = past(tmp_path / "named", target="http://t.test")
    nameless = past(tmp_path / "nameless", target="")

    assert [replace(named, label="mine").name, named.name, nameless.name] == ["mine", "http://t.test", "run-1"]


def test_only_a_failure_is_excused_by_an_expectation(tmp_path: Path) -> None:
    failed, passed = (
        replace(said(name, verdict), expected=EXPECTATION) for name, verdict in (("A", FAIL), ("B", PASS))
    )
    entries = past(tmp_path / "run", failed, passed).entries

    assert [entry.excused for entry in entries.values()] == [True, False]


def test_the_page_for_people_is_known_where_there_is_one(tmp_path: Path) -> None:
    folder = stored(tmp_path / "run")
    assert read_run(folder).page is None

    (folder / "index.html").write_text("")
    assert read_run(folder).page == folder / "index.html"


def test_a_report_of_an_older_version_is_read_too(tmp_path: Path) -> None:
    old = report(said("A", PASS))
    old["report_version"] = "1.1"
    for member in ("gate", "spend", "constraints"):
        del old[member]
    del old["requirements"][0]["expected"]
    (tmp_path / "old.json").write_text(json.dumps(old))

    assert read_run(tmp_path / "old.json").entries["ACME-A"].verdict is Verdict.PASS


def broken(**members: Any) -> bytes:  # noqa: ANN401 - any JSON value
    return json.dumps({**report(said("A", PASS)), **members}).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        broken(report_version="2.0"),
        broken(report_version=1),
        broken(verdict="splendid"),
        broken(target=None),
        broken(requirements=[{"id": "A"}]),
        broken(requirements={"A": 1}),
        rb'{"\ud800": "the name of this member is no text"}',
        broken(requirements=[{**report(said("A", PASS))["requirements"][0], "verdict": ["pass"]}]),
    ],
)
def test_what_is_no_report_is_told_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "report.json").write_bytes(content)

    with pytest.raises(UnreadableReportError, match=r"^[^\n]*report\.json is not [^\n]*\.$"):
        read_run(tmp_path)


def test_a_file_that_is_not_there_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableReportError, match=r"report\.json can't be read: .*\.$"):
        read_run(tmp_path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "report.json").open("wb") as file:
        file.truncate(LARGEST_REPORT + 1)

    with pytest.raises(UnreadableReportError, match="larger than any report"):
        read_run(tmp_path)
