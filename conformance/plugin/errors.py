"""What is wrong with what was asked for on the command line, apart from the target."""

from __future__ import annotations


class OptionError(Exception):
    """An option can't be used as it was given."""


class UnusableCapError(OptionError):
    """The cap on what may be spent is no amount, or contradicts the tier."""


class ContradictoryMoneyError(OptionError):
    """The money was said to be play and real at once."""


class UnusableDurationError(OptionError):
    """A duration is not a positive number with a unit."""


class ConventionsWithoutDocumentError(OptionError):
    """Conventions were given, but no document that they belong to."""


class SystemOfADocumentError(OptionError):
    """Both a system that comes with the suite and a document of somebody's own were named."""


class NoSuchRunError(OptionError):
    """The run that is to be repeated is not there."""


class NoSuchRecordingError(OptionError):
    """The folder that is to be judged again is not that of a run."""


class UnreadableRunError(OptionError):
    """What a run's folder says of the run can't be read."""
