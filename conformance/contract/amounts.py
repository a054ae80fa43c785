"""Amounts of money as they are written: strictly as the documents want them, and as leniently as they can be read."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

# No amount of money has more digits; the bound keeps arithmetic exact and fast.
_DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")


def amount(value: object) -> Decimal | None:
    """An amount that is written as a decimal number in a string, None for anything else."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    return None


def readable_amount(value: object) -> Decimal | None:
    """An amount however it is written, also as a JSON number; None where nothing can be made of it."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return amount(f"{Decimal(str(value)):f}")
    except (InvalidOperation, ValueError):
        return None
