"""What all pages are made with: templates that escape, and a stylesheet and script that the page's own policy knows."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance.report.text import one_line, printable

_LINE_LIMIT: Final = 400
_TEXT_LIMIT: Final = 2000


@dataclass(frozen=True, slots=True)
class Asset:
    """A stylesheet or script of ours as it stands in a page, and the `hash` by which the page's policy knows it."""

    content: Markup
    hash: str


@cache
def asset(name: str) -> Asset:
    """The stylesheet or script of this name."""
    # As a template, so that stylesheets can share parts.
    content = Markup(templates().get_template(name).render())  # noqa: S704 - our own text
    digest = hashlib.sha256(content.encode()).digest()
    return Asset(content, f"sha256-{base64.b64encode(digest).decode()}")


@cache
def templates() -> Environment:
    """The templates; their filters `line` and `text` make inert, bounded text of what came from a target."""
    environment = Environment(
        loader=PackageLoader("conformance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["line"] = lambda text: one_line(str(text), _LINE_LIMIT)
    environment.filters["text"] = lambda text: printable(str(text), _TEXT_LIMIT)
    return environment
