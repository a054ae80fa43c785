"""What a mutant is: which requirement it breaks, how a tired engineer came to it, and the few lines that do it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp

TRIAL_SEED: Final = 1
"""The seed of the runs against mutants, which they were written against; the reference is run with many others."""

DRAWN_EXAMPLES: Final = 5
"""How many requests of a kind are drawn for each operation, where a mutant does not ask for more."""


PLAYED_HISTORIES: Final = 2
"""How many histories are drawn, where a mutant does not ask for more: nearly all faults show without them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """
    The reference with one fault.

    `breaks` is the requirement that must fail, `story` the mistake in one sentence. `cast` and `front` name the
    classes that take the place of the reference's own; `wrap` alters the traffic from outside. `consequences` maps
    requirements that must fail as well to the reason why that can't be avoided. `generated` says that only requests
    drawn from the document find it, `examples` of a kind for each operation; `heavy` that only files of 100 MB do;
    `histories` how many the stateful model draws, where no written order of steps finds it.
    `base_path` is where its operations are served, None: where those of the reference are.
    """

    id: str
    breaks: str
    story: str
    cast: Mapping[str, type[Any]] = field(default_factory=dict)
    front: Mapping[str, type[Any]] = field(default_factory=dict)
    wrap: Callable[[ASGIApp], ASGIApp] | None = None
    consequences: Mapping[str, str] = field(default_factory=dict)
    generated: bool = False
    examples: int = DRAWN_EXAMPLES
    heavy: bool = False
    histories: int = PLAYED_HISTORIES
    base_path: str | None = None
