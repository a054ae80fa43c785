"""A model that plays: accounts go through histories that nobody wrote, and stay as the rules say at every step."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import pytest

from conformance.client.errors import NothingToAddError, NotOfferedError, UndecidedError
from conformance.suite.beatra.histories import BOOK
from conformance.suite.marks import requirement
from conformance.suite.playing.book import BrokenHistory
from conformance.suite.playing.playing import play
from conformance.suite.playing.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.client.stage import Stage
    from conformance.suite.playing.book import Played, Repertoire


# Which requirement owns which rule.
OWNERS: Final[Mapping[Rule, str]] = MappingProxyType(
    {
        Rule.CREATION_IS_DEBITED: "BEATRA-MONEY-01",
        Rule.ANOTHER_KEY_IS_ANOTHER_TASK: "BEATRA-IDEMPOTENCY-09",
        Rule.TASK_CAN_BE_READ: "BEATRA-MUSIC-01",
        Rule.RETRY_RETURNS_THE_TASK: "BEATRA-IDEMPOTENCY-01",
        Rule.LATE_RETRY_IS_RECOGNISED: "BEATRA-IDEMPOTENCY-10",
        Rule.KEY_OUTLIVES_ITS_TASK: "BEATRA-IDEMPOTENCY-12",
        Rule.KEY_EXPIRES: "BEATRA-IDEMPOTENCY-11",
        Rule.RETRY_IS_FREE: "BEATRA-IDEMPOTENCY-04",
        Rule.RETRY_CREATES_NOTHING: "BEATRA-IDEMPOTENCY-03",
        Rule.CONFLICT_IS_REFUSED: "BEATRA-IDEMPOTENCY-05",
        Rule.CONFLICT_CHANGES_NOTHING: "BEATRA-IDEMPOTENCY-07",
        Rule.SHORTAGE_IS_REFUSED: "BEATRA-MONEY-15",
        Rule.BALANCE_IS_NOT_OVERDRAWN: "BEATRA-MONEY-19",
        Rule.SHORTAGE_CHANGES_NOTHING: "BEATRA-MONEY-16",
        Rule.EXACT_BALANCE_SUFFICES: "BEATRA-MONEY-17",
        Rule.TOP_UP_HELPS: "BEATRA-MONEY-18",
        Rule.CANCELLATION_IS_ACCEPTED: "BEATRA-CANCEL-01",
        Rule.WAITING_TASK_IS_CANCELED: "BEATRA-CANCEL-02",
        Rule.WORKING_TASK_IS_CANCELED: "BEATRA-CANCEL-03",
        Rule.LATE_CANCELLATION_CHANGES_NOTHING: "BEATRA-CANCEL-04",
        Rule.END_IS_FINAL: "BEATRA-TASK-03",
        Rule.CANCELLATION_IS_REFUNDED: "BEATRA-MONEY-11",
        Rule.FAILURE_IS_REFUNDED: "BEATRA-MONEY-10",
        Rule.REFUND_HAPPENS_ONCE: "BEATRA-MONEY-12",
        Rule.MOVEMENT_IS_EXPLAINED: "BEATRA-MONEY-22",
        Rule.TASK_IS_LISTED: "BEATRA-LIST-02",
        Rule.LIST_IS_ITS_OWNERS: "BEATRA-LIST-03",
        Rule.PAGING_VISITS_ONCE: "BEATRA-LIST-06",
        Rule.LIST_IS_FILTERED: "BEATRA-LIST-12",
    }
)


@pytest.fixture(scope="session")
def histories(stage: Stage, repertoire: Repertoire) -> Played:
    """Histories of accounts that nobody else uses; other tests judge the same rules where there can be none."""
    try:
        return play(stage, BOOK, repertoire)
    except UndecidedError as reason:
        raise NothingToAddError(f"no histories are played here: {reason}") from reason


@pytest.mark.parametrize(
    "rule", [pytest.param(rule, marks=requirement(owner), id=owner) for rule, owner in OWNERS.items()]
)
def test_no_history_breaks_the_rule(rule: Rule, histories: Played) -> None:
    broken = histories.broken
    if broken is not None and broken.rule is rule:
        if histories.times < 2:
            raise NotOfferedError(f"{broken.sentence}, but not when the same history was played again")
        raise BrokenHistory(broken)
    if not histories.tried.get(rule):
        early = "".join(f"; {count} ended early: {reason}" for reason, count in histories.cut.items())
        raise NothingToAddError(f"no history came to it{early}")
