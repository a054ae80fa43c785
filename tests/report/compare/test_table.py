"""The page of many runs, read back with a parser of HTML."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from conformance.report.compare.read import read_run
from conformance.report.compare.table import matrix_page
from conformance.report.errors import IncomparableRunsError
from conformance.report.html import asset
from conformance.verdicts.model import Verdict
from tests.report.compare.past import ERROR, EXPECTATION, FAIL, INCONCLUSIVE, NOT_APPLICABLE, PASS, past, said, stored
from tests.report.hostility import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conformance.report.compare.read import PastRun

ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "header", "h1", "p", "main", "fieldset", "legend", "label"),
    *("input", "div", "table", "thead", "tbody", "tr", "th", "td", "small", "time", "span", "code"),
    *("details", "summary", "a"),
}


class Page(HTMLParser):
    """The rows of the table as texts of their cells, and every tag and attribute of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.classes: list[list[str]] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self._styled = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        given = dict(attrs)
        self.links += [given["href"] or ""] if "href" in given else []
        if tag == "tr":
            self.rows.append([])
            self.classes.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.classes[-1].append(given.get("class") or "")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] = " ".join(f"{self.rows[-1][-1]} {data}".split())


def page(runs: Sequence[PastRun], folder: Path) -> Page:
    return Page(matrix_page(runs, folder))


def test_every_requirement_is_a_row_and_every_run_a_column(tmp_path: Path) -> None:
    first = past(tmp_path / "first", said("A", PASS), said("B", FAIL, "no title"), target="http://one.test")
    second = past(tmp_path / "second", said("A", INCONCLUSIVE, "no clock"), said("B", PASS), target="http://two.test")

    rows = page([first, second], tmp_path).rows

    assert [cell.partition(" ")[0] for cell in rows[0]] == ["Requirement", "http://one.test", "http://two.test"]
    assert rows[3:] == [
        ["MUST Rule B ACME-B", "✗ fail no title", "✓ pass"],
        ["MUST Rule A ACME-A", "✓ pass", "? inconclusive no clock"],
    ]


def test_every_surface_and_all_together_have_a_row_with_how_much_is_met(tmp_path: Path) -> None:
    run = past(
        tmp_path / "run",
        *(said("A", PASS), said("B", FAIL), said("C", NOT_APPLICABLE)),
        *(said("D", PASS, surface="albums"), said("E", ERROR, surface="lists")),
    )
    found = page([run], tmp_path)
    summaries = [(row[0], row[1], classes[1]) for row, classes in zip(found.rows, found.classes, strict=True)]

    assert summaries[1] == ("all", "2 of 4", "fail")
    assert summaries[2] == ("songs", "1 of 2", "fail")
    assert ("albums", "1 of 1", "pass") in summaries
    assert ("lists", "0 of 1", "inconclusive") in summaries


def test_what_runs_differ_in_comes_before_what_they_agree_on(tmp_path: Path) -> None:
    first = past(tmp_path / "first", said("A", PASS), said("B", FAIL), said("C", PASS), said("D", PASS, surface="late"))
    second = past(
        tmp_path / "second", said("A", PASS), said("B", FAIL), said("C", FAIL), said("D", FAIL, surface="late")
    )
    first_cells = [row[0].rpartition(" ")[2] for row in page([first, second], tmp_path).rows[2:]]

    assert first_cells == ["songs", "ACME-C", "late", "ACME-D", "songs", "ACME-B", "ACME-A"]


def test_what_a_contract_does_not_have_is_left_empty(tmp_path: Path) -> None:
    old = past(tmp_path / "old", said("A", PASS), contract_version="1.0")
    new = past(tmp_path / "new", said("A", PASS), said("B", PASS), contract_version="1.1")
    text = matrix_page([old, new], tmp_path)

    assert ["MUST Rule B ACME-B", "", "✓ pass"] in Page(text).rows
    assert "The contracts differ: 1.0, 1.1." in text


def test_rows_say_whether_runs_differ_and_whether_anything_fails_for_the_choice_at_the_top(tmp_path: Path) -> None:
    runs = [
        past(tmp_path / "one", said("A", PASS), said("B", FAIL), said("C", PASS)),
        past(tmp_path / "two", said("A", PASS), said("B", FAIL), said("C", INCONCLUSIVE)),
    ]
    text = matrix_page(runs, tmp_path)

    assert [text.count(f'<tr class="requirement{kind}">') for kind in ("", " fails", " differs")] == [1, 1, 1]


def test_an_expected_failure_says_so(tmp_path: Path) -> None:
    run = past(tmp_path / "run", replace(said("A", FAIL, "no title"), expected=EXPECTATION))

    assert page([run], tmp_path).rows[-1][1] == "✗ fail, expected no title"


def test_a_column_can_be_given_a_name(tmp_path: Path) -> None:
    run = replace(past(tmp_path / "run", said("A", PASS)), label="main branch")

    assert page([run], tmp_path).rows[0][1].startswith("main branch ")


def test_it_links_to_the_page_of_each_run_from_where_it_will_stand(tmp_path: Path) -> None:
    folder = stored(tmp_path / "reports" / "run: 1?", said("A", FAIL, "no title"))
    (folder / "index.html").write_text("")
    other = past(tmp_path / "other", said("A", PASS))

    links = page([read_run(folder), other], tmp_path / "site").links

    assert links == ["../reports/run%3A%201%3F/index.html", "../reports/run%3A%201%3F/index.html#ACME-A"]


def test_runs_of_different_systems_make_no_table(tmp_path: Path) -> None:
    with pytest.raises(IncomparableRunsError, match="Only runs of one system"):
        matrix_page([past(tmp_path / "a", system="a"), past(tmp_path / "b", system="b")], tmp_path)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_a_report_holds_is_text_and_nothing_else(tmp_path: Path, text: str) -> None:
    facts = {"target": text, "started_at": text, "contract_version": text, "suite_version": text, "system": text}
    run = past(tmp_path / "run", said("A", FAIL, text, title=text, surface=text), **facts)
    shown = matrix_page([run, run], tmp_path)
    found = Page(shown)

    assert found.tags <= ALLOWED
    assert not {name for name in found.attributes if name.startswith("on") or name in ("src", "srcdoc", "style")}
    assert found.links == []
    assert len(found.rows) == 4
    assert len(shown.encode()) < 60_000


def test_the_page_loads_nothing_and_runs_nothing(tmp_path: Path) -> None:
    text = matrix_page([past(tmp_path / "run", said("A", PASS))], tmp_path)

    policy = re.search(r"default-src 'none'; style-src 'sha256-([\w+/=]+)'; base-uri 'none'; form-action 'none'", text)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)

    assert policy is not None
    assert style is not None
    assert base64.b64decode(policy[1]) == hashlib.sha256(style[1].encode()).digest()
    assert "<script" not in text
    assert "url(" not in text


def test_every_verdict_has_a_colour() -> None:
    colours = set(re.findall(r"(--\w+): #\w+;", asset("matrix.css").content))

    assert {f"--{verdict}" for verdict in Verdict} <= colours
