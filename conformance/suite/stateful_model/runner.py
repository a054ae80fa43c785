"""A history, step by step: each is taken at the target and in the model, and then both must agree."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from conformance.client.errors import ControlError, UnansweredError
from conformance.contract.outcomes import Outcome
from conformance.suite.batch import decided_or_unpaid as decided
from conformance.suite.stateful_model.actions import (
    Actions,
    Suspect,
    cancelled_fault,
    conflict_fault,
    creation_fault,
    retry_rule,
    wrong_list,
)
from conformance.suite.stateful_model.model import (
    HOUR_SECONDS,
    BrokenRuleError,
    Funds,
    Model,
    ModelRule,
    Order,
    Passing,
    Step,
    Taken,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.accounts.account import Account
    from conformance.contract.conventions import Phase
    from conformance.journal.records import Exchange
    from conformance.suite.stateful_model.actions import Patience
    from conformance.suite.stateful_model.model import Listing, ModelledSystem, Task

# Amounts are written with four places.
LEAST: Final = Decimal("0.0001")
_MINUTE: Final = 60.0
_ENDS: Final[tuple[Phase, ...]] = ("succeeded", "failed", "canceled")


class ModelRunner:
    """
    One history in an account of its own.

    Every step ends with a reading of the wallet, and raises `BrokenRuleError` where target and model disagree. What
    can't be judged (no answer, another rule's matter) raises `UndecidedError` or `Mismatch`: the history ends there.
    """

    def __init__(
        self,
        account: Account,
        system: ModelledSystem,
        prices: Mapping[str, Decimal],
        *,
        alone: bool,
        patience: Patience | None = None,
    ) -> None:
        self._account = account
        self._actions = Actions(account, patience)
        self._system = system
        self._prices = prices
        self._alone = alone
        self._suspect: Suspect | None = None
        self.steps: list[Step] = []
        self.tried: Counter[ModelRule] = Counter()
        waiting, self._working = self._actions.state_in("waiting"), self._actions.state_in("working")
        self.model = Model(self.plenty, self._actions.keys.window_seconds, waiting)
        self._waiting = waiting
        if not alone:
            self._clear()
        account.control.hold(waiting)

    @property
    def plenty(self) -> Decimal:
        """More than a history can spend."""
        return 100 * max(self._prices.values())

    @property
    def opening(self) -> str:
        """Where the history begins."""
        account = "a new account" if self._alone else "the account"
        return f"begin with {account}, a balance of {self.plenty:.4f}, and tasks held in {self._waiting} (control)"

    def release(self) -> None:
        """Leave nothing behind that would disturb the next scenario with the account."""
        self._account.control.hold(None)
        self._account.control.next_outcome("succeeded", 0)

    def _clear(self) -> None:
        """Let the tasks of others end in a shared account, so that none of their refunds comes later."""
        self._account.control.hold(None)
        self._account.control.advance(HOUR_SECONDS)
        self._account.control.set_balance(self.plenty)

    def create(self, product: int, *, doomed: bool) -> None:
        """Order a song with a new key; one that is `doomed` fails when it ends."""
        fate = ""
        if doomed:
            self._account.control.next_outcome("failed")
            fate = " that is to fail (control: outcome of the next task)"
        chosen = self._system.products[product]
        order = Order(len(self.model.orders) + 1, chosen, self._account.fresh_key())
        self.model.orders.append(order)
        self._order(
            order,
            f"{order}: {chosen.name}{fate}, with a new key",
            ModelRule.ANOTHER_KEY_IS_ANOTHER_TASK,
        )

    def ask_again(self, number: int) -> None:
        """Send a request again, with its key."""
        order = self.model.order(number)
        if self.model.remembers(order) and order.task is not None:
            self._retry(order, order.task)
        elif order.task is None:
            self._order(order, f"{order} again, which was refused, with its key", ModelRule.TOP_UP_HELPS)
        elif self.model.has_forgotten(order):
            self._order(order, f"{order} again, with its key, after the key's window", ModelRule.KEY_EXPIRES)

    def contradict(self, number: int) -> None:
        """Send another request with the key of one that made a task."""
        order = self.model.order(number)
        if order.task is None or order.task.end == "failed" or not self.model.remembers(order):
            return
        other = next(product for product in self._system.products if product is not order.product)
        answer = decided(self._actions.order(other, order.key))
        if answer.outcome is Outcome.UNPAID:
            # No document says which the server checks first, the key or the balance.
            raise UnansweredError("a request with the key of another one was refused for its price")
        self._suspect = Suspect.CONFLICT
        probe = self._probe(order, answer)
        known = f", and then {order} again gets {self._named(probe)}" if probe else ""
        self._record(
            Taken(
                sent=f"{other.name} with the key of {order}",
                expected="a conflict",
                got=f"{self._named(answer)}{known}",
                exchanges=(answer, probe) if probe else (answer,),
                owner=ModelRule.CONFLICT_CHANGES_NOTHING,
                broken=conflict_fault(self._actions, self.model, order, order.task, answer=answer, probe=probe),
            ),
            ModelRule.CONFLICT_IS_REFUSED,
        )

    def cancel(self, number: int) -> None:
        """Cancel the last task of a request."""
        task = self.model.order(number).task
        if task is not None and task.end is None:
            self._cancel_under_way(task)
        elif task is not None:
            self._cancel_ended(task)

    def look(self, number: int) -> None:
        """Read the last task of a request."""
        task = self.model.order(number).task
        if task is None:
            return
        answer = decided(self._actions.read(task.id))
        expected = f"it to be {task.end}" if task.end else "it to go on"
        taken = Taken(
            f"read {task}",
            expected,
            self._named(answer),
            (answer,),
            self._at_rest(task),
            self._sight_fault(task, answer),
        )
        self._record(
            taken,
            ModelRule.TASK_CAN_BE_READ,
            ModelRule.END_IS_FINAL if task.end else ModelRule.CONFLICT_CHANGES_NOTHING,
        )

    def list_tasks(self, limit: int, phase: Phase | None) -> None:
        """Walk through the list, or through those of its tasks that ended in some way."""
        if not self._alone:
            return
        wanted = [task for task in self.model.tasks if phase is None or task.end == phase]
        state = None if phase is None else self._actions.state_in(phase)
        read = self._listed(limit, state, wanted)
        fault = wrong_list(self._system, self._account, self.model, read, phase=phase, suspect=self._suspect)
        which = "all tasks" if state is None else f"the tasks that are {state}"
        shown = [str(self.model.task_of(task_id) or "an unknown task") for task_id in read.visits]
        self._record(
            Taken(
                sent=f"list {which} in pages of {limit}",
                expected=_listed(map(str, wanted)),
                got=_listed(shown),
                exchanges=read.pages,
                broken=fault,
            ),
            ModelRule.LIST_IS_FILTERED if phase else ModelRule.TASK_IS_LISTED,
            ModelRule.PAGING_VISITS_ONCE,
            ModelRule.LIST_IS_ITS_OWNERS,
            *([self._suspect.owner] if self._suspect else []),
        )

    def _listed(self, limit: int, state: str | None, wanted: Sequence[Task]) -> Listing:
        """The list as soon as it has what it should, or the time for that is over; what it should not have stays."""
        ids = {task.id for task in wanted}
        read = self._system.list_tasks(self._account, limit=limit, state=state, expected=len(wanted))
        if set(read.visits) == ids or any(self.model.task_of(task_id) is None for task_id in read.visits):
            return read
        for _ in self._actions.pauses_for_list():
            read = self._system.list_tasks(self._account, limit=limit, state=state, expected=len(wanted))
            if set(read.visits) == ids:
                break
        return read

    def let_time_pass(self, passing: Passing) -> None:
        """Let time pass, for the tasks as well or only for everything else."""
        match passing:
            case Passing.TO_WORK:
                self._let_run()
            case Passing.TO_THE_END:
                self._let_end()
            case Passing.WITHIN_THE_WINDOW:
                self._wait(self.model.window_seconds / 2)
            case Passing.BEYOND_THE_WINDOW:
                self._wait(2 * self.model.window_seconds)

    def fund(self, funds: Funds) -> None:
        """Set the balance."""
        price = self._prices[self._system.products[0].name]
        balances = {Funds.NOTHING: Decimal(0), Funds.TOO_LITTLE: price - LEAST, Funds.EXACT: price}
        balance = balances.get(funds, self.plenty)
        self._account.control.set_balance(balance)
        shown = self._actions.balance()
        if shown != balance:
            raise ControlError(f"the balance was set to {balance:f}, and the control interface shows {shown:f}")
        self.model.fund(balance)
        self._record(Taken(f"set the balance to {balance:.4f} (control: wallet)", "that balance", "that", ()))

    def _let_run(self) -> None:
        """Let all tasks begin to run, and stop there."""
        self._account.control.hold(self._working)
        self._pass(_MINUTE)
        self.model.held_in = self._working
        self._record(
            Taken(
                f"let tasks run but not end (control: hold them in {self._working}, advance {_MINUTE:g} s)",
                "nothing else to change",
                "that",
                (),
            )
        )

    def _let_end(self) -> None:
        """Let all tasks that go on come to their end."""
        self._account.control.hold(None)
        self._pass(HOUR_SECONDS)
        seen: list[Exchange] = []
        ends: list[str] = []
        failed = False
        for task in self.model.under_way:
            answer, end = self._actions.ended(task.id)
            if end is None:
                raise UnansweredError(f"{task} did not end when it was let go")
            self.model.end(task, end)
            seen.append(answer)
            ends.append(f"{task} {end}")
            failed = failed or task.refunded
        self._account.control.hold(self._waiting)
        self.model.held_in = self._waiting
        owner = ModelRule.FAILURE_IS_REFUNDED if failed else ModelRule.MOVEMENT_IS_EXPLAINED
        sent = f"let an hour pass (control: release tasks, advance {HOUR_SECONDS:g} s, hold tasks in {self._waiting})"
        expected = "every task to end, and the price of what failed back"
        self._record(Taken(sent, expected, ", ".join(ends) or "no task to end", tuple(seen), owner))

    def _wait(self, seconds: float) -> None:
        """Let time pass while tasks stand still."""
        self._pass(seconds)
        hours = f"{seconds / HOUR_SECONDS:g} hours"
        sent = f"let {hours} pass while tasks stand still (control: advance {seconds:g} s)"
        self._record(Taken(sent, "nothing to change", "that", ()))

    def _order(self, order: Order, sent: str, reuse: ModelRule) -> None:
        """A request that must make a new task if it can be paid; an answer with an old one breaks `reuse`."""
        price = self._prices[order.product.name]
        payable, exact = self.model.can_pay(price), self.model.balance == price
        answer = decided(self._actions.order(order.product, order.key))
        if not payable:
            self._refused(sent, answer)
            return
        task_id = self._actions.created(answer)
        broken = creation_fault(self.model, answer, task_id, exact=exact, reuse=reuse)
        if broken is None and task_id is not None:
            self._expect_price(answer, price)
            self.model.book(order, task_id, price)
        taken = Taken(sent, "a new task", self._named(answer), (answer,), ModelRule.CREATION_IS_DEBITED, broken)
        self._record(taken, reuse, *([ModelRule.EXACT_BALANCE_SUFFICES] if exact else []))

    def _refused(self, sent: str, answer: Exchange) -> None:
        """A request that the balance can't pay."""
        self._suspect = Suspect.SHORTAGE
        rule = ModelRule.BALANCE_IS_NOT_OVERDRAWN if self.model.spent else ModelRule.SHORTAGE_IS_REFUSED
        owner = ModelRule.SHORTAGE_CHANGES_NOTHING
        expected = "a refusal, as the balance is too low"
        self._record(
            Taken(sent, expected, self._named(answer), (answer,), owner, rule if answer.accepted else None), rule
        )

    def _expect_price(self, answer: Exchange, price: Decimal) -> None:
        shown = self._actions.charge(answer)
        if shown is not None and shown != price:
            raise UnansweredError(f"the same request was charged {price:f} once and {shown:f} now")

    def _retry(self, order: Order, task: Task) -> None:
        if task.end == "failed":
            # Clients may try again after a failure: whether that is a new request is left open.
            return
        answer = decided(self._actions.order(order.product, order.key))
        if answer.outcome is Outcome.UNPAID and not self.model.can_pay(task.charge):
            # No document says which the server checks first, the key or the balance.
            raise UnansweredError("a retry was refused for its price while the balance was too low for it")
        returned = self._actions.created(answer) == task.id
        owner = retry_rule(self.model, order, task)
        self._suspect = Suspect.RETRY
        self._record(
            Taken(
                sent=f"{order} again, with its key",
                expected=f"{task}",
                got=self._named(answer),
                exchanges=(answer,),
                owner=ModelRule.RETRY_IS_FREE,
                broken=None if returned else owner,
            ),
            owner,
        )

    def _probe(self, order: Order, answer: Exchange) -> Exchange | None:
        """The first request once more, where the other one made a new task: it shows whether its key is known."""
        task_id = self._actions.created(answer)
        if task_id is None or self.model.task_of(task_id) is not None:
            return None
        return self._actions.order(order.product, order.key)

    def _cancel_under_way(self, task: Task) -> None:
        answers = [decided(self._actions.cancel(task.id))]
        if not answers[-1].accepted and self._system.insistence:
            answers.append(decided(self._actions.cancel(task.id, self._system.insistence)))
            if answers[-1].accepted:
                raise UnansweredError("a cancellation was refused without a body and accepted with one")
        broken: ModelRule | None = ModelRule.CANCELLATION_IS_ACCEPTED
        if answers[-1].accepted:
            answers.append(decided(self._actions.read(task.id)))
            if self._actions.phase(answers[-1]) in ("waiting", "working"):
                self._pass(_MINUTE)
                answers.append(decided(self._actions.read(task.id)))
            broken = cancelled_fault(self._actions.phase(answers[-1]), self._canceling)
        if broken is None:
            self.model.end(task, "canceled")
        got = ", then ".join(self._named(answer) for answer in answers)
        taken = Taken(
            f"cancel {task}",
            "it to be canceled, and its price back",
            got,
            tuple(answers),
            ModelRule.CANCELLATION_IS_REFUNDED,
            broken,
        )
        self._record(taken, ModelRule.CANCELLATION_IS_ACCEPTED, self._canceling)

    @property
    def _canceling(self) -> ModelRule:
        waits = self.model.held_in == self._waiting
        return ModelRule.WAITING_TASK_IS_CANCELED if waits else ModelRule.WORKING_TASK_IS_CANCELED

    def _cancel_ended(self, task: Task) -> None:
        before = decided(self._actions.read(task.id))
        answer = decided(self._actions.cancel(task.id))
        seen = decided(self._actions.read(task.id))
        refused = not answer.accepted and not self._actions.keys.is_conflict(answer.status, answer.interpretation)
        changed = self._actions.phase(seen) != task.end
        broken = self._sight_fault(task, before)
        if broken is None and (refused or changed):
            broken = ModelRule.LATE_CANCELLATION_CHANGES_NOTHING
        exchanges = (before, answer, seen)
        got = ", then ".join(self._named(exchange) for exchange in exchanges)
        expected = f"it to stay {task.end}"
        taken = Taken(
            f"read, cancel and read {task}, which has ended", expected, got, exchanges, self._at_rest(task), broken
        )
        self._record(taken, ModelRule.LATE_CANCELLATION_CHANGES_NOTHING)

    def _sight_fault(self, task: Task, answer: Exchange) -> ModelRule | None:
        if not answer.accepted:
            return ModelRule.TASK_CAN_BE_READ
        phase = self._actions.phase(answer)
        if task.end is not None:
            return None if phase == task.end else ModelRule.END_IS_FINAL
        if phase == "canceled" and self._suspect is Suspect.CONFLICT:
            return ModelRule.CONFLICT_CHANGES_NOTHING
        if phase in _ENDS or phase is None:
            raise UnansweredError(f"a task that was held is {phase or 'in no documented state'}")
        return None

    def _at_rest(self, task: Task) -> ModelRule:
        """The rule that is broken when the balance changes because a client reads a task."""
        return ModelRule.REFUND_HAPPENS_ONCE if task.refunded else ModelRule.MOVEMENT_IS_EXPLAINED

    def _pass(self, seconds: float) -> None:
        self._account.control.advance(seconds)
        self.model.now += seconds

    def _named(self, answer: Exchange) -> str:
        """An answer in a few words."""
        task_id = self._actions.created(answer)
        task = None if task_id is None else self.model.task_of(task_id)
        what = f" {task}" if task else f" a new task ({task_id:.40})" if task_id else ""
        state = f", {answer.string(self._actions.status):.40}" if self._actions.phase(answer) else ""
        return f"{answer.summary}{what}{state}"

    def _record(self, taken: Taken, *tried: ModelRule) -> None:
        """
        Read the wallet and record the step.

        Raises:
            BrokenRuleError: the step, or the wallet after it, is not as the model says.
        """
        self.tried.update([*tried, taken.owner])
        broken, expected, got = taken.broken, taken.expected, taken.got
        if broken is None:
            balance = self._balance(taken.owner)
            broken = None if balance == self.model.balance else taken.owner
            expected = f"{expected}, and a balance of {self.model.balance:.4f}"
            got = f"{got}, and a balance of {balance:.4f}"
        self.steps.append(
            Step(taken.sent, taken.calls, expected, got, tuple(exchange.id for exchange in taken.exchanges))
        )
        if broken is not None:
            raise BrokenRuleError(broken, f"expected {expected}, got {got}")

    def _balance(self, owner: ModelRule) -> Decimal:
        if owner in (ModelRule.CANCELLATION_IS_REFUNDED, ModelRule.FAILURE_IS_REFUNDED):
            return self._actions.balance_after_refund(self.model.balance)
        return self._actions.balance()


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
