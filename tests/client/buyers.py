"""The processes of a run with real money, as many as a test needs, all with one purse."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from conformance.accounts.account import Account
from conformance.client.client import FRESH
from conformance.client.locks import ProcessLease
from conformance.journal.redaction import Secret
from conformance.money.budget import Budget, Tier, cancels, keeps, refuses
from conformance.money.charges import ChargeTracker
from conformance.money.guard import RealMoneyGuard
from conformance.money.ledger import SpendLedger
from conformance.money.purchases import Purchases
from tests.client.bench import BASE, KEY, make_bench
from tests.client.shop import LOUD, SOFT, shop_contract

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from conformance.client.client import ClientSet
    from conformance.contract.contract import Contract
    from conformance.journal.records import Exchange
    from tests.client.bench import Bench, Scripted

CAP = Decimal(100)
RUN_TAG = "r1"
ONE_LOUD, ONE_SOFT = cancels(LOUD), cancels(SOFT)
KEEPS_LOUD = keeps(LOUD)
REFUSED = refuses(3)


@dataclass(frozen=True)
class Buyer:
    """One process of a run."""

    bench: Bench
    ledger: SpendLedger
    lease: ProcessLease
    charge_tracker: ChargeTracker
    guard: RealMoneyGuard
    purchases: Purchases
    account: Account

    def admitted(self, budget: Budget = ONE_LOUD, scenario: str = "story") -> AbstractContextManager[None]:
        return self.guard.admit(scenario, budget)

    def asks(self, model: str = LOUD, key: ClientSet = FRESH, **more: Any) -> Exchange:  # noqa: ANN401 - any JSON value
        return self.account.call("createSong", json={"model": model, **more}, idempotency_key=key)

    def bought(self, model: str = LOUD, name: str = "the song") -> Exchange:
        return self.account.bought(name, "createSong", {"model": model})

    def die(self) -> None:
        """End as a process that is killed: its locks are free, and nothing is tidied up."""
        self.lease.close()

    def close(self) -> None:
        self.lease.close()
        self.ledger.close()
        self.bench.client.journal.close()


def open_buyer(
    folder: Path,
    target: Scripted,
    *,
    tier: Tier = Tier.PAID,
    cap: Decimal = CAP,
    worker: str = "gw0",
    run_tag: str = RUN_TAG,
    contract: Contract | None = None,
    sleep: Callable[[float], None] | None = None,
) -> Buyer:
    """A process of the run in this folder; waiting is `sleep`ing, which by default is no good."""
    contract = contract or shop_contract()
    folder.mkdir(exist_ok=True)
    ledger = SpendLedger.open(folder, run_id=run_tag, base_url=BASE, system="sample", unit="coins", cap=cap)
    lease = ProcessLease(folder, worker)
    tracker = ChargeTracker(ledger, contract, BASE)
    guard = RealMoneyGuard(tier, ledger, lease, tracker, sleep=sleep or _no_use)
    bench = make_bench(folder, [target], guard=guard, contract=contract, worker=worker)
    purchases = Purchases(ledger, lease, sleep=sleep or _no_use)
    account = Account(bench.client, "alice", {"main": Secret(KEY)}, None, None, run_tag=run_tag, purchases=purchases)
    return Buyer(bench, ledger, lease, tracker, guard, purchases, account)


class EndlessWaitError(Exception):
    """Something waits that nobody in the test will ever give back."""


def waiting_for(*steps: Callable[[], object]) -> Callable[[float], None]:
    """Instead of waiting, the next of these steps happens; when there is none left, nothing ever will."""
    left = list(steps)

    def sleep(_seconds: float) -> None:
        if not left:
            raise EndlessWaitError
        left.pop(0)()

    return sleep


def _no_use(_seconds: float) -> None:
    raise EndlessWaitError
