"""Drawn requests sent one after the other: what came back, which answers decide, which refusals cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.client.errors import UnansweredError
from conformance.contract.outcomes import Outcome, is_said_in_front
from conformance.generation.freshening import freshened
from conformance.suite.novelty import Novelty

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from conformance.accounts.account import Account
    from conformance.contract.document import Operation
    from conformance.generation.cases import Case, Validity
    from conformance.journal.records import Exchange


def decided(exchange: Exchange) -> Exchange:
    """
    The exchange, if its answer decides about the request.

    Raises:
        UnansweredError: it was throttled, could not be paid, met a fault of the server, or got no answer.
    """
    return _answered(exchange, exchange.outcome.decisive)


def decided_or_unpaid(exchange: Exchange) -> Exchange:
    """The same where the balance is what a request is about: a refusal for its price decides as well."""
    return _answered(exchange, exchange.outcome.decisive or exchange.outcome is Outcome.UNPAID)


def _answered(exchange: Exchange, decides: bool) -> Exchange:  # noqa: FBT001 - the one question about it
    asked = f"{exchange.request.method} {exchange.request.url}"
    if exchange.response is None:
        raise UnansweredError(f"{asked} was not answered: {exchange.failure}")
    if not decides:
        raise UnansweredError(f"{asked} was answered {exchange.summary}")
    return exchange


# Answers about the rate of requests or the balance; a fault of the server says something about the request.
_SILENT: Final = frozenset({Outcome.NO_ANSWER, Outcome.THROTTLED, Outcome.UNPAID})


@dataclass(frozen=True, slots=True)
class Sent:
    """A drawn request and its exchange."""

    case: Case
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class BatchResult:
    """
    Drawn requests that were sent for one operation, one after the other.

    `left_out` counts those that were not, as they would take away what the run has not made, and `needless` those that
    were not, as the ones before them had shown nothing new.
    """

    operation: str
    sent: tuple[Sent, ...]
    left_out: int = 0
    needless: int = 0

    def only(self, validity: Validity) -> BatchResult:
        """Those of the requests that were drawn as valid, invalid or merely odd."""
        return BatchResult(self.operation, tuple(item for item in self.sent if item.case.validity == validity))

    @property
    def answered(self) -> tuple[Sent, ...]:
        """
        Those whose answer is about the request itself.

        A request that got no answer, was rate limited, or met an empty wallet says nothing about its validity. Neither
        does what a gateway in front of the target answers in its place, unless it does so again.
        """
        return tuple(item for item in self.sent if not _is_silent(item.exchange))


def _is_silent(exchange: Exchange) -> bool:
    if exchange.outcome in _SILENT:
        return True
    # What may be paid for once more is not repeated.
    said_once = exchange.outcome is Outcome.FAILED and exchange.repeats is None
    return said_once and is_said_in_front(exchange.status)


def fire(account: Account, operation: Operation, cases: Sequence[Case], novelty: Novelty | None = None) -> BatchResult:
    """
    Send every case once, in order, as long as `novelty` asks for it.

    With real money, none is sent after an invalid one that is accepted.
    """
    sent: list[Sent] = []
    novelty = novelty or Novelty()
    own = [case for case in cases if account.may_send(case.prepared(account.client.base_url))]
    for case in own:
        if novelty.may_leave_out(case):
            continue
        sent.append(Sent(case, _sent(account, case)))
        novelty.see(case, sent[-1].exchange)
        if account.frugal and case.validity == "invalid" and sent[-1].exchange.accepted:
            break
    return BatchResult(operation.id, tuple(sent), len(cases) - len(own), novelty.left_out)


def _sent(account: Account, case: Case) -> Exchange:
    invalid = case.validity == "invalid"
    exchange = account.send(case.prepared(account.client.base_url)) if invalid else send_fresh(account, case)
    account.discard(exchange)
    return exchange


def send_fresh(account: Account, case: Case, *, longer: bool = False, kept: Collection[str] = ()) -> Exchange:
    """
    Send a request; with other texts where it is in conflict with what is there, as names may have to be unique.

    The other texts are as long as those of the request unless they may be `longer`; what stands at the JSON pointers
    that are `kept` stays.
    """
    exchange = account.send(case.prepared(account.client.base_url))
    if exchange.outcome is Outcome.CONFLICT:
        other = freshened(account.client.contract.document, case, account.fresh_key(), longer=longer, kept=kept)
        if other is not None:
            exchange = account.send(other.prepared(account.client.base_url))
    return exchange


def fire_watched(
    account: Account, operation: Operation, cases: Sequence[Case], novelty: Novelty | None = None
) -> BatchResult:
    """
    Send every case once, in order, between two readings of the balance where the wallet can be seen.

    `novelty` says for how long, as of `fire`. When the balance has fallen, those that were refused are sent again in
    halves with readings in between, until one is left: a monitor blames it. A wallet can be seen with play money only.
    """
    before = account.visible_balance()
    batch = fire(account, operation, cases, novelty)
    after = account.visible_balance()
    if before is not None and after is not None and after < before:
        refused = [item.case for item in batch.sent if item.exchange.outcome.error]
        if len(refused) == len(batch.sent) or _cost(account, operation, refused):
            _narrow_down(account, operation, refused)
    return batch


def _narrow_down(account: Account, operation: Operation, suspects: Sequence[Case]) -> None:
    """Send half of the suspects and go on with that half that cost: all in all no more requests than suspects."""
    while len(suspects) > 1:
        half, others = suspects[: len(suspects) // 2], suspects[len(suspects) // 2 :]
        suspects = half if _cost(account, operation, half) else others
    _cost(account, operation, suspects)


def _cost(account: Account, operation: Operation, cases: Sequence[Case]) -> bool:
    before = account.visible_balance()
    fire(account, operation, cases)
    after = account.visible_balance()
    return before is not None and after is not None and after < before
