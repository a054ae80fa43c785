"""What conventions say of single operations: how answers are read, what a request costs, how an answer is streamed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from conformance.contract.outcomes import OutcomeRule, as_text, at, parse_rules, values_at

if TYPE_CHECKING:
    from collections.abc import Mapping

StreamFormat = Literal["sse", "ndjson", "json-lines"]


@dataclass(frozen=True, slots=True)
class Stream:
    """
    An answer that comes in frames.

    It is asked for by the values at the places of `when` in the request's body (always, where there are none), and is
    whole when a frame is the text `end`, or has one of the values at a place of `ends`.
    """

    when: Mapping[str, frozenset[str]]
    format: StreamFormat
    end: str | None
    ends: Mapping[str, frozenset[str]]

    def is_asked(self, body: object) -> bool:
        """Whether a request with this JSON body asks for a stream."""
        return all(as_text(at(body, pointer)) in values for pointer, values in self.when.items())

    def ended_by(self, text: str, value: object) -> bool:
        """Whether this frame, with its JSON value, is the last of a stream."""
        if self.end is not None:
            return text.strip() == self.end
        return value is not None and all(as_text(at(value, pointer)) in found for pointer, found in self.ends.items())


@dataclass(frozen=True, slots=True)
class Price:
    """
    What one request costs when it is accepted: a fixed `amount`, or one by the value at `by` in the request's body.

    Both are None where the amount is unknown. `charged` is where the answer shows the charge.
    """

    amount: Decimal | None = None
    by: str | None = None
    table: Mapping[str, Decimal] = field(default_factory=dict)
    charged: str | None = None

    def agreed(self, operation: str, prices: Mapping[str, Decimal]) -> Price:
        """The same for an account that pays other prices, by the values that they follow or by the operation."""
        if self.by is None:
            return replace(self, amount=prices.get(operation, self.amount))
        return replace(self, table=MappingProxyType({**self.table, **prices}))

    def known(self, operation: str) -> Mapping[str, Decimal]:
        """The amounts by the names that a ledger keeps them under."""
        if self.by is not None:
            return self.table
        return {} if self.amount is None else {operation: self.amount}


@dataclass(frozen=True, slots=True)
class OperationConventions:
    """
    What is particular to one operation; `makes` are the places of its answer where what it made stands.

    A `retiring` one may be gone, as the documents announce: nothing is derived for it.
    """

    outcomes: tuple[OutcomeRule, ...] = ()
    price: Price | None = None
    stream: Stream | None = None
    makes: Mapping[str, str] = field(default_factory=dict)
    retiring: bool = False


def parse_operations(content: Mapping[str, Mapping[str, Any]]) -> Mapping[str, OperationConventions]:
    """The part `operations` of `conventions.yaml`."""
    return MappingProxyType(
        {
            name: OperationConventions(
                outcomes=parse_rules(part.get("outcomes", ())),
                price=_price(part["price"]) if "price" in part else None,
                stream=_stream(part["stream"]) if "stream" in part else None,
                makes=MappingProxyType(dict(part.get("makes", {}))),
                retiring=part.get("retiring", False),
            )
            for name, part in content.items()
        }
    )


def _price(part: str | Mapping[str, Any]) -> Price:
    if isinstance(part, str):
        return Price() if part == "unknown" else Price(Decimal(part))
    amount = part.get("amount")
    table = part.get("table", {})
    return Price(
        amount=None if amount is None else Decimal(amount),
        by=part.get("by"),
        # "target": all amounts come from target.toml.
        table=MappingProxyType({} if isinstance(table, str) else {name: Decimal(one) for name, one in table.items()}),
        charged=part.get("charged"),
    )


def _stream(part: Mapping[str, Any]) -> Stream:
    ends = part["ends"]
    when = {pointer: [value] for pointer, value in part.get("when", {}).items()}
    return Stream(
        when=values_at(when),
        format=part["format"],
        end=ends if isinstance(ends, str) else None,
        ends=values_at({} if isinstance(ends, str) else ends),
    )
