"""How tests look at a page: what it shows, what it runs, and what it asks others for."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page


@dataclass(frozen=True)
class Canary:
    """A server that notes who calls it."""

    origin: str
    seen: list[str]


@dataclass
class LocationRead:
    """A page that is open, with everything that it asked for, and all that it had to say to its developer."""

    page: Page
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def shown(self) -> list[str]:
        """The ids of the requirements that are to be seen."""
        return [row.text_content() or "" for row in self.page.locator(".requirement:visible .id").all()]

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return width


class Window:
    """A page of Chromium in a context of its own, and what is seen in it at present."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._seen = LocationRead(page)
        page.on("request", lambda request: self._seen.requests.append(request.url))
        page.on("console", lambda message: self._seen.messages.append(message.text))
        page.on("pageerror", lambda error: self._seen.messages.append(str(error)))
        page.on("dialog", lambda dialog: self._seen.messages.append(f"dialog: {dialog.message}"))

    def opened(self, address: str) -> LocationRead:
        """Another document in place of the one before; nothing is left of how that was looked at."""
        self._page.emulate_media(media="null")
        self._page.mouse.move(-1, -1)
        self._seen = LocationRead(self._page)
        self._page.goto(address)
        return self._seen


class Windows:
    """
    A window for each kind of context that tests ask for, as long as the browser is there.

    A new page costs Chromium more than all that a test does with it.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._open: dict[str, Window] = {}

    def of(self, **options: Any) -> Window:  # noqa: ANN401 - Playwright's
        """The window of contexts with these options."""
        kind = repr(sorted(options.items()))
        if kind not in self._open:
            self._open[kind] = Window(self._browser.new_context(**options).new_page())
        return self._open[kind]


class Onlooker:
    """Writes pages to files and opens them, one after the other."""

    def __init__(self, windows: Windows, folder: Path) -> None:
        self._windows = windows
        self._folder = folder
        self._numbers = count()

    def at(self, source: str, fragment: str = "", *, width: int = 1280, **options: Any) -> LocationRead:  # noqa: ANN401 - Playwright's
        """Open a page at one of its places; the options are Playwright's for a browser context."""
        # Under a name of its own it is another document, and not another place of the one before.
        file = self._folder / f"page-{next(self._numbers)}.html"
        file.write_text(source, "utf-8")
        window = self._windows.of(viewport={"width": width, "height": 900}, **options)
        return window.opened(file.as_uri() + fragment)
