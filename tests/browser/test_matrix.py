"""The page of many runs, seen through a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from conformance.report.compare.table import matrix_page
from tests.browser.test_hostility import STRIKES
from tests.report.compare.past import ERROR, FAIL, INCONCLUSIVE, NOT_APPLICABLE, PASS, past, said

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.looking import Canary, Onlooker

pytestmark = pytest.mark.browser


@pytest.fixture
def page(tmp_path: Path) -> str:
    """A page with every verdict, some of them in agreement."""
    first = past(
        tmp_path / "first", said("A", PASS), said("B", FAIL, "no title"), said("C", PASS), said("D", ERROR, "?")
    )
    second = past(
        tmp_path / "second",
        said("A", PASS),
        said("B", FAIL, "no title either"),
        said("C", INCONCLUSIVE, "no clock"),
        said("D", NOT_APPLICABLE, "not offered"),
        said("E", PASS, surface="albums"),
        target="http://a-target-with-a-long-name.test/v1/and/a/long/path",
    )
    return matrix_page([first, second] * 3, tmp_path)


def test_the_page_asks_for_nothing_and_has_nothing_to_complain_about(page: str, look: Onlooker) -> None:
    seen = look.at(page)

    assert seen.requests == [seen.page.url]
    assert seen.messages == []


@pytest.mark.parametrize(
    "choice, rows",
    [
        ("all requirements", "CDEBA"),
        ("where runs differ", "CDE"),
        ("what fails anywhere", "B"),
    ],
)
def test_the_choice_leaves_only_what_was_asked_for(page: str, look: Onlooker, choice: str, rows: str) -> None:
    seen = look.at(page)
    seen.page.get_by_label(choice).check()

    assert seen.shown() == [f"ACME-{row}" for row in rows]


def test_a_cell_tells_its_reason_when_it_is_opened_by_keyboard(page: str, look: Onlooker) -> None:
    seen = look.at(page)
    reason = seen.page.get_by_text("no title either").first
    assert not reason.is_visible()

    seen.page.locator("td.fail summary").nth(1).focus()
    seen.page.keyboard.press("Enter")

    assert reason.is_visible()


@pytest.mark.parametrize("width", [390, 1600])
def test_nothing_but_the_table_is_wider_than_the_window(page: str, look: Onlooker, width: int) -> None:
    assert look.at(page, width=width).overflow() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_rule_of_accessibility_is_broken(page: str, look: Onlooker, scheme: Literal["light", "dark"]) -> None:
    seen = look.at(page, color_scheme=scheme)

    assert Axe().run(seen.page).response["violations"] == []


@pytest.mark.parametrize("text", STRIKES.values(), ids=STRIKES.keys())
def test_nothing_of_a_report_runs_and_nothing_is_asked_for(
    text: str, look: Onlooker, canary: Canary, tmp_path: Path
) -> None:
    strike = text.replace("ELSEWHERE", canary.origin)
    facts = {"target": strike, "started_at": strike, "contract_version": strike, "system": strike}
    run = past(tmp_path / "run", said("A", FAIL, strike, title=strike, surface=strike), **facts)

    seen = look.at(matrix_page([run, run], tmp_path))
    seen.page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    seen.page.locator("body").hover()

    assert seen.page.evaluate("window.struck") is None
    assert seen.requests == [seen.page.url]
    assert seen.messages == []
    assert canary.seen == []
