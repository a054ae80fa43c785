"""Amounts: counted in ten-thousandths of a credit, written as decimal strings with four places."""

from __future__ import annotations

from decimal import Decimal

UNITS_PER_CREDIT = 10_000
CREDITS_PER_USD = 1000

_PLACES = Decimal("0.0001")


def units(credits_: Decimal) -> int:
    """Ten-thousandths in an amount of credits."""
    return int(credits_ * UNITS_PER_CREDIT)


def credits_text(amount: int) -> str:
    """An amount in credits, such as 80.0000."""
    return str((Decimal(amount) / UNITS_PER_CREDIT).quantize(_PLACES))


def usd_text(amount: int) -> str:
    """What an amount is worth in US dollars, for display only, such as 0.0800."""
    return str((Decimal(amount) / UNITS_PER_CREDIT / CREDITS_PER_USD).quantize(_PLACES))
