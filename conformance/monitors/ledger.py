"""The money of a run as double entry: what readings of a wallet show, against what tasks say they cost."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from conformance.client.control import sets_balance
from conformance.contract.amounts import readable_amount

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from conformance.contract.conventions import Money
    from conformance.journal.reader import Recording
    from conformance.journal.records import Exchange, Reading
    from conformance.monitors.histories import Sighting, TaskHistory

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Bill:
    """The last that a task said of its money: its charge (None: nothing that can be read), and what came back."""

    charged: Decimal | None
    refunded: Decimal


@dataclass(frozen=True, slots=True)
class Span:
    """Two readings of an account between which nobody set its balance, and what it asked of the target meanwhile."""

    opening: Reading
    closing: Reading
    exchanges: tuple[Exchange, ...]

    @property
    def fall(self) -> Decimal:
        """By how much the balance is lower at the end."""
        return Decimal(self.opening.balance) - Decimal(self.closing.balance)


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the most by which a balance may have fallen."""

    least: Decimal
    most: Decimal

    def __contains__(self, fall: Decimal) -> bool:
        return self.least <= fall <= self.most

    def __str__(self) -> str:
        return f"{self.least:f}" if self.least == self.most else f"{self.least:f} to {self.most:f}"


def bill_of(history: TaskHistory, money: Money) -> Bill:
    """What a task was charged and given back, as far as the target said so; only what has ended is given back."""
    ended = [sighting for sighting in history.sightings if sighting.state is not None and sighting.state.terminal]
    charges = [readable_amount(sighting.at(money.charged)) for sighting in history.sightings]
    refunds = [readable_amount(sighting.at(money.refunded)) for sighting in ended]
    return Bill(
        charged=next((charge for charge in reversed(charges) if charge is not None), None),
        refunded=next((refund for refund in reversed(refunds) if refund is not None), _NOTHING),
    )


def narrow_spans(recording: Recording) -> Iterator[Span]:
    """The spans from each reading of an account to the next."""
    for account, readings in _stretches(recording):
        for opening, closing in pairwise(readings):
            yield _span(account, opening, closing)


def wide_spans(recording: Recording) -> Iterator[Span]:
    """The longest spans of each account: from the first reading to the last, or until somebody sets the balance."""
    for account, readings in _stretches(recording):
        if len(readings) > 1:
            yield _span(account, readings[0], readings[-1])


def created_at(history: TaskHistory) -> datetime | None:
    """When the creation of a task was first asked for; None when the run did not see the answer to it."""
    return min((sighting.sent_at for sighting in history.sightings if sighting.via == "create"), default=None)


def ended_by(history: TaskHistory, moment: datetime) -> Sighting | None:
    """The first sighting before a moment that shows that the task had ended."""
    return next((s for s in history.sightings if s.received_at <= moment and s.state and s.state.terminal), None)


def movement(history: TaskHistory, span: Span, money: Money) -> Range | None:
    """
    By how much one task of the account may have lowered its balance within a span; None when it shows no charge.

    No document says how soon a refund arrives, so one may have come or not, as far as the task can have one. It is what
    the task says, or whole, or something in between: what the task says is for other rules to judge.
    """
    created = created_at(history)
    if created is None or created >= span.closing.at or ended_by(history, span.opening.at):
        return Range(_NOTHING, _NOTHING)
    bill = bill_of(history, money)
    if bill.charged is None:
        return None
    debit = bill.charged if created > span.opening.at else _NOTHING
    end = ended_by(history, span.closing.at)
    succeeded = end is not None and end.state is not None and end.state.phase == "succeeded"
    if succeeded and debit != _NOTHING:
        return Range(debit - bill.refunded, debit - bill.refunded)
    return Range(debit - max(bill.charged, bill.refunded), debit)


def _span(exchanges: list[Exchange], opening: Reading, closing: Reading) -> Span:
    first = bisect(exchanges, opening.at, key=lambda exchange: exchange.at)
    last = bisect(exchanges, closing.at, key=lambda exchange: exchange.at)
    return Span(opening, closing, tuple(exchanges[first:last]))


def _stretches(recording: Recording) -> Iterator[tuple[list[Exchange], list[Reading]]]:
    """The requests of each account that has readings, with these, in order and cut where somebody set the balance."""
    asked: dict[str, list[Exchange]] = defaultdict(list)
    cuts: dict[str, list[datetime]] = defaultdict(list)
    read: dict[str, list[Reading]] = defaultdict(list)
    for exchange in sorted(recording.exchanges, key=lambda exchange: exchange.at):
        if exchange.origin == "target":
            asked[exchange.account or ""].append(exchange)
        elif sets_balance(exchange):
            cuts[exchange.account or ""].append(exchange.at)
    for reading in sorted(recording.readings, key=lambda reading: reading.at):
        read[reading.account].append(reading)
    for account, readings in read.items():
        moments = cuts[account]
        for _, uncut in groupby(readings, key=lambda reading: bisect(moments, reading.at)):
            yield asked[account], list(uncut)
