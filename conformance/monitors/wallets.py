"""What a wallet shows, compared with the bills of tasks: refusals cost nothing, and every movement is explained."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

from conformance.accounts.control import BALANCE, is_source_of, sets_balance
from conformance.contract.outcomes import Outcome
from conformance.contract.pricing import readable_amount
from conformance.journal.records import Location
from conformance.money.budget import Tier
from conformance.money.charges import ChargeReader
from conformance.monitors.monitor import NOTHING_TO_JUDGE, Collector, Deviation, rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from conformance.contract.conventions import Conventions, Money
    from conformance.journal.reader import Recording
    from conformance.journal.records import BalanceReading, Exchange
    from conformance.monitors.monitor import MonitorResult
    from conformance.monitors.task_histories import Sighting, TaskHistory
    from conformance.monitors.traffic import Traffic


_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Bill:
    """The last that a task said of its money: its charge (None: nothing that can be read), and what came back."""

    charged: Decimal | None
    refunded: Decimal


@dataclass(frozen=True, slots=True)
class Span:
    """Two readings of an account between which its balance was not set, and what it asked of the target meanwhile."""

    opening: BalanceReading
    closing: BalanceReading
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
    for account, readings in _intervals(recording):
        for opening, closing in pairwise(readings):
            yield _span(account, opening, closing)


def wide_spans(recording: Recording) -> Iterator[Span]:
    """The longest spans of each account: from the first reading to the last, or until the balance is set."""
    for account, readings in _intervals(recording):
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


def _span(exchanges: list[Exchange], opening: BalanceReading, closing: BalanceReading) -> Span:
    first = bisect(exchanges, opening.at, key=lambda exchange: exchange.at)
    last = bisect(exchanges, closing.at, key=lambda exchange: exchange.at)
    return Span(opening, closing, tuple(exchanges[first:last]))


def _intervals(recording: Recording) -> Iterator[tuple[list[Exchange], list[BalanceReading]]]:
    """The requests of each account that has readings, with these, in order and cut where the balance was set."""
    asked: dict[str, list[Exchange]] = defaultdict(list)
    cuts: dict[str, list[datetime]] = defaultdict(list)
    read: dict[str, list[BalanceReading]] = defaultdict(list)
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


# What has rules of its own, or says nothing about the request.
_APART: Final = frozenset({Outcome.UNPAID, Outcome.THROTTLED})


@rule("refusals-cost-nothing", Tier.FREE)
def refusals_cost_nothing(traffic: Traffic) -> MonitorResult:
    """
    Between two readings of a wallet with nothing but refused requests in between, the balance does not fall.

    Requests that were refused for lack of money or for their idempotency key have rules of their own. Where tasks
    of the account go on, their refunds could hide a cost. Of several such spans of an account, as they come about
    when a cost is narrowed down, the one with the fewest requests is the finding.
    """
    collector = Collector()
    pricing = traffic.contract.conventions.pricing
    if pricing is None:
        return NOTHING_TO_JUDGE
    unsettled = _histories_by_account(traffic)
    costly: dict[str, Span] = {}
    for span in narrow_spans(traffic.recording):
        account = span.opening.account
        if not _all_refused(span, traffic.contract.conventions) or _goes_on(unsettled.get(account, ()), span):
            continue
        if span.fall <= 0:
            collector.hold(*(exchange.id for exchange in span.exchanges))
        elif account not in costly or len(span.exchanges) <= len(costly[account].exchanges):
            costly[account] = span
    for span in costly.values():
        source = _source_of(span.closing, traffic.recording)
        fault = Deviation(_cost_sentence(span, pricing.unit), _place(span, source, span.opening.balance))
        collector.fail(fault, *(exchange.id for exchange in span.exchanges), *source)
    return collector.judged()


@rule("ledger")
def ledger(traffic: Traffic) -> MonitorResult:
    """
    Over all of an account's readings, its balance has changed by the charges of the tasks created less their refunds.

    Judged for accounts that only the run uses while they are read, and where every create request was answered: what
    became of the others is not known. What was done at once and shows its charge may have been booked or not.
    """
    collector = Collector()
    conventions = traffic.contract.conventions
    if conventions.money is None:
        return NOTHING_TO_JUDGE
    reader = ChargeReader(conventions)
    histories = _histories_by_account(traffic)
    for span in wide_spans(traffic.recording):
        own = histories.get(span.opening.account, ())
        explained = None if _has_lost_answers(span, conventions) else _sum(own, span, conventions.money)
        explained = explained and _with_spending(explained, span, reader)
        creations = tuple(exchange.id for exchange in span.exchanges if _creates(exchange, conventions))
        if explained is None:
            continue
        if span.fall not in explained:
            shown = creations or tuple(exchange.id for exchange in span.exchanges)
            source = _source_of(span.closing, traffic.recording)
            place = _place(span, source, f"a fall of {explained}")
            collector.fail(Deviation(_movement_sentence(span, explained, conventions.money), place), *shown, *source)
        elif creations:
            collector.hold(*creations)
    return collector.judged()


def _histories_by_account(traffic: Traffic) -> Mapping[str, Sequence[TaskHistory]]:
    grouped: dict[str, list[TaskHistory]] = defaultdict(list)
    for history in traffic.histories:
        grouped[history.account or ""].append(history)
    return grouped


def _all_refused(span: Span, conventions: Conventions) -> bool:
    counted = [exchange for exchange in span.exchanges if exchange.interpretation.outcome is not Outcome.THROTTLED]
    idempotency = conventions.idempotency
    return bool(counted) and all(
        exchange.interpretation.outcome.refusal
        and exchange.interpretation.outcome not in _APART
        and not (idempotency and idempotency.is_conflict(exchange.answer.status, exchange.interpretation))
        for exchange in counted
    )


def _goes_on(histories: Sequence[TaskHistory], span: Span) -> bool:
    """Whether a task of the account was under way when the span began, as far as answers showed."""
    for history in histories:
        created = created_at(history)
        if created is not None and created < span.opening.at and ended_by(history, span.opening.at) is None:
            return True
    return False


def _asks_for_task(exchange: Exchange, conventions: Conventions) -> bool:
    return conventions.tasks is not None and exchange.operation in conventions.tasks.create


def _creates(exchange: Exchange, conventions: Conventions) -> bool:
    return exchange.accepted and _asks_for_task(exchange, conventions)


def _has_lost_answers(span: Span, conventions: Conventions) -> bool:
    """Whether a create request got no answer, or a server error, and no retry with its key showed what became of it."""
    creates = [exchange for exchange in span.exchanges if _asks_for_task(exchange, conventions)]
    settled = {_retry_mark(exchange, conventions) for exchange in creates if exchange.accepted} - {None}
    return any(
        _retry_mark(exchange, conventions) not in settled
        for exchange in creates
        if exchange.interpretation.outcome.cost_unknown
    )


def _retry_mark(exchange: Exchange, conventions: Conventions) -> tuple[str | None, str] | None:
    """What the retries of a request have in common with it; None for one without an idempotency key."""
    key = exchange.request.headers.get(conventions.idempotency.header) if conventions.idempotency else None
    return None if key is None else (exchange.operation, key)


def _sum(histories: Sequence[TaskHistory], span: Span, money: Money) -> Range | None:
    least, most = Decimal(0), Decimal(0)
    for history in histories:
        change = movement(history, span, money)
        if change is None:
            return None
        least, most = least + change.least, most + change.most
    return Range(least, most)


def _with_spending(explained: Range, span: Span, reader: ChargeReader) -> Range | None:
    """The same with what requests may have cost that were done at once; None where that is not known."""
    most = explained.most
    for exchange in span.exchanges:
        if not reader.is_priced_at_once(exchange):
            continue
        outcome = exchange.interpretation.outcome
        charged = reader.charge_shown(exchange) if outcome is Outcome.ACCEPTED else _NOTHING
        if outcome.cost_unknown or charged is None:
            return None
        most += charged
    return Range(explained.least, most)


def _source_of(reading: BalanceReading, recording: Recording) -> tuple[str, ...]:
    """The id of the answer that showed a balance, none where it is not recorded."""
    return tuple(exchange.id for exchange in recording.exchanges if is_source_of(exchange, reading))[:1]


def _place(span: Span, source: tuple[str, ...], expected: str) -> Location:
    """The balance in the answer that showed it; without that answer, that the last request was decided as it was."""
    if source:
        return Location("body", BALANCE, expected, span.closing.balance)
    return Location("status", "", expected, f"a balance of {span.closing.balance}")


def _cost_sentence(span: Span, unit: str) -> str:
    last = span.exchanges[-1]
    shown = f"{last.request.method} {last.operation or last.request.url}"
    what = f"{shown}, which was refused," if len(span.exchanges) == 1 else f"{len(span.exchanges)} refused requests"
    return f"expected {what} to cost nothing, but the balance fell by {span.fall:f} {unit}"


def _movement_sentence(span: Span, explained: Range, money: Money) -> str:
    return (
        f"expected the balance to fall by {explained} {money.unit} from {span.opening.balance} "
        f"by what the tasks say, got {span.closing.balance}, a fall of {span.fall:f}"
    )
