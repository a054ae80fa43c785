"""Tasks and money of a run, from everything that its answers and readings show."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from conformance.monitors.traffic import Traffic
from conformance.report.page.lives import life_of
from conformance.report.page.spending import curve_of
from conformance.report.page.statements import statements
from conformance.report.page.statuses import statuses_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.journal.reader import Recording
    from conformance.report.page.lives import Life
    from conformance.report.page.spending import Curve
    from conformance.report.page.statements import Statement
    from conformance.report.page.statuses import Statuses
    from conformance.verdicts.model import Assessment

_STATEMENTS_OF_A_ROW: Final = 2


@dataclass(frozen=True)
class Books:
    """The lives of all tasks, the statements of all accounts, the curve of the spend, and the statuses seen."""

    lives: tuple[Life, ...] = ()
    statements: tuple[Statement, ...] = ()
    curve: Curve | None = None
    statuses: tuple[Statuses, ...] = ()
    # Which tasks an exchange shows, and whose account it used.
    tasks: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)

    def lives_in(self, exchanges: Iterable[str]) -> tuple[Life, ...]:
        """The tasks that some exchanges show, without those that they only list."""
        positions = dict.fromkeys(position for name in exchanges for position in self.tasks.get(name, ()))
        return tuple(self.lives[position] for position in positions)

    def amiss(self, exchanges: Iterable[str]) -> tuple[Statement, ...]:
        """Excerpts of the statements that do not add up, of the accounts that made some exchanges."""
        accounts = dict.fromkeys(self.accounts.get(name, "") for name in exchanges)
        found = [self._by_account[account] for account in accounts if account in self._by_account]
        amiss = [statement for statement in found if statement.adds_up is False]
        return tuple(statement.excerpt() for statement in amiss[:_STATEMENTS_OF_A_ROW])

    @cached_property
    def _by_account(self) -> dict[str, Statement]:
        return {statement.account: statement for statement in self.statements}


def books_of(assessment: Assessment, recording: Recording) -> Books:
    """The books of a run; empty where nobody says what contract the target was judged by."""
    contract = assessment.contract
    if contract is None:
        return Books()
    traffic = Traffic(recording, contract)
    conventions = contract.conventions
    lives = tuple(life_of(history, conventions.money) for history in traffic.histories)
    tasks: defaultdict[str, tuple[int, ...]] = defaultdict(tuple)
    for position, history in enumerate(traffic.histories):
        for name in dict.fromkeys(sighting.id for sighting in history.sightings if sighting.via != "list"):
            tasks[name] += (position,)
    return Books(
        lives=lives,
        statements=statements(recording, traffic.histories, lives, conventions),
        curve=curve_of(lives, assessment.spend.cap if assessment.spend else None),
        statuses=statuses_of(traffic),
        tasks=dict(tasks),
        accounts={exchange.id: exchange.account or "" for exchange in recording.exchanges},
    )
