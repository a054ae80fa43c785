"""`conformance matrix`: a page of many runs, made on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from tests.report.compare.past import FAIL, PASS, said, stored

OK, USAGE = 0, 2


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    stored(Path("one"), said("A", PASS), target="http://one.test")
    stored(Path("two"), said("A", FAIL, "no title"), target="http://two.test")


def said_by(*arguments: str, status: int) -> str:
    result = CliRunner().invoke(main, ("matrix", *arguments))
    assert result.exit_code == status, result.output
    return result.output


def test_the_page_is_written_where_it_was_asked_for() -> None:
    assert said_by("one", "two", "--output", "site/page.html", status=OK) == "2 runs: site/page.html\n"

    text = Path("site/page.html").read_text("utf-8")
    assert text.index("http://one.test") < text.index("http://two.test")


def test_runs_can_be_named() -> None:
    said_by("theirs=one", "ours=two/report.json", "--output", "page.html", status=OK)

    text = Path("page.html").read_text("utf-8")
    assert text.index("theirs") < text.index("ours")
    assert "http://one.test" not in text


def test_a_folder_whose_name_holds_an_equals_sign_is_a_folder() -> None:
    Path("one").rename("n=1")
    said_by("n=1", "--output", "page.html", status=OK)

    assert "http://one.test" in Path("page.html").read_text("utf-8")


def test_what_is_no_run_is_told_and_nothing_is_written() -> None:
    assert "three can't be read" in said_by("one", "three", "--output", "page.html", status=USAGE)
    assert not Path("page.html").exists()


def test_a_place_that_can_not_be_written_to_is_told() -> None:
    assert "can't be written to one/report.json" in said_by("one", "--output", "one/report.json/x", status=USAGE)


def test_without_a_run_there_is_no_page() -> None:
    assert "Missing argument 'RUN...'" in said_by("--output", "page.html", status=USAGE)
