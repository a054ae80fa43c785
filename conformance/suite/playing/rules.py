"""The rules that a model of an account knows, whichever system it is of."""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """What can be broken in a history, in words; a system says which of its requirements owns each."""

    CREATION_IS_DEBITED = "creating a task debits what the task shows"
    ANOTHER_KEY_IS_ANOTHER_TASK = "another key makes another task"
    TASK_CAN_BE_READ = "a task that was created can be read"
    RETRY_RETURNS_THE_TASK = "a retry returns the task of the first request"
    LATE_RETRY_IS_RECOGNISED = "a retry late in the window of its key is recognised"
    KEY_OUTLIVES_ITS_TASK = "a retry is recognised although the task has ended"
    KEY_EXPIRES = "a key is free again after its window"
    RETRY_IS_FREE = "a retry is not debited"
    RETRY_CREATES_NOTHING = "a retry creates nothing"
    CONFLICT_IS_REFUSED = "a key with another request is a conflict"
    CONFLICT_CHANGES_NOTHING = "a conflict creates nothing, costs nothing, and the first task goes on"
    SHORTAGE_IS_REFUSED = "what the balance can't pay is refused"
    BALANCE_IS_NOT_OVERDRAWN = "requests in quick succession can't overdraw the balance"
    SHORTAGE_CHANGES_NOTHING = "what is refused for its price creates nothing and costs nothing"
    EXACT_BALANCE_SUFFICES = "a balance of exactly the price suffices"
    TOP_UP_HELPS = "what was refused for its price is accepted after a top-up"
    CANCELLATION_IS_ACCEPTED = "a task that goes on can be cancelled"
    WAITING_TASK_IS_CANCELED = "a task that waits is cancelled"
    WORKING_TASK_IS_CANCELED = "a task that runs is cancelled"
    LATE_CANCELLATION_CHANGES_NOTHING = "cancelling a task that has ended changes nothing"
    END_IS_FINAL = "a task that has ended stays so"
    CANCELLATION_IS_REFUNDED = "the refund of a cancellation reaches the wallet"
    FAILURE_IS_REFUNDED = "the refund of a failure reaches the wallet"
    REFUND_HAPPENS_ONCE = "a refund happens once"
    MOVEMENT_IS_EXPLAINED = "every movement of the wallet is explained"
    TASK_IS_LISTED = "a task is in its owner's list"
    LIST_IS_ITS_OWNERS = "the list shows its owner's tasks only"
    PAGING_VISITS_ONCE = "paging visits every task once"
    LIST_IS_FILTERED = "a filter by state selects the tasks in that state"


class BrokenRuleError(Exception):
    """A step ended otherwise than the model says; Hypothesis looks for the shortest history that comes to this."""

    def __init__(self, rule: Rule, sentence: str) -> None:
        super().__init__(sentence)
        self.rule = rule
