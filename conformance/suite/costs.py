"""Refused requests between two readings of the balance; when it has fallen, the one that cost is looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.suite.traffic import Sent, Volley

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.client.account import Account
    from conformance.contract.document import Operation
    from conformance.generation.cases import Case
    from conformance.journal.records import Exchange


def fire(account: Account, operation: Operation, cases: Sequence[Case]) -> Volley:
    """Send every case once, in order; where they cost somebody's money, none after an invalid one that is accepted."""
    sent: list[Sent] = []
    for case in cases:
        sent.append(Sent(case, _sent(account, case)))
        if account.frugal and case.validity == "invalid" and sent[-1].exchange.ok:
            break
    return Volley(operation.id, tuple(sent))


def _sent(account: Account, case: Case) -> Exchange:
    exchange = account.send(case.prepared(account.client.base_url))
    account.discard(exchange)
    return exchange


def fire_watched(account: Account, operation: Operation, cases: Sequence[Case]) -> Volley:
    """
    Send every case once, in order, between two readings of the balance where the wallet can be seen.

    When the balance has fallen, those that were refused are sent again in halves with readings in between, until one
    is left: a monitor blames it. Who can see the wallet pays with play money.
    """
    before = account.visible_balance()
    volley = fire(account, operation, cases)
    after = account.visible_balance()
    if before is not None and after is not None and after < before:
        refused = [item.case for item in volley.sent if item.exchange.outcome.error]
        if len(refused) == len(volley.sent) or _cost(account, operation, refused):
            _narrow_down(account, operation, refused)
    return volley


def _narrow_down(account: Account, operation: Operation, suspects: Sequence[Case]) -> None:
    """Send half of the suspects and go on with that half that cost: all in all no more requests than suspects."""
    while len(suspects) > 1:
        half, others = suspects[: len(suspects) // 2], suspects[len(suspects) // 2 :]
        suspects = half if _cost(account, operation, half) else others
    _cost(account, operation, suspects)


def _cost(account: Account, operation: Operation, cases: Sequence[Case]) -> bool:
    before = account.visible_balance()
    fire(account, operation, cases)
    after = account.visible_balance()
    return before is not None and after is not None and after < before
