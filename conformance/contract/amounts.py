"""Amounts of money: read strictly, as the documents write them, or leniently, in any form of a number."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

# No amount of money has more digits on either side of the point; the bound keeps arithmetic exact and fast.
_DIGITS = 12
_DECIMAL = re.compile(rf"-?[0-9]{{1,{_DIGITS}}}(\.[0-9]{{1,{_DIGITS}}})?")


def amount(value: object) -> Decimal | None:
    """An amount that is written as a decimal number in a string, None for anything else."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    return None


def readable_amount(value: object) -> Decimal | None:
    """An amount in a string or as a JSON number; None where it is neither, or has too many digits."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    # Written out, an exponent of a few characters can fill the memory.
    written_out = number.is_finite() and abs(number.adjusted()) <= 2 * _DIGITS
    return amount(f"{number:f}") if written_out else None
