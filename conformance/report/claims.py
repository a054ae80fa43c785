"""What was expected and what came instead, told apart where a reason says both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

# The suite's own way of saying it, and pytest's: in an equation what came stands on the left.
_SENTENCE: Final = re.compile(
    r"(?:(?P<place>.{1,200}?): )?expected (?P<expected>.+?), (?:but )?got (?P<got>.+)", re.DOTALL
)
_EQUATION: Final = re.compile(r"assert (?P<got>.+?) == (?P<expected>.+)")
_NEXT: Final = re.compile(r"; (?=expected )")
_LONGEST: Final = 600


@dataclass(frozen=True, slots=True)
class Claim:
    """What should have come, and what came."""

    expected: str
    got: str


def claim_of(reason: str) -> Claim | None:
    """The claim that a reason makes; None where it makes none, several, or one that can't be told apart."""
    if len(reason) > _LONGEST or reason.count("expected ") > 1:
        return None
    sentence = _SENTENCE.fullmatch(reason)
    if sentence is not None:
        place = f"{sentence['place']}: " if sentence["place"] else ""
        return Claim(f"{place}{sentence['expected']}", sentence["got"])
    first, *explained = reason.splitlines() or [""]
    equation = _EQUATION.fullmatch(first)
    # What follows an equation is pytest's account of the difference.
    if equation is None or any(line and not line.startswith(("  ", "- ", "+ ", "? ")) for line in explained):
        return None
    return Claim(equation["expected"], equation["got"])


def claims_of(reason: str) -> tuple[Claim, ...]:
    """All claims of a reason that lists several; none where one of them can't be told apart, as that would hide it."""
    claims = [claim_of(part) for part in _NEXT.split(reason)]
    return tuple(claim for claim in claims if claim is not None) if None not in claims else ()
