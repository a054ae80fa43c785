"""Text for whoever sits at a console: coloured where that is wanted, and inert whatever it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from conformance.report.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST: Final = 10_000
Part: TypeAlias = tuple[str, str]
"""A piece of a line and its style in rich's words, empty for none."""


def tell(lines: Iterable[Iterable[Part]]) -> None:
    """Print lines; rich honours NO_COLOR, FORCE_COLOR and what is no terminal."""
    # Imported here: a command that fails before it has anything to tell need not wait for it.
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False)
    for line in lines:
        text = Text.assemble(*((printable(part, _LONGEST), style) for part, style in line))
        # Lines stay as they are: what is printed may be searched and cut by other programs.
        console.print(text, soft_wrap=True)
