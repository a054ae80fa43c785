"""Pictures of a report for the documentation: a run against a fault that the suite is known to find, in a browser."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.browser.chromium import chromium, installed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
_FORGOTTEN = ("failure-refunded-on-paper", "BEATRA-MONEY-10")
_HALF_SHOWN = ("failure-refund-half-shown", "BEATRA-MONEY-08")
_LARGEST = 200_000
_WIDTH = 1100
# What is seen without scrolling, on a desk and in a hand.
_FIRST_SCREENS: Final = ((1400, 900), (390, 844))


def main() -> None:
    """Write the pictures, and say how large they are."""
    path = installed()
    if path is None:
        sys.exit("there is no Chromium here; tools/need-chromium installs it")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium(path) as browser:
        forgotten = _page(Path(folder), *_FORGOTTEN)
        _of_the_first_screen(browser, forgotten.partition("#")[0])
        _of_the_run_over_time(browser, forgotten.partition("#")[0])
        _of_a_missing_refund(browser, forgotten)
        _of_a_wrong_place(browser, _page(Path(folder), *_HALF_SHOWN))
    for image in sorted(IMAGES.glob("report-*.png")):
        size = image.stat().st_size
        print(f"{image.name}: {size / 1000:.0f} kB")
        if size > _LARGEST:
            sys.exit(f"{image.name} is larger than {_LARGEST / 1000:.0f} kB")


def _page(folder: Path, fault: str, rule: str) -> str:
    """The address of a rule in the report of a run against a fault that breaks it."""
    reports = folder / fault
    command = [sys.executable, "-m", "conformance", "demo", fault, "--no-open", "--report-dir", str(reports)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    return f"{next(reports.glob('*/index.html')).as_uri()}#{rule}"


def _of_the_first_screen(browser: Browser, address: str) -> None:
    for width, height in _FIRST_SCREENS:
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.goto(address)
            page.screenshot(path=IMAGES / f"report-{width}-{scheme}.png")


def _of_the_run_over_time(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": _WIDTH, "height": 900}, color_scheme="light")
    page.goto(address)
    page.locator("#picture").screenshot(path=IMAGES / "report-over-time.png")


def _of_a_missing_refund(browser: Browser, address: str) -> None:
    light = browser.new_page(viewport={"width": _WIDTH, "height": 620}, color_scheme="light")
    light.goto(address)
    row = light.locator(".requirement:has(:target)")
    _from(row.locator("summary").first, "report-rule.png", 900)


def _of_a_wrong_place(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": _WIDTH, "height": 620}, color_scheme="light")
    page.goto(address)
    exchange = page.locator(".requirement:has(:target) .exchange").first
    exchange.locator("mark").first.evaluate("(part) => part.scrollIntoView({block: 'center'})")
    _from(exchange, "report-exchange.png", 1000)


def _from(top: Locator, name: str, height: int) -> None:
    """A picture of what is seen when something stands at the top of the window."""
    page = top.page
    width = page.viewport_size["width"] if page.viewport_size else _WIDTH
    page.set_viewport_size({"width": width, "height": height})
    top.evaluate("(part) => { part.scrollIntoView(); scrollBy(0, -12); }")
    page.screenshot(path=IMAGES / name)


if __name__ == "__main__":
    main()
