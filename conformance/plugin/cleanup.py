"""Ending what runs have left at a target whose money is real: at the end of this one, and after those that crashed."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from conformance.client.cashier import Cashier
from conformance.client.cleaning import Cleaner
from conformance.client.errors import NotOfferedError, UndecidedError
from conformance.client.holders import lives
from conformance.client.purse import Purse
from conformance.client.stakes import UnwritablePurseError
from conformance.client.vault import PURSE_FILE
from conformance.journal.errors import JournalError
from conformance.plugin.assembly import equip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.client.account import Account
    from conformance.client.stakes import Bought
    from conformance.plugin.assembly import Equipment
    from conformance.plugin.settings import RunSettings

_LONGEST_WAIT_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 0.05
# A file system in memory, which is not full when the disk is; where there is none, the usual temporary folder is used.
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - the folder in it has a name of its own


def clean_up(settings: RunSettings, *, interrupted: bool) -> tuple[Bought, ...]:
    """Cancel what this run has under way, and return the tasks that could not be ended."""
    if settings.play or not (settings.path / PURSE_FILE).exists():
        return ()
    try:
        with closing(Purse(settings.path / PURSE_FILE)) as purse:
            if interrupted:
                purse.stop("the run was interrupted")
                _await_answers(purse, settings.path)
            return _cleaned(settings, "clean-up", [purse])
    except (UnwritablePurseError, JournalError, OSError):
        return _clean_up_elsewhere(settings)


def _clean_up_elsewhere(settings: RunSettings) -> tuple[Bought, ...]:
    """Clean up though the run's folder can't be written any more: with a copy of its purse, and without a record."""
    with (
        TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder,
        closing(sqlite3.connect(f"{(settings.path / PURSE_FILE).resolve().as_uri()}?mode=ro", uri=True)) as full,
        closing(sqlite3.connect(Path(folder) / PURSE_FILE)) as copy,
    ):
        full.backup(copy)
        with closing(Purse(Path(folder) / PURSE_FILE)) as purse:
            return _cleaned(replace(settings, folder=folder), "clean-up", [purse])


def clean_up_after_crashes(settings: RunSettings) -> tuple[Bought, ...]:
    """Cancel what earlier runs against this target, kept beside this one, have left; return what could not be ended."""
    if settings.play:
        return ()
    purses = list(_abandoned(settings))
    try:
        return _cleaned(settings, "clean-up-before", purses) if purses else ()
    finally:
        for purse in purses:
            purse.close()


def _abandoned(settings: RunSettings) -> Iterator[Purse]:
    for path in sorted(settings.path.parent.glob(f"*/{PURSE_FILE}")):
        if path.parent == settings.path or any(lives(path.parent, file.stem) for file in path.parent.glob("*.alive")):
            continue
        purse = Purse(path)
        if _concerns(purse, settings):
            yield purse
        else:
            purse.close()


def _concerns(purse: Purse, settings: RunSettings) -> bool:
    try:
        _, base_url, system = purse.identity()
    except UnwritablePurseError:
        return False  # whoever made it died before anything was in it
    left = purse.lost() or not all(task.ended for task in purse.tasks())
    return bool(left) and (base_url, system) == (settings.base_url, settings.system)


def _await_answers(purse: Purse, folder: Path) -> None:
    """Give requests that are under way the time to be answered, so that what they make is known."""
    deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
    while purse.under_way(lambda name: lives(folder, name)) and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)


def _cleaned(settings: RunSettings, worker: str, purses: list[Purse]) -> tuple[Bought, ...]:
    try:
        # It has to be done, however late it is.
        equipped = equip(replace(settings, ends_at=None), worker)
    except UndecidedError:
        # The control interface is gone, and the target most likely with it.
        return tuple(task for purse in purses for task in purse.tasks() if not task.ended)
    with closing(equipped) as equipment:
        left: list[Bought] = []
        for purse in purses:
            # What the dead had under way counts as lost from now on.
            purse.under_way(partial(lives, purse.path.parent))
            try:
                with equipment.stage.account(worker) as account:
                    left += _cleaned_by(equipment, purse, account)
            except UndecidedError:
                left += [task for task in purse.tasks() if not task.ended]
        return tuple(left)


def _cleaned_by(equipment: Equipment, purse: Purse, account: Account) -> tuple[Bought, ...]:
    left = _cleaner(equipment, purse, account).clean()
    with suppress(NotOfferedError):
        if left:
            # What another tenant of ours made only that one can end.
            left = _cleaner(equipment, purse, account.other_tenant()).clean()
    return left


def _cleaner(equipment: Equipment, purse: Purse, account: Account) -> Cleaner:
    base_url = account.client.base_url
    cashier = Cashier(purse, equipment.contract, base_url)
    return Cleaner(purse, cashier, equipment.contract, base_url, account.send)
