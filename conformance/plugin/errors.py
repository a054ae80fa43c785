"""Errors in what the command line asks for, apart from the target."""

from __future__ import annotations


class OptionError(Exception):
    """An option can't be used as it was given."""


class UnusableCapError(OptionError):
    """The cap on what may be spent is no amount, or contradicts the tier."""


class OverlayWithoutDocumentError(OptionError):
    """Changes are to be proposed, and no document of the user is there."""


class NoSuchRunError(OptionError):
    """The folder of the run that is to be repeated holds no report."""


class NoSuchRecordingError(OptionError):
    """The folder that is to be judged again is not that of a run."""


class UnreadableRunError(OptionError):
    """A file of a run's folder can't be read."""


class UnknownRequirementError(OptionError):
    """A requirement was asked for by an id that none has."""


class UnknownSchemeError(OptionError):
    """A key was given for a security scheme that the document does not have."""


class UnknownOperationError(OptionError):
    """An operation was asked for in a way that fits none."""
