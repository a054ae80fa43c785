"""What people do with the page: filter it, follow a link to a rule, go through it by keyboard, read it anywhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.pages import BROKEN, whole_page

if TYPE_CHECKING:
    from tests.browser.looking import LocationRead, Onlooker

pytestmark = pytest.mark.browser

EVERYTHING = "document.querySelectorAll('details').forEach((part) => { part.open = true; })"
# What takes the keyboard's focus; of radio buttons of one name only the chosen one does.
FOCUSABLE = "a[href], button, input:not([type=radio]), input[type=radio]:checked, summary, [tabindex='0']"
NAME = "(part) => `${part.localName}: ${(part.ariaLabel || part.textContent || part.id).trim().slice(0, 60)}`"


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def script(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_the_verdict_is_what_is_seen_first(look: Onlooker) -> None:
    heading = look.at(whole_page()).page.get_by_role("heading", level=1)

    assert heading.inner_text().startswith("incomplete · ")
    assert heading.bounding_box() is not None
    assert heading.is_visible()


def test_the_page_has_nothing_to_complain_about(look: Onlooker) -> None:
    seen = look.at(whole_page())

    assert seen.messages == []
    assert seen.requests == [seen.page.url]


def test_requirements_are_filtered_by_verdict_and_level(look: Onlooker, script: bool) -> None:  # noqa: FBT001 - a parameter
    seen = look.at(whole_page(), java_script_enabled=script)
    seen.page.get_by_label("fail (2)").check()
    assert seen.shown() == [BROKEN, "ACME-MONEY-02"]

    seen.page.get_by_label("all (7)").check()
    seen.page.get_by_label("SHOULD (2)").check()
    assert seen.shown() == ["ACME-SONG-02", "ACME-MONEY-03"]


def test_requirements_are_filtered_by_text(look: Onlooker) -> None:
    seen = look.at(whole_page())
    seen.page.get_by_label("Text").fill("REFUND wallet")

    assert seen.shown() == [BROKEN]
    assert not seen.page.get_by_role("heading", name="songs", exact=True).is_visible()


def test_the_filter_stays_in_view(look: Onlooker) -> None:
    seen = look.at(whole_page())
    seen.page.locator(".surface").last.evaluate("(part) => part.scrollIntoView({block: 'end'})")
    seen.page.evaluate("scrollBy(0, 300)")

    assert seen.page.evaluate("scrollY") > 900
    assert (seen.page.locator(".filter").bounding_box() or {"y": -1})["y"] == 0


def test_what_is_not_broken_is_folded_away(look: Onlooker) -> None:
    seen = look.at(whole_page())

    assert seen.shown() == [BROKEN, "ACME-MONEY-02", "ACME-MONEY-05"]
    assert not seen.page.locator("#ledger").is_visible()
    seen.page.get_by_role("link", name="Ledger").click()
    assert seen.page.locator("#ledger").is_visible()


def test_how_many_are_shown_is_announced(look: Onlooker) -> None:
    seen = look.at(whole_page())
    seen.page.get_by_label("Text").fill("singer")

    assert seen.page.locator("[aria-live=polite]").inner_text() == "1 of 7 requirements are shown."


def test_without_script_there_is_no_control_that_does_nothing(look: Onlooker) -> None:
    seen = look.at(whole_page(), java_script_enabled=False)

    assert [button.is_visible() for button in seen.page.locator("button, input[type=search]").all()].count(True) == 0


def test_a_link_leads_to_its_requirement_and_unfolds_it(look: Onlooker, script: bool) -> None:  # noqa: FBT001 - a parameter
    seen = look.at(whole_page(), "#ACME-SONG-02", java_script_enabled=script)
    body = seen.page.locator("#ACME-SONG-02")

    assert body.is_visible()
    assert 0 <= (body.bounding_box() or {"y": -1})["y"] < 900


def test_a_link_is_followed_whatever_the_filter_says(look: Onlooker) -> None:
    seen = look.at(whole_page())
    seen.page.get_by_label("Text").fill("singer")
    seen.page.get_by_role("link", name="Refunds reach the wallet").click()

    assert seen.page.locator(f"#{BROKEN}").is_visible()


def test_rule_money_and_exchange_are_one_click_away(look: Onlooker) -> None:
    seen = look.at(whole_page())
    seen.page.get_by_role("link", name="Refunds reach the wallet").click()
    row = seen.page.locator(f".requirement:has(#{BROKEN})")

    assert row.get_by_text("Every song carries a title.").is_visible()
    assert row.get_by_text("expected 500.00").count() == 0  # it stands apart: expected, and got
    assert row.locator("mark", has_text="440.00").is_visible()
    assert row.locator("mark", has_text='"back": "30.00"').is_visible()


@pytest.mark.parametrize("width", [390, 1600])
def test_nothing_is_wider_than_the_window(width: int, look: Onlooker) -> None:
    seen = look.at(whole_page(), width=width)
    folded = seen.overflow()
    seen.page.evaluate(EVERYTHING)

    assert (folded, seen.overflow()) == (0, 0)


def test_the_keyboard_reaches_everything(look: Onlooker) -> None:
    seen = look.at(whole_page())
    seen.page.evaluate(EVERYTHING)
    wanted = seen.page.eval_on_selector_all(FOCUSABLE, f"(parts) => parts.map({NAME})")

    assert reached(seen, len(wanted)) == wanted


def test_the_first_stop_of_the_keyboard_leads_to_the_requirements(look: Onlooker) -> None:
    seen = look.at(whole_page())
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Enter")

    expect(seen.page).to_have_url(re.compile("#requirements$"))


def test_a_requirement_is_unfolded_by_keyboard(look: Onlooker) -> None:
    seen = look.at(whole_page())
    for summary in (".rest:has(#ACME-SONG-01) > summary", ".requirement:has(#ACME-SONG-01) > details > summary"):
        seen.page.locator(summary).focus()
        seen.page.keyboard.press("Enter")

    assert seen.page.locator("#ACME-SONG-01").is_visible()


def test_what_has_the_focus_is_seen_to_have_it(look: Onlooker) -> None:
    seen = look.at(whole_page())
    seen.page.keyboard.press("Tab")

    assert seen.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_rule_of_accessibility_is_broken(scheme: str, width: int, look: Onlooker) -> None:
    seen = look.at(whole_page(), width=width, color_scheme=scheme)
    seen.page.evaluate(EVERYTHING)
    found = Axe().run(seen.page).response["violations"]

    assert [(rule["id"], rule["impact"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


def test_a_command_is_copied(look: Onlooker) -> None:
    seen = look.at(whole_page(), permissions=["clipboard-read", "clipboard-write"])
    row = seen.page.locator(f".requirement:has(#{BROKEN})")
    row.get_by_role("button", name="Copy: Send it again with curl").first.click()
    seen.page.wait_for_function("navigator.clipboard.readText().then((text) => text !== '')")

    assert str(seen.page.evaluate("navigator.clipboard.readText()")).startswith("curl -sS -i http://target.test/")


def test_print_shows_what_is_broken_and_no_controls(look: Onlooker) -> None:
    seen = look.at(whole_page())
    seen.page.emulate_media(media="print")

    assert not seen.page.locator(".filter").is_visible()
    assert not seen.page.get_by_role("navigation").is_visible()
    assert seen.page.locator(f"#{BROKEN}").is_visible()


def reached(seen: LocationRead, stops: int) -> list[str]:
    """What has the focus after each press of the tabulator."""
    names = []
    for _ in range(stops):
        seen.page.keyboard.press("Tab")
        names.append(str(seen.page.evaluate(f"({NAME})(document.activeElement)")))
    return names
