"""What requests cost, by operation: in a unit of money, or counted as purchases where that is not known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from decimal import Decimal

    from conformance.contract.operations import Price

PURCHASES: Final = "purchases"


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
