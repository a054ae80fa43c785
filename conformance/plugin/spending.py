"""What a run with real money has spent, from its purse."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from conformance.client.purse import Purse
from conformance.client.vault import PURSE_FILE
from conformance.verdicts.model import Evidence, LeftTask, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.client.stakes import Bought
    from conformance.contract.contract import Contract
    from conformance.plugin.settings import RunSettings
    from conformance.verdicts.model import Spend


GUARD: Final = "conformance/guard"


def accepted_all_the_same(settings: RunSettings, contract: Contract) -> Iterator[Outcome]:
    """What the guard says: a request was accepted that a requirement demands to be refused."""
    if settings.play or not (settings.path / PURSE_FILE).exists():
        return
    with closing(Purse(settings.path / PURSE_FILE)) as purse:
        acceptances = purse.acceptances()
    tasks = contract.conventions.tasks
    ended = "; its task was cancelled at once" if tasks is not None and tasks.cancel is not None else ""
    for exchange, requirement in acceptances:
        if requirement in contract.registry:
            reason = f"expected a refusal, but the request was accepted{ended}"
            judge = f"{GUARD}::{requirement}"
            yield Outcome(requirement, Verdict.FAIL, judge, reason, (Evidence(exchange),))


def counted(spend: Spend | None, settings: RunSettings, left: Iterable[Bought]) -> Spend | None:
    """The spend of the run as its purse has it; `left` are tasks that could not be ended."""
    if spend is None or settings.play:
        return spend
    if not (settings.path / PURSE_FILE).exists():
        return replace(spend, tier=str(settings.tier))
    with closing(Purse(settings.path / PURSE_FILE)) as purse:
        balance = purse.balance()
    return replace(
        spend,
        debited=balance.charged,
        refunded=balance.refunded,
        cap=balance.cap,
        tier=str(settings.tier),
        at_stake=max(balance.exposure - max(balance.charged - balance.refunded, Decimal(0)), Decimal(0)),
        stopped=balance.broken,
        unaffordable=balance.unaffordable,
        left=tuple(LeftTask(task.task_id, task.model, task.at_stake) for task in left),
    )
