"""Amounts of money as documents write them, and what requests cost: in a unit of money, or counted as purchases."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from conformance.contract.operations import Price


# No amount of money has more digits on either side of the point; the bound keeps arithmetic exact and fast.
_DIGITS = 12
_DECIMAL = re.compile(rf"-?[0-9]{{1,{_DIGITS}}}(\.[0-9]{{1,{_DIGITS}}})?")
PURCHASES: Final = "purchases"


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


@dataclass(frozen=True, slots=True)
class Pricing:
    """
    What requests cost, by operation.

    `known` are all stated amounts, by the names that scenarios and the ledger use: the values that a price follows (a
    model), else the operation. With `purchases` amounts are numbers of purchases, and what answers show of charges is
    only whether there was one.
    """

    unit: str
    operations: Mapping[str, Price]
    purchases: bool = False

    @property
    def known(self) -> Mapping[str, Decimal]:
        """All amounts that are stated."""
        return {name: one for op, price in self.operations.items() for name, one in price.known(op).items()}

    @property
    def unknown(self) -> tuple[str, ...]:
        """The operations whose amount is not stated."""
        return tuple(name for name, price in self.operations.items() if not price.known(name))

    @property
    def stated(self) -> bool:
        """Whether it is known of some operation what every request may cost at most."""
        return any(price.stated and not price.free(None) for price in self.operations.values())

    def counted(self) -> Pricing:
        """The same in purchases: every request that is not known to be free is one."""
        counted = {name: price.counted() for name, price in self.operations.items()}
        return Pricing(PURCHASES, MappingProxyType(counted), purchases=True)

    def without(self, operations: Collection[str]) -> Pricing:
        """The same for a contract that lacks these operations."""
        left = {name: price for name, price in self.operations.items() if name not in operations}
        return replace(self, operations=MappingProxyType(left))

    def agreed(self, prices: Mapping[str, Decimal]) -> Pricing:
        """The same for an account that pays other prices."""
        agreed = {name: price.agreed(name, prices) for name, price in self.operations.items()}
        return Pricing(self.unit, MappingProxyType(agreed))
