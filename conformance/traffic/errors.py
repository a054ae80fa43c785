"""What can go wrong with watching others' traffic; each message is one sentence for the person who meets it."""

from __future__ import annotations


class WatchingError(Exception):
    """Traffic can't be watched, or a recording of it can't be used."""


class UnreadableArchiveError(WatchingError):
    """A file can't be read, or is no archive of HTTP traffic."""


class ArchiveTooLargeError(WatchingError):
    """An archive is larger than anything that is read here."""


class NothingOfTargetError(WatchingError):
    """No request of an archive went to the API."""


class FolderNotMadeError(WatchingError):
    """The folder of the report can't be made."""


class UnusableTimeLimitError(WatchingError):
    """A duration is not written as one."""


class UnusableUpstreamError(WatchingError):
    """The upstream of a proxy can't be used."""
