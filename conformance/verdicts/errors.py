"""What can be wrong with the options of a gate."""

from __future__ import annotations


class GateError(Exception):
    """The gate can't be set up as it was asked for; the message is one sentence for the person who meets it."""


class UnreadableExpectationsError(GateError):
    """A file of expected or flaky failures is missing, is no YAML, or breaks its schema."""


class ContradictingExpectationsError(GateError):
    """A requirement was named twice, so it is not clear which reason and which date hold."""


class UnusableMinimumError(GateError):
    """How much must be judged at least was said in a way that has no meaning."""


class UnusableLevelsError(GateError):
    """The levels to be judged are none that exist, leave the verdict without a basis, or contradict strictness."""
