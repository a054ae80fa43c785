"""Bringing the shared account to rest: every task that the run made there has ended, and refunds have arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.client.errors import NotOfferedError
from conformance.client.locks import locked
from conformance.contract.amounts import readable_amount

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from conformance.accounts.account import Account
    from conformance.contract.conventions import Tasks
    from conformance.journal.records import Exchange

_MADE: Final = "+"
_ENDED: Final = "-"
_SHOWN: Final = 3


class UnsettledError(NotOfferedError):
    """Something on the shared account has not come to rest, so its balance may still move."""


class MadeTasks:
    """The tasks that a run made on the account that all share: lines of a file, for all of its processes."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def made(self, task_id: str) -> None:
        """Remember a task."""
        self._add(_MADE, task_id)

    def ended(self, task_id: str) -> None:
        """Forget a task that has ended."""
        self._add(_ENDED, task_id)

    def under_way(self) -> list[str]:
        """The tasks that are not known to have ended."""
        if not self._file.exists():
            return []
        lines = self._file.read_text("utf-8").splitlines()
        ended = {line[1:] for line in lines if line.startswith(_ENDED)}
        return [task_id for task_id in dict.fromkeys(line[1:] for line in lines) if task_id not in ended]

    def _add(self, kind: str, task_id: str) -> None:
        # An id that does not fit on one line can't be asked for either.
        if not task_id.isprintable():
            return
        turn = self._file.with_name(f"{self._file.name}.lock")
        with locked(turn), self._file.open("a", encoding="utf-8") as lines:
            lines.write(f"{kind}{task_id}\n")


def drain(account: Account, made: MadeTasks) -> None:
    """
    Cancel what is left under way, wait for its end, and then for the refunds that are due.

    To be called while no other scenario uses the account.

    Raises:
        UnsettledError: a task does not end, or the wallet does not get back what tasks say it does.
    """
    tasks = account.client.contract.conventions.tasks
    if tasks is None:
        return
    left = list(dict.fromkeys([*made.under_way(), *_listed(account, tasks)]))
    if not left:
        return
    going_on = [task_id for task_id in left if _goes_on(tasks, _read(account, tasks, task_id).get(tasks.status))]
    opening = account.control.balance()
    dues = [_due(account, tasks, _end_of(account, tasks, task_id)) for task_id in going_on]
    due = sum(filter(None, dues), opening - opening)
    balance = account.settled_balance(opening + due)
    for task_id in left:
        made.ended(task_id)
    if balance != opening + due:
        shown = ", ".join(f"{task_id:.60}" for task_id in left[:_SHOWN])
        moved = f"the account is not at rest: after the end of {shown} its balance went from {opening:f} to {balance:f}"
        raise UnsettledError(f"{moved}, not to {opening + due:f}")


def _read(account: Account, tasks: Tasks, task_id: str) -> Exchange:
    return account.call(tasks.get, path={tasks.id_parameter: task_id})


def _listed(account: Account, tasks: Tasks) -> list[str]:
    """The tasks that the list shows as under way: those of an earlier run, or of a request whose answer was lost."""
    if tasks.list is None or tasks.items is None:
        return []
    items = account.call(tasks.list).get(tasks.items)
    shown = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    pairs = [(item.get(tasks.id.lstrip("/")), item.get(tasks.status.lstrip("/"))) for item in shown]
    return [task_id for task_id, state in pairs if isinstance(task_id, str) and _goes_on(tasks, state)]


def _goes_on(tasks: Tasks, state: object) -> bool:
    known = tasks.states.get(str(state))
    return known is not None and not known.terminal


def _end_of(account: Account, tasks: Tasks, task_id: str) -> Exchange:
    if tasks.cancel is not None:
        account.call(tasks.cancel, path={tasks.id_parameter: task_id})
    followed = account.follow(task_id)
    if not followed.ended and followed.last.accepted:
        waited = f"{followed.waited_seconds:.0f} s"
        raise UnsettledError(f"the account is not at rest: its task {task_id:.60} did not end within {waited}")
    return followed.last


def _due(account: Account, tasks: Tasks, end: Exchange) -> Decimal | None:
    """What a task that ended without a result gives back, None where that can't be read."""
    money = account.client.contract.conventions.money
    state = tasks.states.get(str(end.get(tasks.status)))
    if money is None or state is None or state.phase == "succeeded":
        return None
    return readable_amount(end.get(money.charged))
