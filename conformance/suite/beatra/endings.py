"""Whether a task ends within the documented waiting time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.journal.records import Mismatch
from conformance.suite.beatra.envelopes import ENDS, state_of

if TYPE_CHECKING:
    from conformance.accounts.account import Followed
    from conformance.contract.contract import Contract

READS: Final = "BEATRA-MUSIC-01"
STATES: Final = "BEATRA-TASK-01"


def ends_in_time(followed: Followed, contract: Contract) -> None:
    """
    The task has ended, in a documented state, by the end of the documented waiting time.

    Raises:
        Mismatch: it goes on.
        NotOfferedError: it was not followed for so long.
        BlockedError: it can't be read, or is in an undocumented state.
    """
    last = followed.last
    if followed.ended:
        assert state_of(last) in ENDS
        return
    if not last.accepted:
        raise BlockedError(READS, f"reading the task was answered {last.failure or last.status}")
    tasks = contract.conventions.tasks
    if tasks is None or followed.waited_seconds < tasks.polling.timeout_seconds:
        raise NotOfferedError(f"the task was followed for {followed.waited_seconds:.0f} s only")
    if tasks.states.get(state_of(last)) is None:
        raise BlockedError(STATES, f"the task is {state_of(last)!r:.40}")
    waited = f"{followed.waited_seconds:.0f} s"
    raise Mismatch(f"expected an end of the task within {waited}, it is {state_of(last)}", last.id)
