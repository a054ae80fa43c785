"""
The self-check of a control interface: what it offers is tried out before scenarios rely on it.

A control interface that is being written answers 200 and does nothing at first. Tests that relied on it would blame
the API under test: for tasks that never end, for keys that never expire, for a balance that was not set.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from conformance.client.errors import ControlError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.accounts.account import Account
    from conformance.accounts.control import Control

# A balance that no fresh account has; all decimal places count.
_ODD_BALANCE: Final = Decimal("12.3456")
_AHEAD_SECONDS: Final = 60.0


def failed_self_checks(account: Account) -> Mapping[str, str]:
    """The parts of the control interface that do not do what they offer, each with a sentence about what they do."""
    found: dict[str, str] = {}
    for part, fault_of in SELF_CHECKS.items():
        if not account.offers(part):
            continue
        try:
            sentence = fault_of(account.control)
        except ControlError as error:
            sentence = str(error)
        if sentence is not None:
            found[part] = sentence
    return found


def _opening_fault(control: Control) -> str | None:
    for number, wanted in enumerate((_ODD_BALANCE, None)):
        # Under labels of their own, so that no monitor takes both balances for readings of one account.
        opened = control.of(f"told-{number}").new_tenant(wanted)
        shown = control.of(f"shown-{number}", opened.keys["main"]).balance()
        if shown != (wanted or opened.balance):
            return f"an account that was opened with {wanted or opened.balance} shows {shown:f}"
    return None


def _wallet_fault(control: Control) -> str | None:
    control.set_balance(_ODD_BALANCE)
    shown = control.balance()
    return None if shown == _ODD_BALANCE else f"a balance that was set to {_ODD_BALANCE} shows as {shown:f}"


def _clock_fault(control: Control) -> str | None:
    before, after = control.advance(0), control.advance(_AHEAD_SECONDS)
    if before is None or after is None:
        # The answer must tell the time, but a clock that moves without telling it is useful all the same.
        return None
    moved = (after - before).total_seconds()
    if moved >= _AHEAD_SECONDS:
        return None
    return f"a clock that was put ahead by {_AHEAD_SECONDS:g} s moved by {moved:.0f} s"


SELF_CHECKS: Final[Mapping[str, Callable[[Control], str | None]]] = {
    "tenants/balance": _opening_fault,
    "wallet": _wallet_fault,
    "clock": _clock_fault,
}
"""The check of each part that the control interface alone can show; parts about tasks need the API itself."""
