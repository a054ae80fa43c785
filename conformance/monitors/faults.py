"""What a rule finds wrong, with the place where it is, if it is one place."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.journal.spots import Spot
from conformance.monitors.places import show


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as a sentence, and the place of the answer that shows it."""

    sentence: str
    spot: Spot

    def __str__(self) -> str:
        return self.sentence


# A fault that is at no one place is no more than its sentence.
Complaint = Fault | str


def fault_at(pointer: str, whose: str, expected: str, found: object) -> Fault:
    """The fault of one place of a body; `whose` names the answer, `found` is what stands there."""
    actual = show(found)
    sentence = f"expected {expected} at {pointer or 'the top'} of {whose}, got {actual}"
    return Fault(sentence, Spot("body", pointer, expected, actual))
