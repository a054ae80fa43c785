"""The stateful model: accounts go through drawn histories, and are as the rules say after every step."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import pytest

from conformance.client.errors import NothingToAddError, NotOfferedError, UndecidedError
from conformance.suite.beatra.histories import BOOK
from conformance.suite.scenarios import requirement
from conformance.suite.stateful_model.model import BrokenHistory, ModelRule
from conformance.suite.stateful_model.run import play

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.accounts.account_pool import AccountPool
    from conformance.suite.stateful_model.model import ModelSettings, Played


# Which requirement owns which rule.
OWNERS: Final[Mapping[ModelRule, str]] = MappingProxyType(
    {
        ModelRule.CREATION_IS_DEBITED: "BEATRA-MONEY-01",
        ModelRule.ANOTHER_KEY_IS_ANOTHER_TASK: "BEATRA-IDEMPOTENCY-09",
        ModelRule.TASK_CAN_BE_READ: "BEATRA-MUSIC-01",
        ModelRule.RETRY_RETURNS_THE_TASK: "BEATRA-IDEMPOTENCY-01",
        ModelRule.LATE_RETRY_IS_RECOGNISED: "BEATRA-IDEMPOTENCY-10",
        ModelRule.KEY_OUTLIVES_ITS_TASK: "BEATRA-IDEMPOTENCY-12",
        ModelRule.KEY_EXPIRES: "BEATRA-IDEMPOTENCY-11",
        ModelRule.RETRY_IS_FREE: "BEATRA-IDEMPOTENCY-04",
        ModelRule.RETRY_CREATES_NOTHING: "BEATRA-IDEMPOTENCY-03",
        ModelRule.CONFLICT_IS_REFUSED: "BEATRA-IDEMPOTENCY-05",
        ModelRule.CONFLICT_CHANGES_NOTHING: "BEATRA-IDEMPOTENCY-07",
        ModelRule.SHORTAGE_IS_REFUSED: "BEATRA-MONEY-15",
        ModelRule.BALANCE_IS_NOT_OVERDRAWN: "BEATRA-MONEY-19",
        ModelRule.SHORTAGE_CHANGES_NOTHING: "BEATRA-MONEY-16",
        ModelRule.EXACT_BALANCE_SUFFICES: "BEATRA-MONEY-17",
        ModelRule.TOP_UP_HELPS: "BEATRA-MONEY-18",
        ModelRule.CANCELLATION_IS_ACCEPTED: "BEATRA-CANCEL-01",
        ModelRule.WAITING_TASK_IS_CANCELED: "BEATRA-CANCEL-02",
        ModelRule.WORKING_TASK_IS_CANCELED: "BEATRA-CANCEL-03",
        ModelRule.LATE_CANCELLATION_CHANGES_NOTHING: "BEATRA-CANCEL-04",
        ModelRule.END_IS_FINAL: "BEATRA-TASK-03",
        ModelRule.CANCELLATION_IS_REFUNDED: "BEATRA-MONEY-11",
        ModelRule.FAILURE_IS_REFUNDED: "BEATRA-MONEY-10",
        ModelRule.REFUND_HAPPENS_ONCE: "BEATRA-MONEY-12",
        ModelRule.MOVEMENT_IS_EXPLAINED: "BEATRA-MONEY-22",
        ModelRule.TASK_IS_LISTED: "BEATRA-LIST-02",
        ModelRule.LIST_IS_ITS_OWNERS: "BEATRA-LIST-03",
        ModelRule.PAGING_VISITS_ONCE: "BEATRA-LIST-06",
        ModelRule.LIST_IS_FILTERED: "BEATRA-LIST-12",
    }
)


@pytest.fixture(scope="session")
def histories(account_pool: AccountPool, model_settings: ModelSettings) -> Played:
    """Histories of accounts of their own; other tests judge the same rules where there can be none."""
    try:
        return play(account_pool, BOOK, model_settings)
    except UndecidedError as reason:
        raise NothingToAddError(f"no histories are played here: {reason}") from reason


@pytest.mark.parametrize(
    "rule", [pytest.param(rule, marks=requirement(owner), id=owner) for rule, owner in OWNERS.items()]
)
def test_no_history_breaks_the_rule(rule: ModelRule, histories: Played) -> None:
    broken = histories.broken
    if broken is not None and broken.rule is rule:
        if histories.times < 2:
            raise NotOfferedError(f"{broken.sentence}, but not when the same history was played again")
        raise BrokenHistory(broken)
    if not histories.tried.get(rule):
        early = "".join(f"; {count} ended early: {reason}" for reason, count in histories.cut.items())
        raise NothingToAddError(f"no history came to it{early}")
