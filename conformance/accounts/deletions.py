"""What may be deleted: the interface of the rule that every request of an account is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from conformance.client.request import PreparedRequest
    from conformance.journal.records import Exchange

NOT_OWN: Final = "it would take away what this run has not made (--destructive allows that)"


class DeletionRule(Protocol):
    """Knows what the run has made, and says which requests take away something else."""

    def note(self, exchange: Exchange) -> None:
        """Keep what an answer shows of something that was made."""

    def allows(self, prepared: PreparedRequest) -> bool:
        """Whether a request takes away nothing, or only what may be taken away."""


class AnyDeletion:
    """Every request may be sent."""

    def note(self, exchange: Exchange) -> None:
        """Do nothing."""

    def allows(self, prepared: PreparedRequest) -> bool:  # noqa: ARG002 - the interface's
        """Allow it."""
        return True
