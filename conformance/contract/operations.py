"""What conventions say of single operations: how answers are read, what a request costs, how an answer is streamed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from conformance.contract.outcomes import OutcomeRule, as_text, at, parse_rules, values_at

if TYPE_CHECKING:
    from collections.abc import Mapping

StreamFormat = Literal["sse", "ndjson", "json-lines"]

ANY_VALUE: Final = "*"
"""Stands for a value, such as a model, that the target chooses or no price is stated for."""

_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """How a stream may end: with a frame that is the `text`, or that has one of the `values` at each place."""

    text: str | None
    values: Mapping[str, frozenset[str]]

    def is_met(self, text: str, value: object) -> bool:
        """Whether this frame, with its JSON value (None where it is no JSON), is such an end."""
        if self.text is not None:
            return text.strip() == self.text
        return value is not None and all(as_text(at(value, pointer)) in found for pointer, found in self.values.items())


@dataclass(frozen=True, slots=True)
class Stream:
    """
    An answer that comes in frames.

    It is asked for by the values at the places of `when` in the request's body (always, where there are none), and is
    whole when a frame is one of its `ends`. Frames that are different ends may follow each other.
    """

    when: Mapping[str, frozenset[str]]
    format: StreamFormat
    ends: tuple[StreamEnd, ...]

    def is_asked(self, body: object) -> bool:
        """Whether a request with this JSON body asks for a stream."""
        return all(as_text(at(body, pointer)) in values for pointer, values in self.when.items())

    def end_of(self, text: str, value: object) -> StreamEnd | None:
        """The end that this frame, with its JSON value, is; None where it is none."""
        return next((end for end in self.ends if end.is_met(text, value)), None)

    def ended_by(self, text: str, value: object) -> bool:
        """Whether this frame, with its JSON value, ends a stream."""
        return self.end_of(text, value) is not None

    def ends_as_text(self, text: str) -> bool:
        """Whether this frame ends a stream by its text, so that it need not hold a value."""
        return any(end.text is not None and end.is_met(text, None) for end in self.ends)


@dataclass(frozen=True, slots=True)
class Price:
    """
    What one request costs when it is accepted: a fixed `amount`, or one by the value at `by` in the request's body.

    Both are None where the amount is unknown. `charged` is where the answer shows the charge. Where the table has
    nothing but free values, what the others cost is not known.
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

    @property
    def stated(self) -> bool:
        """Whether it is known what every request may cost at most."""
        return self.amount is not None if self.by is None else any(self.table.values())

    def free(self, value: object) -> bool:
        """Whether a request with this value, where the price follows one, is known to cost nothing."""
        if self.by is None:
            return self.amount == 0
        return isinstance(value, str) and self.table.get(value) == 0

    def counted(self) -> Price:
        """The same as a number of purchases: one for everything that is not free."""
        if self.by is None:
            return Price(Decimal(0) if self.amount == 0 else _ONE)
        table = {value: Decimal(0) if amount == 0 else _ONE for value, amount in self.table.items()}
        return Price(by=self.by, table=MappingProxyType({**table, ANY_VALUE: _ONE}))

    def known(self, operation: str) -> Mapping[str, Decimal]:
        """The amounts by the names that a ledger keeps them under."""
        if self.by is not None:
            return self.table
        return {} if self.amount is None else {operation: self.amount}


@dataclass(frozen=True, slots=True)
class OperationConventions:
    """
    What is particular to one operation.

    `carries_files` says that its answers may hold whole files. `answers_within_seconds` is how long an answer may take
    where the work is done before it (None: as long as any).
    A `retiring` one may be gone, as the documents announce: nothing is derived for it.
    """

    outcomes: tuple[OutcomeRule, ...] = ()
    price: Price | None = None
    stream: Stream | None = None
    carries_files: bool = False
    answers_within_seconds: float | None = None
    retiring: bool = False


def parse_operations(content: Mapping[str, Mapping[str, Any]]) -> Mapping[str, OperationConventions]:
    """The part `operations` of `conventions.yaml`."""
    return MappingProxyType(
        {
            name: OperationConventions(
                outcomes=parse_rules(part.get("outcomes", ())),
                price=_price(part["price"]) if "price" in part else None,
                stream=_stream(part["stream"]) if "stream" in part else None,
                carries_files=part.get("carries_files", False),
                answers_within_seconds=part.get("answers_within_seconds"),
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
        ends=tuple(map(_stream_end, ends if isinstance(ends, list) else [ends])),
    )


def _stream_end(part: str | Mapping[str, Any]) -> StreamEnd:
    return StreamEnd(part, values_at({})) if isinstance(part, str) else StreamEnd(None, values_at(part))
