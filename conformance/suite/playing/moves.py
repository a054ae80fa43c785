"""What a step asks of the target, by the names and places that the conventions give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import NotOfferedError
from conformance.contract.amounts import readable_amount
from conformance.suite.answers import decided_or_unpaid as decided

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from conformance.client.account import Account
    from conformance.contract.conventions import Conventions, Idempotency, Money, Phase, Tasks
    from conformance.journal.records import Exchange
    from conformance.suite.playing.model import Song

NEEDS: Final = ("clock", "tasks/hold", "tasks/outcome", "wallet")
"""What of the control interface a model plays with."""

# A refund may take some seconds on its way to the wallet, and a task some minutes on its way to its end.
_PAUSES: Final = (1, 2, 4, 8)
_LONG_PAUSES: Final = (60, 600, 600)


@dataclass(slots=True)
class Patience:
    """
    For how many real seconds at a time a refund is waited for, beside what the clock is advanced.

    One that stayed away for all of that time is no late one: while a history is played again and again, it is not
    waited for any more.
    """

    seconds: float = 2.0


class Moves:
    """One account, asked by a model."""

    def __init__(self, account: Account, patience: Patience | None = None) -> None:
        self.account = account
        self._patience = patience or Patience()
        conventions = account.client.contract.conventions
        self._tasks, self._money, self.keys = parts_of(conventions)

    @property
    def status(self) -> str:
        """Where an answer shows the state of its task."""
        return self._tasks.status

    def order(self, song: Song, key: str) -> Exchange:
        """Ask for a song under a key."""
        return self.account.call(song.operation, json=song.body, idempotency_key=key)

    def read(self, task_id: str) -> Exchange:
        """Read a task."""
        return self.account.call(self._tasks.get, path={self._tasks.id_parameter: task_id})

    def cancel(self, task_id: str, body: Mapping[str, Any] | None = None) -> Exchange:
        """Cancel a task."""
        if self._tasks.cancel is None:
            raise NotOfferedError("the conventions of this system describe no cancellation")
        return self.account.call(self._tasks.cancel, path={self._tasks.id_parameter: task_id}, json=body)

    def created(self, exchange: Exchange) -> str | None:
        """The id of the task that an answer hands over, None where it is no success with one."""
        task_id = exchange.get(self._tasks.id) if exchange.ok else None
        return task_id if isinstance(task_id, str) else None

    def charge(self, exchange: Exchange) -> Decimal | None:
        """The charge that an answer shows, None where it shows none that can be read."""
        return readable_amount(exchange.get(self._money.charged)) if exchange.ok else None

    def phase(self, exchange: Exchange) -> Phase | None:
        """The phase of the task that an answer shows, None where it shows none that is documented."""
        state = self._tasks.states.get(str(exchange.get(self._tasks.status))) if exchange.ok else None
        return None if state is None else state.phase

    def state_in(self, phase: Phase) -> str:
        """
        How the system spells the first state of a phase.

        Raises:
            NotOfferedError: it has none.
        """
        names = (state.name for state in self._tasks.states.values() if state.phase == phase)
        name = next(names, None)
        if name is None:
            raise NotOfferedError(f"the conventions of this system describe no state that is {phase}")
        return name

    def ended(self, task_id: str) -> tuple[Exchange, Phase | None]:
        """The last reading of a task that should end now, and its end; no end where time is over."""
        seen = decided(self.read(task_id))
        for pause in _LONG_PAUSES:
            if self.phase(seen) not in ("waiting", "working"):
                break
            self.account.pass_time(pause)
            seen = decided(self.read(task_id))
        phase = self.phase(seen)
        return seen, phase if phase not in ("waiting", "working") else None

    def balance_after_refund(self, expected: Decimal) -> Decimal:
        """The balance, as soon as it is as expected or the time for that is over."""
        balance = self.balance()
        for pause in _PAUSES:
            if balance == expected:
                break
            self.account.pass_time(pause)
            self.account.client.sleep(min(pause, self._patience.seconds))
            balance = self.balance()
        if balance != expected:
            self._patience.seconds = 0.0
        return balance

    def balance(self) -> Decimal:
        """The balance as it is."""
        return self.account.control.balance()


def parts_of(conventions: Conventions) -> tuple[Tasks, Money, Idempotency]:
    """
    What of the conventions a model plays by.

    Raises:
        NotOfferedError: the conventions lack it.
    """
    if conventions.tasks is None or conventions.money is None or conventions.idempotency is None:
        raise NotOfferedError("the conventions of this system do not describe tasks, money and idempotency keys")
    return conventions.tasks, conventions.money, conventions.idempotency
