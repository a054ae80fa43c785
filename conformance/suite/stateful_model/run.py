"""Carrying histories out in accounts of their own, and finding the shortest one that breaks a rule."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from conformance.client.errors import ControlError, NotOfferedError, UndecidedError
from conformance.journal.records import Mismatch
from conformance.money.budget import PLAY
from conformance.suite.stateful_model.actions import NEEDS, Actions, Patience, parts_of
from conformance.suite.stateful_model.histories import play_out, shortest
from conformance.suite.stateful_model.model import HOUR_SECONDS, Break, BrokenRuleError, ModelRule, Played
from conformance.suite.stateful_model.runner import LEAST, ModelRunner

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from conformance.accounts.account import Account
    from conformance.accounts.account_pool import AccountPool
    from conformance.journal.records import Exchange
    from conformance.suite.stateful_model.histories import Drawn
    from conformance.suite.stateful_model.model import ModelledSystem, ModelSettings

NAME: Final = "histories"


class _InterruptedError(BaseException):
    """Ends the drawing at once; no `Exception`, because Hypothesis takes those for faults to shorten."""


def play(account_pool: AccountPool, system: ModelledSystem, model_settings: ModelSettings) -> Played:
    """
    Carry histories out until one breaks a rule, and find the shortest that does.

    Raises:
        NotOfferedError: not possible here: money is real, or the clock can't be set.
    """
    if not model_settings.histories:
        raise NotOfferedError("no histories were asked for (--histories)")
    with account_pool.guard.admit(NAME, PLAY):
        parts_of(account_pool.client.contract.conventions)
        search = _Search(account_pool, system, _learned_prices(account_pool, system))
        search.play(model_settings)
        return search.played()


def _learned_prices(account_pool: AccountPool, system: ModelledSystem) -> Mapping[str, Decimal]:
    """What each song costs here, as its task shows; the tasks also show whether they can be held."""
    with account_pool.account(f"{NAME}-prices", needs=NEEDS) as account, _holding(account) as actions:
        prices: dict[str, Decimal] = {}
        for product in system.products:
            task_id = actions.created(actions.order(product, account.fresh_key()))
            price = None if task_id is None else actions.charge(_held(actions, task_id))
            if task_id is None or price is None or price <= LEAST:
                raise NotOfferedError(f"the price of {product.name} can't be learned")
            actions.cancel(task_id)
            prices[product.name] = price
        return MappingProxyType(prices)


@contextmanager
def _holding(account: Account) -> Iterator[Actions]:
    """What is asked of an account whose tasks stop before they are worked on."""
    actions = Actions(account)
    account.control.hold(actions.state_in("waiting"))
    try:
        yield actions
    finally:
        account.control.hold(None)


def _held(actions: Actions, task_id: str) -> Exchange:
    """
    A task that had an hour to go on while the control interface held it.

    Raises:
        ControlError: it went on all the same. In a history its charge would then change without a request.
    """
    actions.account.control.advance(HOUR_SECONDS)
    seen = actions.read(task_id)
    if actions.phase(seen) in ("working", "succeeded", "failed"):
        raise ControlError(f"tasks were told to stop in {actions.state_in('waiting')}, and one went on")
    return seen


class _Search:
    """All histories of a run: what was seen in them, and the shortest that broke a rule."""

    def __init__(self, account_pool: AccountPool, system: ModelledSystem, prices: Mapping[str, Decimal]) -> None:
        self._account_pool = account_pool
        self._system = system
        self._prices = prices
        self._patience = Patience()
        self._broken: Break | None = None
        self._times = 0
        self._histories = 0
        self._steps = 0
        self._tried: Counter[ModelRule] = Counter()
        self._cut: Counter[str] = Counter()
        self._drawn: Sequence[Drawn] = ()
        self._crash: Exception | None = None

    def play(self, model_settings: ModelSettings) -> None:
        """Draw histories; the first that breaks a rule is the last, and is shortened."""
        try:
            # The first history that Hypothesis draws is the simplest of all, which says little.
            play_out(lambda: _Drawing(self), model_settings.seed, model_settings.histories + 1)
        except _InterruptedError:
            if self._crash is not None:
                raise self._crash from None
        # What does not come again is not shortened.
        if self._broken is not None and self._try(self._drawn) is not None:
            shortest(self._drawn, self._try)

    def open(self) -> _Course:
        """Begin a history in an account of its own."""
        self._histories += 1
        return _Course(self._account_pool, self._system, self._prices, self._patience)

    def note(self, course: _Course) -> None:
        """Keep what is to be known of a history that is over."""
        self._tried.update(course.tried)
        self._steps += course.count
        if course.cut:
            self._cut[course.cut] += 1
        if course.broken is not None:
            self._times += 1
            self._broken = course.broken

    def interrupt(self, drawn: Sequence[Drawn], crash: Exception | None = None) -> None:
        """Draw no more, because of a broken rule, or of a fault of ours."""
        self._drawn = drawn
        self._crash = crash
        raise _InterruptedError

    def played(self) -> Played:
        """What came of it."""
        tried, cut = MappingProxyType(dict(self._tried)), MappingProxyType(dict(self._cut))
        return Played(self._histories, self._steps, tried, cut, self._broken, self._times)

    def _try(self, steps: Sequence[Drawn]) -> int | None:
        """Carry a history out again: how many of its steps it took to break a rule, None where it breaks none."""
        course = self.open()
        taken = 0
        try:
            while taken < len(steps) and not course.over:
                course.take(steps[taken])
                taken += 1
        finally:
            course.close()
        self.note(course)
        return taken if course.broken else None


class _Course:
    """One history, in an account that is opened with its first step."""

    def __init__(
        self, account_pool: AccountPool, system: ModelledSystem, prices: Mapping[str, Decimal], patience: Patience
    ) -> None:
        self._account_pool = account_pool
        self._system = system
        self._prices = prices
        self._patience = patience
        self._left = ExitStack()
        self._runner: ModelRunner | None = None
        self.broken: Break | None = None
        self.cut = ""

    @property
    def over(self) -> bool:
        """Whether no further step makes sense."""
        return self.broken is not None or bool(self.cut)

    @property
    def count(self) -> int:
        """How many steps were taken that did something."""
        return 0 if self._runner is None else len(self._runner.steps)

    @property
    def tried(self) -> Mapping[ModelRule, int]:
        """How often each rule was checked."""
        return {} if self._runner is None else self._runner.tried

    def take(self, step: Drawn) -> None:
        """Take a step, unless the history is over."""
        if self.over:
            return
        try:
            step.take(self._opened())
        except BrokenRuleError as error:
            runner = self._opened()
            self.broken = Break(error.rule, str(error), runner.opening, tuple(runner.steps))
        except (UndecidedError, Mismatch) as error:
            self.cut = str(error)

    def close(self) -> None:
        """The history is over."""
        try:
            self._left.close()
        except (UndecidedError, Mismatch) as error:
            self.cut = self.cut or str(error)

    def _opened(self) -> ModelRunner:
        if self._runner is None:
            plenty = 100 * max(self._prices.values())
            account = self._left.enter_context(self._account_pool.account(NAME, needs=NEEDS, balance=plenty))
            alone = self._account_pool.own_tenants
            runner = ModelRunner(account, self._system, self._prices, alone=alone, patience=self._patience)
            if not self._account_pool.own_tenants:
                self._left.callback(runner.release)
            self._runner = runner
        return self._runner


class _Drawing:
    """A history while Hypothesis draws it; a broken rule ends the drawing."""

    def __init__(self, search: _Search) -> None:
        self._search = search
        self._course = search.open()
        self._drawn: list[Drawn] = []

    def take(self, step: Drawn) -> None:
        """Take a step, unless the history is over."""
        self._drawn.append(step)
        try:
            self._course.take(step)
        except Exception as error:  # noqa: BLE001 - raised again where Hypothesis does not shorten it
            self._search.interrupt(self._drawn, error)
        if self._course.broken is not None:
            self._search.interrupt(self._drawn)

    def close(self) -> None:
        """The history is over."""
        self._course.close()
        self._search.note(self._course)
