"""Rounds of drawn requests after the walk, one operation after the other, until the time for them is up."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Final

from conformance.client.errors import UndecidedError
from conformance.contract.outcomes import Outcome
from conformance.generation.breaking import broken
from conformance.generation.cases import (
    Drawing,
    MisbuiltRequestError,
    draw_unusual,
    draw_valid,
    placed,
    places_for,
)
from conformance.generation.resources import LinkedValues, SeenValues, links_to
from conformance.money.budget import PLAY, Tier
from conformance.suite.batch import BatchResult, fire, fire_watched
from conformance.suite.generated import PLENTY
from conformance.suite.quote import budget_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from conformance.accounts.account import Account
    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.cases import Case, Kind, Validity
    from conformance.money.budget import Budget
    from conformance.suite.batch import Sent

# What an operation gets in one round: drawn requests, as many with one rule broken, and some of any unusual form.
_VALID: Final = 8
_UNUSUAL: Final = 2
_SHOWN: Final = 3
_REMEMBERED: Final = 4096
# What is there was asked for, even if it can't be changed any more.
_FOUND: Final = (Outcome.ACCEPTED, Outcome.CONFLICT)
_NOTHING: Final = LinkedValues({}, {})


@dataclass
class FuzzingTally:
    """
    What rounds found out about one operation.

    `asked` counts answered requests for something by its name, but for those that are broken, and `reached` those of
    them that found it. Of requests that were not treated as they must be a few are kept.
    """

    sent: int = 0
    asked: int = 0
    reached: int = 0
    valid: int = 0
    invalid: int = 0
    refused: list[Sent] = field(default_factory=list)
    accepted: list[Sent] = field(default_factory=list)

    def add(self, batch: BatchResult, *, by_name: bool) -> None:
        """Count more requests."""
        self.sent += len(batch.sent)
        for item in batch.answered:
            whole = by_name and item.case.validity != "invalid"
            self.asked += whole
            self.reached += whole and item.exchange.outcome in _FOUND
            self.valid += item.case.validity == "valid"
            self.invalid += item.case.validity == "invalid"
            if item.case.validity == "valid" and not item.exchange.accepted:
                _keep(self.refused, item)
            elif item.case.validity == "invalid" and item.exchange.accepted:
                _keep(self.accepted, item)


class TimedFuzzing:
    """
    Drawn requests for all operations of a document, breadth first.

    What round `k` draws for an operation depends on the seed, the document and what the target has handed out so far;
    the clock decides only how many rounds there are. No verdict rests on what was handed out: a request for something
    that may have ended meanwhile is "odd", and only what is broken in its form must be refused.
    """

    def __init__(
        self,
        contract: Contract,
        account_pool: AccountPool,
        seed: int,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        left_out: Collection[str] = (),
    ) -> None:
        self._contract = contract
        self._account_pool = account_pool
        self._seed = seed
        self._monotonic = monotonic
        self._left_out = left_out
        self._seen = SeenValues(contract.document, foreign=account_pool.destructive)
        self._stocks: dict[tuple[Kind, str, tuple[str, ...]], tuple[int, tuple[Case, ...]]] = {}
        self._known: dict[str, set[int]] = defaultdict(set)
        self._own: tuple[Account, Account] | None = None
        self.tallies = {operation_id: FuzzingTally() for operation_id in contract.document.operations}

    def go_on(self, seconds: float) -> int:
        """Send rounds for so long, or until there is nothing new to send; returns how many there were."""
        end = self._monotonic() + seconds
        with ExitStack() as opened:
            if self._account_pool.own_tenants:
                first, second = (self._account_pool.account(name, balance=PLENTY) for name in ("rounds", "refusals"))
                self._own = opened.enter_context(first), opened.enter_context(second)
            for number in count(1):
                sent = 0
                for operation in self._sources_first():
                    if self._monotonic() >= end:
                        return number
                    sent += self._turn(operation, number)
                if not sent:
                    return number
        return 0

    def _sources_first(self) -> list[Operation]:
        document = self._contract.document
        asked = [operation for operation in document.operations.values() if operation.id not in self._left_out]
        return sorted(asked, key=lambda operation: bool(links_to(document, operation)))

    def _turn(self, operation: Operation, number: int) -> int:
        """What one operation gets in one round; returns how many requests that were."""
        by_name = "{" in operation.path
        cases = self._new(operation, self._cases(operation, number), again=by_name)
        invalid = [case for case in cases if case.validity == "invalid"]
        others = [case for case in cases if case.validity != "invalid"]
        sent: list[Sent] = []
        admitted = self._account_pool.guard.admit(f"round-{operation.id}", self._budget(operation))
        limited = self._account_pool.client.allowance.admitted(len(cases))
        with suppress(UndecidedError), limited, admitted, self._accounts() as (account, idle):
            if invalid:
                # A cost shows only in an account in which no task is under way.
                sent += fire_watched(account if by_name else idle, operation, invalid).sent
            sent += fire(account, operation, others).sent
        for item in sent:
            self._seen.note(item.exchange)
        self.tallies[operation.id].add(BatchResult(operation.id, tuple(sent)), by_name=by_name)
        return len(sent)

    @contextmanager
    def _accounts(self) -> Iterator[tuple[Account, Account]]:
        """An account to work in and one in which nothing goes on; both are the shared one where there are no others."""
        if self._own is not None:
            yield self._own
            return
        with self._account_pool.account("rounds", balance=PLENTY) as account:
            yield account, account

    def _budget(self, operation: Operation) -> Budget:
        """The number of rounds is not known beforehand, so only play money pays for them."""
        of_one = budget_of(self._contract, operation, "valid", 1)
        return PLAY if of_one.tier >= Tier.PAID else of_one

    def _cases(self, operation: Operation, number: int) -> Iterator[Case]:
        random = Random(f"{self._seed} {number} {operation.id}")  # noqa: S311 - reproducible, not secret
        why = f"round {number} of --seed {self._seed}"
        for case, handed in self._drawn("valid", _VALID, operation, number, random):
            filled = case.with_body_values(handed.body).with_query_values(handed.query)
            yield replace(filled, validity=self._validity(operation, handed), reason=why)
            wrong = broken(self._contract.document, operation, filled, random)
            if wrong is not None:
                yield replace(wrong, reason=f"{wrong.reason}; {why}")
        for case, handed in self._drawn("unusual", _UNUSUAL, operation, number, random):
            filled = case.with_query_values(handed.query)
            yield replace(filled, reason=f"{case.reason}; {why}" if case.reason else why)

    def _drawn(
        self, kind: Kind, wanted: int, operation: Operation, number: int, random: Random
    ) -> Iterator[tuple[Case, LinkedValues]]:
        """So many drawn requests, each with values for it; the path has them already."""
        for position in range(wanted):
            handed = self._seen.some(operation, random) or _NOTHING
            cases = self._stock(kind, operation, number, wanted, tuple(handed.path))
            if cases:
                yield placed(cases[position % len(cases)], handed.path), handed

    def _stock(
        self, kind: Kind, operation: Operation, number: int, wanted: int, places: tuple[str, ...]
    ) -> tuple[Case, ...]:
        """What a round draws for an operation; the same for all rounds where there is no more than that."""
        key = (kind, operation.id, places)
        known = self._stocks.get(key)
        if known is not None and (known[0] == number or len(known[1]) < wanted):
            return known[1]
        drawing = Drawing(_seed_of(self._seed, number), wanted + 1)
        cases = self._draw(kind, operation, drawing, places)
        # Whatever the seed, what is drawn first is the plainest there is, which every round would send.
        self._stocks[key] = number, cases[1:] if number > 1 and len(cases) > wanted else cases
        return self._stocks[key][1]

    def _draw(self, kind: Kind, operation: Operation, drawing: Drawing, places: tuple[str, ...]) -> tuple[Case, ...]:
        """What is drawn; where nothing is certain to be accepted, what is drawn as valid may break the document."""
        draw = draw_valid if kind == "valid" else draw_unusual
        try:
            return draw(self._contract.document, operation, drawing, places_for(places))
        except MisbuiltRequestError:
            if operation.certain:
                raise
            return ()

    def _validity(self, operation: Operation, handed: LinkedValues) -> Validity:
        """Whether a drawn request must be accepted: not when that depends on what the target has."""
        alone = "{" not in operation.path and not links_to(self._contract.document, operation)
        return "valid" if operation.certain and alone and not (handed.query or handed.body) else "odd"

    def _new(self, operation: Operation, cases: Iterable[Case], *, again: bool) -> list[Case]:
        """Those that were not sent before; what is asked `again` may have another answer by now."""
        known = set[int]() if again else self._known[operation.id]
        if len(known) > _REMEMBERED:
            known.clear()
        found: list[Case] = []
        for case in cases:
            mark = hash((case.path, case.content))
            if mark not in known:
                known.add(mark)
                found.append(case)
        return found


def _keep(items: list[Sent], item: Sent) -> None:
    if len(items) < _SHOWN:
        items.append(item)


def _seed_of(seed: int, number: int) -> int:
    digest = hashlib.sha256(f"{seed} {number}".encode()).digest()
    return int.from_bytes(digest[:8], "big")
