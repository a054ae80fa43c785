"""
What can be wrong with a target before the first request of a run.

Errors in what is stated: `TargetFileError` (with `LiteralKeyError`), `InvalidUrlError`, `UnusableOptionError`,
`ContradictoryOptionsError`, `ConflictingTargetsError`, `UnstatedSystemError`, `UnknownSurfaceError`, `MissingKeyError`,
`UnusableKeyError`, `UnfetchableDocumentError`. Errors of starting or reaching it: `AppNotLoadableError`,
`NoEmbeddedTargetError`, `NoFaultsError`, `UnknownFaultError`, `UnreachableTargetError`.
"""

from __future__ import annotations


class TargetError(Exception):
    """The target can't be used; the message is one sentence for the user."""


class TargetFileError(TargetError):
    """The file `target.toml` can't be read, or a value in it is not allowed."""


class LiteralKeyError(TargetFileError):
    """The file `target.toml` holds a key where only the name of an environment variable may stand."""


class InvalidUrlError(TargetError):
    """A URL is none, carries credentials, or has a part that makes no sense where it is used."""


class UnusableOptionError(TargetError):
    """A setting was stated in a way that has no meaning, or is out of bounds."""


class ContradictoryOptionsError(TargetError):
    """A setting was stated in two ways at once."""


class UnfetchableDocumentError(TargetError):
    """The document that is named by a URL can't be fetched."""


class ConflictingTargetsError(TargetError):
    """Two different targets were asked for at once."""


class InterpreterWithoutAppError(TargetError):
    """An interpreter was named, but no application that it could run."""


class UnstatedSystemError(TargetError):
    """Several systems are known, and no option or file states which one the target implements."""


class UnknownSurfaceError(TargetError):
    """A surface is stated that the target's system does not have."""


class MissingKeyError(TargetError):
    """An environment variable was named as the place of a key, but it is not set or is empty."""


class UnusableKeyError(TargetError):
    """An environment variable holds something that no HTTP header can carry as a key."""


class AppNotLoadableError(TargetError):
    """An application could not be imported, could not be made, or did not start in time."""


class NoEmbeddedTargetError(TargetError):
    """The embedded implementation was asked for, but the system comes without one."""


class NoFaultsError(TargetError):
    """A fault was asked for, but the system comes without any to try."""


class UnknownFaultError(TargetError):
    """A fault was asked for that does not exist."""


class NoLibertiesError(TargetError):
    """A liberty was asked for, but the system's embedded implementation takes none."""


class ClashingLibertiesError(TargetError):
    """Two liberties were asked for that no server can take at the same time."""


class UnreachableTargetError(TargetError):
    """Nothing that speaks HTTP answers where the target should be."""
