"""Why something can't be judged here. But for `ForeignOriginError` none is a fault of the target or of the suite."""

from __future__ import annotations


class UndecidedError(Exception):
    """A scenario or test can't be carried out here; the message becomes the reason of an inconclusive verdict."""


class NotOfferedError(UndecidedError):
    """The target, or the user's configuration, does not offer something that is needed to judge."""


class NotApplicableError(UndecidedError):
    """The target does not have what the requirement speaks of, so the requirement does not apply."""


class BlockedError(UndecidedError):
    """A requirement that comes first is not met, so this one can't be reached."""

    def __init__(self, requirement_id: str, detail: str) -> None:
        super().__init__(f"blocked by {requirement_id}: {detail}")
        self.requirement_id = requirement_id


class UnansweredError(UndecidedError):
    """The target throttled, failed or ran out of money, which says nothing about the rule in question."""


class UnaskableError(UndecidedError):
    """A value that the target handed over is too long for any request to carry."""


class ReservationError(UndecidedError):
    """The request might spend real money, which this run may not do."""


class RequestLimitError(UndecidedError):
    """The run may send no more requests of this kind."""


class NotRecordedError(UndecidedError):
    """A recording is judged again, and what is asked for is not in it."""


class UnspentError(NotRecordedError, ReservationError):
    """The same in a recording that was made with real money, where much is left out because it might cost."""


class RunStoppedError(UndecidedError):
    """The run was ended before its end, so nothing more is sent; the message is a sentence that says why."""


class ControlError(UndecidedError):
    """The control interface offers something but does not do it."""


class ForeignOriginError(Exception):
    """A request with credentials was about to go to another host than the target's: the fault is ours."""


class NothingToAddError(UndecidedError):
    """A test can't judge a requirement that other tests judge as well: it has no part in the verdict."""
