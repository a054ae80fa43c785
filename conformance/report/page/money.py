"""Money on the page: charges against readings of the wallet, totals, and what was at stake over the run."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from conformance.accounts.control import sets_balance
from conformance.monitors.monitor import json_of
from conformance.monitors.traffic import Traffic
from conformance.monitors.wallets import Range, bill_of, created_at, movement, narrow_spans
from conformance.report.page.coverage import statuses_of
from conformance.report.page.latency import latencies_of
from conformance.report.page.task_timelines import timeline_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conformance.contract.conventions import Conventions, Money
    from conformance.journal.reader import Recording
    from conformance.journal.records import Exchange
    from conformance.monitors.task_histories import TaskHistory
    from conformance.monitors.wallets import Span
    from conformance.report.page.coverage import Statuses
    from conformance.report.page.latency import Latency
    from conformance.report.page.task_timelines import TaskTimeline
    from conformance.verdicts.model import Assessment


_STATEMENTS_OF_A_ROW: Final = 2


@dataclass(frozen=True)
class MoneyTotals:
    """The timelines of all tasks, the statements of all accounts, the curve of the spend, statuses and latencies."""

    timelines: tuple[TaskTimeline, ...] = ()
    statements: tuple[Statement, ...] = ()
    curve: Curve | None = None
    statuses: tuple[Statuses, ...] = ()
    latencies: tuple[Latency, ...] = ()
    # Which tasks an exchange shows, and whose account it used.
    tasks: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)

    def timelines_in(self, exchanges: Iterable[str]) -> tuple[TaskTimeline, ...]:
        """The tasks that some exchanges show, without those that they only list."""
        positions = dict.fromkeys(position for name in exchanges for position in self.tasks.get(name, ()))
        return tuple(self.timelines[position] for position in positions)

    def amiss(self, exchanges: Iterable[str]) -> tuple[Statement, ...]:
        """Excerpts of the statements that do not add up, of the accounts that made some exchanges."""
        accounts = dict.fromkeys(self.accounts.get(name, "") for name in exchanges)
        found = [self._by_account[account] for account in accounts if account in self._by_account]
        amiss = [statement for statement in found if statement.adds_up is False]
        return tuple(statement.excerpt() for statement in amiss[:_STATEMENTS_OF_A_ROW])

    @cached_property
    def _by_account(self) -> dict[str, Statement]:
        return {statement.account: statement for statement in self.statements}


def money_totals(assessment: Assessment, recording: Recording) -> MoneyTotals:
    """The totals of a run; empty where the contract is not known."""
    contract = assessment.contract
    if contract is None:
        return MoneyTotals()
    traffic = Traffic(recording, contract)
    conventions = contract.conventions
    timelines = tuple(timeline_of(history, conventions.money) for history in traffic.histories)
    tasks: defaultdict[str, tuple[int, ...]] = defaultdict(tuple)
    for position, history in enumerate(traffic.histories):
        for name in dict.fromkeys(sighting.id for sighting in history.sightings if sighting.via != "list"):
            tasks[name] += (position,)
    return MoneyTotals(
        timelines=timelines,
        statements=statements(recording, traffic.histories, timelines, conventions),
        curve=curve_of(timelines, assessment.spend.cap if assessment.spend else None),
        statuses=statuses_of(traffic),
        latencies=latencies_of(traffic),
        tasks=dict(tasks),
        accounts={exchange.id: exchange.account or "" for exchange in recording.exchanges},
    )


_POINTS_SHOWN: Final = 400
_WIDTH: Final = 1000
_HEIGHT: Final = 200


@dataclass(frozen=True, slots=True)
class Curve:
    """
    Charges less refunds from `start` to `end`, as points of a drawing of `width` by `height`.

    `cap` is the height of the line of the cap, None where there is none.
    """

    points: tuple[tuple[float, float], ...]
    cap: float | None
    start: datetime
    end: datetime
    peak: Decimal
    width: int = _WIDTH
    height: int = _HEIGHT

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.start).total_seconds()


def curve_of(timelines: Sequence[TaskTimeline], cap: Decimal | None) -> Curve | None:
    """The curve of all tasks; None when nothing was charged."""
    movements = sorted(
        (timeline.since + timedelta(seconds=movement.seconds), -movement.amount)
        for timeline in timelines
        for movement in timeline.movements
    )
    if not movements:
        return None
    start, end = movements[0][0], movements[-1][0]
    seconds = max((end - start).total_seconds(), 0.001)
    totals = list(accumulate(amount for _, amount in movements))
    peak = max(totals)
    top = float(max(peak, cap or Decimal(0), Decimal(1)))
    steps = [
        (round((at - start).total_seconds() / seconds * _WIDTH, 1), round(_HEIGHT - float(total) / top * _HEIGHT, 1))
        for (at, _), total in zip(movements, totals, strict=True)
    ]
    return Curve(_stairs(_thinned(steps)), None if cap is None else _level(cap, top), start, end, peak)


def _level(amount: Decimal, top: float) -> float:
    return round(_HEIGHT - float(amount) / top * _HEIGHT, 1)


def _thinned(steps: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Few enough steps to be drawn; of each group the highest is kept, because peaks are what matters."""
    size = -(-len(steps) // _POINTS_SHOWN)
    groups = (steps[first : first + size] for first in range(0, len(steps), size))
    return [min(group, key=lambda step: step[1]) for group in groups]


def _stairs(steps: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    points = [(0.0, float(_HEIGHT))]
    for x, y in steps:
        points += [(x, points[-1][1]), (x, y)]
    return (*points, (float(_WIDTH), points[-1][1]))


_ENTRIES_SHOWN: Final = 60
_ENTRIES_OF_AN_EXCERPT: Final = 10
_NOTHING: Final = Decimal(0)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """
    A line of an account's statement, in seconds after the first one.

    `amount` is the charge or refund that a task showed, `balance` what a reading of the wallet showed, or what it was
    set to; `fault` says how a reading does not follow from the one before it.
    """

    at: datetime
    seconds: float
    what: str
    task: str
    amount: Decimal | None
    balance: str
    fault: str


@dataclass(frozen=True, slots=True)
class Statement:
    """An account with its tasks: their charges and refunds, and the lines behind them, `left_out` of them not kept."""

    account: str
    tasks: int
    charged: Decimal
    refunded: Decimal
    entries: tuple[StatementEntry, ...]
    left_out: int

    @property
    def net(self) -> Decimal:
        """Charges that were not refunded."""
        return self.charged - self.refunded

    @property
    def adds_up(self) -> bool | None:
        """Whether the readings follow from what the tasks say; None without readings."""
        read = any(entry.what == _READ for entry in self.entries)
        return all(not entry.fault for entry in self.entries) if read else None

    def excerpt(self) -> Statement:
        """The same with few lines: those that lead to the first one that is at fault."""
        fault = next((position for position, entry in enumerate(self.entries) if entry.fault), 0)
        first = max(fault - _ENTRIES_OF_AN_EXCERPT + 2, 0)
        kept = self.entries[first : first + _ENTRIES_OF_AN_EXCERPT]
        return replace(self, entries=kept, left_out=self.left_out + len(self.entries) - len(kept))


_READ: Final = "wallet read"


def statements(
    recording: Recording, histories: Sequence[TaskHistory], timelines: Sequence[TaskTimeline], conventions: Conventions
) -> tuple[Statement, ...]:
    """The statements of all accounts with tasks or readings; those that do not add up come first."""
    money = conventions.money
    if money is None:
        return ()
    faults = _faults(recording, histories, conventions, money)
    lines: defaultdict[str, list[StatementEntry]] = defaultdict(list)
    for timeline in timelines:
        lines[timeline.account] += _movements_of(timeline)
    for reading in recording.readings:
        fault = faults.get((reading.account, reading.at), "")
        lines[reading.account].append(_entry(reading.at, _READ, balance=reading.balance, fault=fault))
    for exchange in recording.exchanges:
        if sets_balance(exchange) and exchange.account:
            lines[exchange.account].append(_entry(exchange.at, "wallet set", balance=_balance_set(exchange)))
    owned: defaultdict[str, list[TaskHistory]] = defaultdict(list)
    for history in histories:
        owned[history.account or ""].append(history)
    found = [_statement(account, entries, owned[account], money) for account, entries in lines.items()]
    return tuple(sorted(found, key=lambda statement: statement.adds_up is not False))


def _statement(account: str, entries: list[StatementEntry], histories: list[TaskHistory], money: Money) -> Statement:
    bills = [bill_of(history, money) for history in histories]
    ordered = sorted(entries, key=lambda entry: entry.at)
    numbered = [_since(ordered[0].at, entry) for entry in _without_repetition(ordered)]
    kept = _around_faults(numbered)
    return Statement(
        account=account,
        tasks=len(histories),
        charged=sum((bill.charged or _NOTHING for bill in bills), _NOTHING),
        refunded=sum((bill.refunded for bill in bills), _NOTHING),
        entries=tuple(kept),
        left_out=len(numbered) - len(kept),
    )


def _around_faults(entries: list[StatementEntry]) -> list[StatementEntry]:
    """The lines up to the limit, from a little before the first one that is at fault."""
    fault = next((position for position, entry in enumerate(entries) if entry.fault), 0)
    first = max(fault - _ENTRIES_SHOWN // 2, 0) if fault >= _ENTRIES_SHOWN else 0
    return entries[first : first + _ENTRIES_SHOWN]


def _without_repetition(entries: list[StatementEntry]) -> Iterator[StatementEntry]:
    """The entries without readings that show once more what the entry before them showed."""
    before: StatementEntry | None = None
    for entry in entries:
        same = before is not None and entry.what == before.what == _READ and entry.balance == before.balance
        if not same or entry.fault:
            yield entry
        before = entry


def _movements_of(timeline: TaskTimeline) -> Iterator[StatementEntry]:
    for moved in timeline.movements:
        what = "charge shown" if moved.debit else "refund shown"
        at = timeline.since + timedelta(seconds=moved.seconds)
        yield _entry(at, what, task=timeline.task, amount=moved.amount)


def _entry(
    at: datetime, what: str, *, task: str = "", amount: Decimal | None = None, balance: str = "", fault: str = ""
) -> StatementEntry:
    return StatementEntry(at, 0.0, what, task, amount, balance, fault)


def _since(start: datetime, entry: StatementEntry) -> StatementEntry:
    return replace(entry, seconds=(entry.at - start).total_seconds())


def _balance_set(exchange: Exchange) -> str:
    value = json_of(exchange.request.body)
    shown = value.get("balance_credits") if isinstance(value, dict) else None
    return shown if isinstance(shown, str) else ""


def _faults(
    recording: Recording, histories: Sequence[TaskHistory], conventions: Conventions, money: Money
) -> Mapping[tuple[str, datetime], str]:
    """What is wrong with a reading, by its account and time: the tasks do not explain how it differs from the last."""
    owned: defaultdict[str, list[_Term]] = defaultdict(list)
    for history in histories:
        owned[history.account or ""].append(_term(history))
    found = {}
    for span in narrow_spans(recording):
        explained = None if _is_doubtful(span, conventions) else _sum(owned[span.opening.account], span, money)
        if explained is not None and span.fall not in explained:
            place = span.closing.account, span.closing.at
            found[place] = f"the tasks explain a fall by {explained} since the reading before, not by {span.fall:f}"
    return found


class _Term(NamedTuple):
    """A task, and between which moments it may have been charged or refunded."""

    begin: datetime
    end: datetime
    history: TaskHistory


def _term(history: TaskHistory) -> _Term:
    ends = (sighting.received_at for sighting in history.sightings if sighting.state and sighting.state.terminal)
    return _Term(created_at(history) or _NEVER, next(ends, _NEVER), history)


def _is_doubtful(span: Span, conventions: Conventions) -> bool:
    """Whether a create request was under way when a balance was read, or its outcome is not known."""
    creates = conventions.tasks.create if conventions.tasks else ()
    return any(
        exchange.interpretation.outcome.cost_unknown
        or exchange.at + timedelta(seconds=exchange.elapsed_seconds) > span.closing.at
        for exchange in span.exchanges
        if exchange.operation in creates
    )


def _sum(terms: Sequence[_Term], span: Span, money: Money) -> Range | None:
    first, last = span.opening.at, span.closing.at
    moving = [term.history for term in terms if term.begin < last and term.end > first]
    ranges = [movement(history, span, money) for history in moving]
    known = [found for found in ranges if found is not None]
    if len(known) < len(ranges):
        return None
    return Range(sum((r.least for r in known), _NOTHING), sum((r.most for r in known), _NOTHING))
