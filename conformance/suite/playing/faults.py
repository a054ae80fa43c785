"""Which rule an answer breaks, where it is not the one that the model expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.client.errors import UnansweredError
from conformance.suite.playing.rules import Rule

if TYPE_CHECKING:
    from conformance.contract.conventions import Phase
    from conformance.journal.records import Exchange
    from conformance.suite.playing.model import Model, Order, Task
    from conformance.suite.playing.moves import Moves


def creation_fault(model: Model, answer: Exchange, task_id: str | None, *, exact: bool, reuse: Rule) -> Rule | None:
    """
    The rule that is broken by the answer to a request that the balance can pay, `exact` if just so.

    An answer with a task that is known already breaks `reuse`.

    Raises:
        UnansweredError: nobody knows why it was refused, or which task it made.
    """
    if task_id is not None:
        return None if model.task_of(task_id) is None else reuse
    if answer.ok:
        raise UnansweredError("a request was accepted without the id of its task")
    is_new = reuse is Rule.ANOTHER_KEY_IS_ANOTHER_TASK
    if is_new is not exact:
        # Whether requests are accepted at all is judged elsewhere; and of two possible reasons, none is the reason.
        raise UnansweredError(f"a request that can be paid was answered {answer.summary}")
    return Rule.EXACT_BALANCE_SUFFICES if exact else reuse


def retry_rule(model: Model, order: Order, task: Task) -> Rule:
    """The rule that says that a request is recognised by its key, as things are with it."""
    if task.end is not None:
        return Rule.KEY_OUTLIVES_ITS_TASK
    return Rule.LATE_RETRY_IS_RECOGNISED if model.remembers_for_long(order) else Rule.RETRY_RETURNS_THE_TASK


def conflict_fault(
    moves: Moves, model: Model, order: Order, task: Task, *, answer: Exchange, probe: Exchange | None
) -> Rule | None:
    """The rule that is broken by the answer to another request with a key; `probe` is the first one sent again."""
    if not answer.ok:
        return None if moves.keys.is_conflict(answer.status, answer.interpretation) else Rule.CONFLICT_IS_REFUSED
    if probe is None or moves.created(probe) == task.id:
        return Rule.CONFLICT_IS_REFUSED
    # Nobody knows the key any more.
    return retry_rule(model, order, task)


def cancelled_fault(phase: Phase | None, rule: Rule) -> Rule | None:
    """
    The rule that is broken by what became of a task that was cancelled: `rule`, if it goes on.

    Raises:
        UnansweredError: it ended in another way.
    """
    if phase == "canceled":
        return None
    if phase in ("waiting", "working"):
        return rule
    raise UnansweredError(f"a task that was cancelled while it was held is {phase or 'in no documented state'}")
