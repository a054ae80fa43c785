"""Money that must come back: a task that fails or is cancelled costs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from conformance.client.errors import BlockedError
from conformance.suite.beatra.bodies import SONG
from conformance.suite.marks import requirement

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway

ENOUGH = Decimal(500)


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that was made to fail, with the wallet before its creation, after it, and after its end."""

    created: Exchange
    ended: Exchange
    before: Decimal
    charged: Decimal
    after: Decimal


@pytest.fixture(scope="session")
def failure(gateway: OpenGateway) -> Failure:
    """A song that the gateway is told to fail."""
    with gateway("failure", needs=("tasks/outcome", "wallet"), balance=ENOUGH) as beatra:
        beatra.control.next_outcome("failed")
        before = beatra.control.balance()
        created = beatra.started(SONG)
        charged = beatra.control.balance()
        ended = beatra.finished(created).last
        if ended.get("/status") != "failed":
            raise BlockedError("BEATRA-TASK-05", f"the task was told to fail but is {ended.get('/status')!r}")
        return Failure(created, ended, before, charged, beatra.control.balance())


@requirement("BEATRA-MONEY-01")
def test_creating_a_task_debits_the_wallet(failure: Failure) -> None:
    assert failure.before - failure.charged == Decimal("80.0000")


@requirement("BEATRA-MONEY-10")
def test_the_refund_of_a_failure_reaches_the_wallet(failure: Failure) -> None:
    assert failure.after == failure.before
