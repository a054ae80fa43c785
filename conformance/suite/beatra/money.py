"""What scenarios about money share: the charge that a task shows, and a wallet that is given time to settle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.client.errors import BlockedError
from conformance.contract.pricing import readable_amount
from conformance.journal.records import Mismatch
from conformance.suite.batch import decided_or_unpaid as answered

if TYPE_CHECKING:
    from decimal import Decimal

    from conformance.journal.records import Exchange
    from conformance.suite.beatra.keys import Found

SHOWS_CHARGE: Final = "BEATRA-MONEY-02"
WRITES_AMOUNTS: Final = "BEATRA-MONEY-04"
LIST_SHAPE: Final = "BEATRA-LIST-01"
PAYMENT_REQUIRED: Final = 402


def charge_of(exchange: Exchange) -> Decimal:
    """
    The charge that a task shows, however it is written.

    Raises:
        BlockedError: it shows none that can be read.
    """
    shown = exchange.get("/billing/charged_credits")
    charge = readable_amount(shown)
    if charge is None:
        owner = SHOWS_CHARGE if shown is None else WRITES_AMOUNTS
        raise BlockedError(owner, f"{exchange.request.url} shows no charge that can be read")
    return charge


def first_with_charge(*seen: Exchange) -> Exchange:
    """The first of several readings of a task that shows its charge, as it must only while it runs; else the last."""
    return next((task for task in seen if task.get("/billing/charged_credits") is not None), seen[-1])


def refund_of(exchange: Exchange) -> Decimal | None:
    """The refund that a task shows, however it is written; None when it shows none."""
    return readable_amount(exchange.get("/billing/refunded_credits"))


def expect_no_task(refused: Exchange, found: Found) -> None:
    """
    Make sure that the list holds no task of a refused request.

    Raises:
        BlockedError: the list can't be read.
        Mismatch: it holds one.
    """
    if not answered(found.page).accepted:
        raise BlockedError(LIST_SHAPE, f"{found.page.request.url} was answered {found.page.status}")
    if found.task_ids:
        sentence = f"expected no task of a refused request, the list holds {sorted(found.task_ids)}"
        raise Mismatch(sentence, refused.id, found.page.id)
