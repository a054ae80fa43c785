"""Errors of writing and reading a journal."""

from __future__ import annotations


class JournalError(Exception):
    """A journal can't be written or read; the message is one sentence for the user."""


class JournalExistsError(JournalError):
    """The folder already holds a journal of this worker, and a journal is never written over or continued."""


class UnwritableJournalError(JournalError):
    """The journal's folder or file can't be written."""


class MissingJournalError(JournalError):
    """The folder that should hold a recording holds no journal."""


class UnreadableJournalError(JournalError):
    """A line that is not the last of its file is no record of a journal."""


class JournalVersionError(JournalError):
    """The journal was written in a form that this version of the suite does not read."""


class MissingBodyError(JournalError):
    """A record refers to a body that is no longer beside the journal."""
