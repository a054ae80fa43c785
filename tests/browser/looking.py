"""How tests look at a page: what it shows, what it runs, and what it asks others for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page


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


class Onlooker:
    """Writes pages to files and opens them."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        self._folder = folder
        self._contexts: list[BrowserContext] = []

    def at(self, source: str, fragment: str = "", *, width: int = 1280, **options: Any) -> LocationRead:  # noqa: ANN401 - Playwright's
        """Open a page at one of its places; the options are Playwright's for a browser context."""
        file = self._folder / "index.html"
        file.write_text(source, "utf-8")
        context = self._browser.new_context(viewport={"width": width, "height": 900}, **options)
        self._contexts.append(context)
        look = LocationRead(context.new_page())
        look.page.on("request", lambda request: look.requests.append(request.url))
        look.page.on("console", lambda message: look.messages.append(message.text))
        look.page.on("pageerror", lambda error: look.messages.append(str(error)))
        look.page.on("dialog", lambda dialog: look.messages.append(f"dialog: {dialog.message}"))
        look.page.goto(file.as_uri() + fragment)
        return look

    def close(self) -> None:
        """Close all windows."""
        for context in self._contexts:
            context.close()
