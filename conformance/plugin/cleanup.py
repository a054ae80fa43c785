"""Ending what runs have left at a target whose money is real, and what they have spent."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from conformance.client.errors import NotOfferedError, UndecidedError
from conformance.client.locks import is_alive
from conformance.journal.errors import JournalError
from conformance.journal.records import Location
from conformance.money.charges import ChargeTracker
from conformance.money.cleanup import Cleaner
from conformance.money.ledger import SpendLedger
from conformance.money.ledger_store import LEDGER_FILE, UnwritableLedgerError
from conformance.plugin.session import open_process_session
from conformance.verdicts.model import Evidence, LeftTask, RequirementOutcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.accounts.account import Account
    from conformance.contract.contract import Contract
    from conformance.money.ledger_store import PurchasedTask
    from conformance.plugin.settings import RunSettings
    from conformance.verdicts.model import Spend


_LONGEST_WAIT_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 0.05
# A file system in memory, which is not full when the disk is; where there is none, the usual temporary folder is used.
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - the folder in it has a name of its own


def clean_up(settings: RunSettings, *, interrupted: bool) -> tuple[PurchasedTask, ...]:
    """Cancel what this run has under way, and return the tasks that could not be ended."""
    if settings.play or not (settings.path / LEDGER_FILE).exists():
        return ()
    try:
        with closing(SpendLedger(settings.path / LEDGER_FILE)) as ledger:
            if interrupted:
                ledger.stop("the run was interrupted")
                _await_answers(ledger, settings.path)
            return _cleaned(settings, "clean-up", [ledger])
    except (UnwritableLedgerError, JournalError, OSError):
        return _clean_up_elsewhere(settings)


def _clean_up_elsewhere(settings: RunSettings) -> tuple[PurchasedTask, ...]:
    """Clean up though the run's folder can't be written any more: with a copy of its ledger, and no journal is kept."""
    with (
        TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder,
        closing(sqlite3.connect(f"{(settings.path / LEDGER_FILE).resolve().as_uri()}?mode=ro", uri=True)) as full,
        closing(sqlite3.connect(Path(folder) / LEDGER_FILE)) as copy,
    ):
        full.backup(copy)
        with closing(SpendLedger(Path(folder) / LEDGER_FILE)) as ledger:
            return _cleaned(replace(settings, folder=folder), "clean-up", [ledger])


def clean_up_after_crashes(settings: RunSettings) -> tuple[PurchasedTask, ...]:
    """
    Cancel what earlier runs against this target have left; return what could not be ended.

    Earlier runs are those whose folders lie beside this run's.
    """
    if settings.play:
        return ()
    ledgers = list(_abandoned(settings))
    try:
        return _cleaned(settings, "clean-up-before", ledgers) if ledgers else ()
    finally:
        for ledger in ledgers:
            ledger.close()


def _abandoned(settings: RunSettings) -> Iterator[SpendLedger]:
    for path in sorted(settings.path.parent.glob(f"*/{LEDGER_FILE}")):
        if path.parent == settings.path or any(
            is_alive(path.parent, file.stem) for file in path.parent.glob("*.alive")
        ):
            continue
        ledger = SpendLedger(path)
        if _concerns(ledger, settings):
            yield ledger
        else:
            ledger.close()


def _concerns(ledger: SpendLedger, settings: RunSettings) -> bool:
    try:
        _, base_url, system = ledger.identity()
    except UnwritableLedgerError:
        return False  # its process ended before it wrote anything
    left = ledger.lost() or not all(task.ended for task in ledger.tasks())
    return bool(left) and (base_url, system) == (settings.base_url, settings.system)


def _await_answers(ledger: SpendLedger, folder: Path) -> None:
    """Give requests that are under way the time to be answered, so that what they make is known."""
    deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
    while ledger.under_way(lambda name: is_alive(folder, name)) and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)


def _cleaned(settings: RunSettings, worker: str, ledgers: list[SpendLedger]) -> tuple[PurchasedTask, ...]:
    try:
        # Clean-up also runs after the end of the run's time.
        opened = open_process_session(replace(settings, ends_at=None), worker)
    except UndecidedError:
        # The control interface is gone, and the target most likely with it.
        return tuple(task for ledger in ledgers for task in ledger.tasks() if not task.ended)
    with closing(opened) as process_session:
        left: list[PurchasedTask] = []
        for ledger in ledgers:
            # Requests that ended processes had under way count as lost from now on.
            ledger.under_way(partial(is_alive, ledger.path.parent))
            try:
                with process_session.account_pool.account(worker) as account:
                    left += _cleaned_by(settings.priced_contract(), ledger, account)
            except UndecidedError:
                left += [task for task in ledger.tasks() if not task.ended]
        return tuple(left)


def _cleaned_by(contract: Contract, ledger: SpendLedger, account: Account) -> tuple[PurchasedTask, ...]:
    left = _cleaner(contract, ledger, account).clean()
    with suppress(NotOfferedError):
        if left:
            # Tasks of the second key's tenant can only be ended with that key.
            left = _cleaner(contract, ledger, account.other_tenant()).clean()
    return left


def _cleaner(contract: Contract, ledger: SpendLedger, account: Account) -> Cleaner:
    base_url = account.client.base_url
    return Cleaner(ledger, ChargeTracker(ledger, contract, base_url), account.send)


GUARD: Final = "conformance/guard"


def accepted_all_the_same(settings: RunSettings, contract: Contract) -> Iterator[RequirementOutcome]:
    """A fail for each request that was accepted although a requirement demands its refusal."""
    if settings.play or not (settings.path / LEDGER_FILE).exists():
        return
    with closing(SpendLedger(settings.path / LEDGER_FILE)) as ledger:
        acceptances = ledger.acceptances()
    tasks = contract.conventions.tasks
    ended = "; its task was cancelled at once" if tasks is not None and tasks.cancel is not None else ""
    for exchange, requirement in acceptances:
        if requirement in contract.registry:
            reason = f"expected a refusal, but the request was accepted{ended}"
            judge = f"{GUARD}::{requirement}"
            shown = Evidence(exchange, locations=(Location("status", "", "a refusal", "acceptance"),))
            yield RequirementOutcome(requirement, Verdict.FAIL, judge, reason, (shown,))


def counted(spend: Spend | None, settings: RunSettings, left: Iterable[PurchasedTask]) -> Spend | None:
    """The spend of the run as its ledger has it; `left` are tasks that could not be ended."""
    if spend is None or settings.play:
        return spend
    if not (settings.path / LEDGER_FILE).exists():
        return replace(spend, tier=str(settings.tier))
    with closing(SpendLedger(settings.path / LEDGER_FILE)) as ledger:
        balance = ledger.balance()
    at_stake = max(balance.exposure - max(balance.charged - balance.refunded, Decimal(0)), Decimal(0))
    shown = _in_ones if settings.max_purchases is not None else _as_it_is
    return replace(
        spend,
        debited=shown(balance.charged),
        refunded=shown(balance.refunded),
        cap=shown(balance.cap),
        tier=str(settings.tier),
        at_stake=shown(at_stake),
        stopped=balance.broken,
        unaffordable=tuple((scenario, shown(needed)) for scenario, needed in balance.unaffordable),
        left=tuple(LeftTask(task.task_id, task.model, shown(task.at_stake)) for task in left),
    )


def _in_ones(purchases: Decimal) -> Decimal:
    return purchases.quantize(Decimal(1))


def _as_it_is(amount: Decimal) -> Decimal:
    return amount
