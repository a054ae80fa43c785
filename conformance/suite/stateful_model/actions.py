"""What a step asks of the target, and which rule its answer breaks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import NotOfferedError, UnansweredError
from conformance.contract.pricing import readable_amount
from conformance.suite.batch import decided_or_unpaid as decided
from conformance.suite.stateful_model.model import ModelRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from conformance.accounts.account import Account
    from conformance.contract.conventions import Conventions, Idempotency, Money, Phase, Tasks
    from conformance.journal.records import Exchange
    from conformance.suite.stateful_model.model import Listing, Model, ModelledSystem, Order, Product, Task


NEEDS: Final = ("clock", "tasks/hold", "tasks/outcome", "wallet")
"""What the stateful model needs of the control interface."""

# A refund may take some seconds on its way to the wallet, and a task some minutes on its way to its end.
_PAUSES: Final = (1, 2, 4, 8)
_LONG_PAUSES: Final = (60, 600, 600)
# So may a change on its way to the list.
_LIST_PAUSES: Final = (0.2, 0.5, 1, 2)


@dataclass(slots=True)
class Patience:
    """
    For how many real seconds at a time a refund is waited for, beside what the clock is advanced, and if a list is.

    What is missing after that time is not late: while a history is repeated, it is not waited for again.
    """

    seconds: float = 2.0
    for_lists: bool = True


class Actions:
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

    def order(self, product: Product, key: str) -> Exchange:
        """Ask for a song under a key."""
        return self.account.call(product.operation, json=product.body, idempotency_key=key)

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
        task_id = exchange.get(self._tasks.id) if exchange.accepted else None
        return task_id if isinstance(task_id, str) else None

    def charge(self, exchange: Exchange) -> Decimal | None:
        """The charge that an answer shows, None where it shows none that can be read."""
        return readable_amount(exchange.get(self._money.charged)) if exchange.accepted else None

    def phase(self, exchange: Exchange) -> Phase | None:
        """The phase of the task that an answer shows, None where it shows none that is documented."""
        state = self._tasks.states.get(str(exchange.get(self._tasks.status))) if exchange.accepted else None
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

    def pauses_for_list(self) -> Iterator[None]:
        """Let a list that lags behind catch up, a while longer each time, until the caller has seen enough."""
        for pause in _LIST_PAUSES if self._patience.for_lists else ():
            self.account.client.sleep(pause)
            yield
        self._patience.for_lists = False

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
    What the stateful model needs of the conventions.

    Raises:
        NotOfferedError: the conventions lack it.
    """
    if conventions.tasks is None or conventions.money is None or conventions.idempotency is None:
        raise NotOfferedError("the conventions of this system do not describe tasks, money and idempotency keys")
    return conventions.tasks, conventions.money, conventions.idempotency


def creation_fault(
    model: Model, answer: Exchange, task_id: str | None, *, exact: bool, reuse: ModelRule
) -> ModelRule | None:
    """
    The rule that is broken by the answer to a request that the balance can pay, `exact` if just so.

    An answer with a task that is known already breaks `reuse`.

    Raises:
        UnansweredError: the answer does not say why it was refused, or which task it made.
    """
    if task_id is not None:
        return None if model.task_of(task_id) is None else reuse
    if answer.accepted:
        raise UnansweredError("a request was accepted without the id of its task")
    is_new = reuse is ModelRule.ANOTHER_KEY_IS_ANOTHER_TASK
    if is_new is not exact:
        # Whether requests are accepted at all is judged elsewhere; and of two possible reasons, none is the reason.
        raise UnansweredError(f"a request that can be paid was answered {answer.summary}")
    return ModelRule.EXACT_BALANCE_SUFFICES if exact else reuse


def retry_rule(model: Model, order: Order, task: Task) -> ModelRule:
    """The rule that says that a request is recognised by its key, as things are with it."""
    if task.end is not None:
        return ModelRule.KEY_OUTLIVES_ITS_TASK
    return ModelRule.LATE_RETRY_IS_RECOGNISED if model.remembers_for_long(order) else ModelRule.RETRY_RETURNS_THE_TASK


def conflict_fault(
    actions: Actions, model: Model, order: Order, task: Task, *, answer: Exchange, probe: Exchange | None
) -> ModelRule | None:
    """The rule that is broken by the answer to another request with a key; `probe` is the first one sent again."""
    if not answer.accepted:
        return None if actions.keys.is_conflict(answer.status, answer.interpretation) else ModelRule.CONFLICT_IS_REFUSED
    if probe is None or actions.created(probe) == task.id:
        return ModelRule.CONFLICT_IS_REFUSED
    # The target has forgotten the key.
    return retry_rule(model, order, task)


def cancelled_fault(phase: Phase | None, rule: ModelRule) -> ModelRule | None:
    """
    The rule that is broken by what became of a task that was cancelled: `rule`, if it goes on.

    Raises:
        UnansweredError: it ended in another way.
    """
    if phase == "canceled":
        return None
    if phase in ("waiting", "working"):
        return rule
    raise UnansweredError(f"a task that was cancelled while it was held is {phase or 'in no documented state'}")


# As many tasks as any page may hold: with it the list is one page.
WHOLE: Final = 100


class Suspect(Enum):
    """The last step that could have left a task behind that it should not have made."""

    RETRY = ModelRule.RETRY_CREATES_NOTHING
    CONFLICT = ModelRule.CONFLICT_CHANGES_NOTHING
    SHORTAGE = ModelRule.SHORTAGE_CHANGES_NOTHING

    @property
    def owner(self) -> ModelRule:
        """The rule that it broke then."""
        return self.value


def wrong_list(
    system: ModelledSystem,
    account: Account,
    model: Model,
    read: Listing,
    *,
    phase: Phase | None,
    suspect: Suspect | None,
) -> ModelRule | None:
    """The rule that a list breaks; None where it holds what it should."""
    visits = Counter(read.visits)
    if any(count > 1 for count in visits.values()):
        return ModelRule.PAGING_VISITS_ONCE
    wanted = {task.id for task in model.tasks if phase is None or task.end == phase}
    if any(model.task_of(task_id) is None for task_id in visits):
        return ModelRule.LIST_IS_ITS_OWNERS if suspect is None else suspect.owner
    if set(visits) == wanted:
        return None
    if set(visits) - wanted:
        return ModelRule.LIST_IS_FILTERED
    return _forgetful(system, account, wanted - set(visits), expected=len(model.tasks), filtered=phase is not None)


def _forgetful(
    system: ModelledSystem, account: Account, missing: set[str], *, expected: int, filtered: bool
) -> ModelRule:
    """The rule that a list breaks that lacks something: the list itself does, or only this way to read it."""
    whole = system.list_tasks(account, limit=WHOLE, state=None, expected=expected)
    if missing - set(whole.visits):
        return ModelRule.TASK_IS_LISTED
    return ModelRule.LIST_IS_FILTERED if filtered else ModelRule.PAGING_VISITS_ONCE
