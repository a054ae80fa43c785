"""What a wallet shows: refusals cost nothing, and the tasks of the run explain every movement."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from conformance.contract.outcomes import Outcome
from conformance.monitors.base import NOTHING_TO_JUDGE, Collector
from conformance.monitors.ledger import Range, created_at, ended_by, movement, narrow_spans, wide_spans

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.contract.conventions import Conventions, Money
    from conformance.journal.records import Exchange
    from conformance.monitors.base import Judged
    from conformance.monitors.histories import TaskHistory
    from conformance.monitors.ledger import Span
    from conformance.monitors.traffic import Traffic

# What has rules of its own, or says nothing about the request.
_APART: Final = frozenset({Outcome.UNPAID, Outcome.THROTTLED})


def refusals_cost_nothing(traffic: Traffic) -> Judged:
    """
    Between two readings of a wallet with nothing but refused requests in between, the balance does not fall.

    Requests that were refused for lack of money or for their idempotency key have rules of their own. Where tasks
    of the account go on, their refunds could hide a cost. Of several such spans of an account, as they come about
    when a cost is narrowed down, the one with the fewest requests is the finding.
    """
    collector = Collector()
    money = traffic.contract.conventions.money
    if money is None:
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
        collector.fail(_cost_sentence(span, money), *(exchange.id for exchange in span.exchanges))
    return collector.judged()


def ledger(traffic: Traffic) -> Judged:
    """
    Over all of an account's readings, its balance has moved by the charges of the tasks created less their refunds.

    Judged for accounts that nobody else uses while they are read, and where every create request was answered: what
    became of the others is not known.
    """
    collector = Collector()
    conventions = traffic.contract.conventions
    if conventions.money is None:
        return NOTHING_TO_JUDGE
    histories = _histories_by_account(traffic)
    for span in wide_spans(traffic.recording):
        own = histories.get(span.opening.account, ())
        explained = None if _has_lost_answers(span, conventions) else _sum(own, span, conventions.money)
        creations = tuple(exchange.id for exchange in span.exchanges if _creates(exchange, conventions))
        if explained is None:
            continue
        if span.fall not in explained:
            shown = creations or tuple(exchange.id for exchange in span.exchanges)
            collector.fail(_movement_sentence(span, explained, conventions.money), *shown)
        elif creations:
            collector.hold(*creations)
    return collector.judged()


def _histories_by_account(traffic: Traffic) -> Mapping[str, Sequence[TaskHistory]]:
    grouped: dict[str, list[TaskHistory]] = defaultdict(list)
    for history in traffic.histories:
        grouped[history.account or ""].append(history)
    return grouped


def _all_refused(span: Span, conventions: Conventions) -> bool:
    told = [exchange for exchange in span.exchanges if exchange.interpretation.outcome is not Outcome.THROTTLED]
    idempotency = conventions.idempotency
    return bool(told) and all(
        exchange.interpretation.outcome.refusal
        and exchange.interpretation.outcome not in _APART
        and not (idempotency and idempotency.is_conflict(exchange.answer.status, exchange.interpretation))
        for exchange in told
    )


def _goes_on(histories: Sequence[TaskHistory], span: Span) -> bool:
    """Whether a task of the account was under way when the span began, as far as anybody saw."""
    for history in histories:
        created = created_at(history)
        if created is not None and created < span.opening.at and ended_by(history, span.opening.at) is None:
            return True
    return False


def _asks_for_task(exchange: Exchange, conventions: Conventions) -> bool:
    return conventions.tasks is not None and exchange.operation in conventions.tasks.create


def _creates(exchange: Exchange, conventions: Conventions) -> bool:
    return exchange.ok and _asks_for_task(exchange, conventions)


def _has_lost_answers(span: Span, conventions: Conventions) -> bool:
    """Whether a create request got no answer, or a server error, and no retry with its key told what became of it."""
    creates = [exchange for exchange in span.exchanges if _asks_for_task(exchange, conventions)]
    told = {_retry_mark(exchange, conventions) for exchange in creates if exchange.ok} - {None}
    return any(
        _retry_mark(exchange, conventions) not in told
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
        moved = movement(history, span, money)
        if moved is None:
            return None
        least, most = least + moved.least, most + moved.most
    return Range(least, most)


def _cost_sentence(span: Span, money: Money) -> str:
    last = span.exchanges[-1]
    shown = f"{last.request.method} {last.operation or last.request.url}"
    what = f"{shown}, which was refused," if len(span.exchanges) == 1 else f"{len(span.exchanges)} refused requests"
    return f"expected {what} to cost nothing, but the balance fell by {span.fall:f} {money.unit}"


def _movement_sentence(span: Span, explained: Range, money: Money) -> str:
    return (
        f"expected the balance to fall by {explained} {money.unit} from {span.opening.balance} "
        f"by what the tasks say, got {span.closing.balance}, a fall of {span.fall:f}"
    )
