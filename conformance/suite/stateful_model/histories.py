"""Histories drawn by Hypothesis, carried out in accounts of their own, and the shortest one that breaks a rule."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

import hypothesis
from hypothesis import strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from conformance.client.errors import ControlError, NotOfferedError, UndecidedError
from conformance.generation.drawing import CHANCE
from conformance.journal.records import Mismatch
from conformance.money.budget import PLAY
from conformance.suite.stateful_model.actions import NEEDS, WHOLE, Actions, Patience, parts_of
from conformance.suite.stateful_model.model import (
    HOUR_SECONDS,
    Break,
    BrokenRuleError,
    Funds,
    ModelRule,
    Passing,
    Played,
)
from conformance.suite.stateful_model.runner import LEAST, ModelRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from conformance.accounts.account import Account
    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.conventions import Phase
    from conformance.journal.records import Exchange
    from conformance.suite.stateful_model.model import ModelledSystem, ModelSettings


MOST_STEPS: Final = 16
_ENDS: Final[tuple[Phase, ...]] = ("canceled", "failed", "succeeded")
# Most of what can go wrong between steps does between steps about the same request.
_BACK: Final = strategies.sampled_from((0, 0, 0, 0, 1, 1, 2, 3))
NAME: Final = "histories"


class Subject(Enum):
    """What a step is about."""

    NOTHING = "nothing"
    REQUEST = "a request that was made before"
    NEW_REQUEST = "a request that it makes"


@dataclass(frozen=True, slots=True)
class Drawn:
    """
    A step as it was drawn: what to do, and the number of the request that it is about, 0 without one.

    `plainly` is the same without what may not matter, where there is something.
    """

    act: Callable[[ModelRunner, int], None]
    subject: Subject = Subject.NOTHING
    number: int = 0
    plainly: Callable[[ModelRunner, int], None] | None = None

    def about(self, number: int) -> Drawn:
        """The same step about the request of another number."""
        return replace(self, number=number)

    def plain(self) -> Drawn | None:
        """The plain step, None where this is it."""
        return None if self.plainly is None else replace(self, act=self.plainly, plainly=None)

    def take(self, runner: ModelRunner) -> None:
        """Take the step."""
        self.act(runner, self.number)


if TYPE_CHECKING:
    Tries = Callable[[Sequence[Drawn]], int | None]
    """Carries a history out: how many steps it took to break a rule, None where it broke none."""


def shortest(steps: Sequence[Drawn], tries: Tries) -> Sequence[Drawn]:
    """
    The steps that are left when none of them can be left out, as plain as they can be.

    Large parts are tried first. Hypothesis's own way needs some hundred tries, each of which costs requests.
    """
    size = len(steps) // 2
    while size:
        shorter = _without_parts(steps, size, tries)
        # What could not be left out before may be when other steps have gone.
        size = size if size == 1 and len(shorter) < len(steps) else size // 2
        steps = shorter
    return _plain(steps, tries)


def _plain(steps: Sequence[Drawn], tries: Tries) -> Sequence[Drawn]:
    for position, step in enumerate(steps):
        plain = step.plain()
        candidate = [*steps[:position], *([plain] if plain else []), *steps[position + 1 :]]
        if plain is not None and tries(candidate) == len(candidate):
            steps = candidate
    return steps


def _without_parts(steps: Sequence[Drawn], size: int, tries: Tries) -> Sequence[Drawn]:
    """The steps without those parts of a size that are not needed; the last step breaks the rule, so it stays."""
    position = len(steps) - 1 - size
    while position >= 0:
        candidate = without(steps, range(position, position + size))
        taken = tries(candidate)
        if taken is not None:
            steps = candidate[:taken]
        position = min(position, len(steps) - 1) - size
    return steps


def without(steps: Sequence[Drawn], left_out: range) -> Sequence[Drawn]:
    """The steps without some of them, and without those that are about requests which are not made any more."""
    numbers: dict[int, int] = {}
    kept: list[Drawn] = []
    for position, step in enumerate(steps):
        if position in left_out or (step.subject is Subject.REQUEST and step.number not in numbers):
            continue
        if step.subject is Subject.NEW_REQUEST:
            numbers[step.number] = len(numbers) + 1
        kept.append(step.about(numbers.get(step.number, 0)))
    return kept


def _creation(product: int, *, doomed: bool) -> Drawn:
    return Drawn(
        lambda runner, _: runner.create(product, doomed=doomed),
        Subject.NEW_REQUEST,
        plainly=lambda runner, _: runner.create(0, doomed=False),
    )


def _listing(limit: int, phase: Phase | None) -> Drawn:
    return Drawn(
        lambda runner, _: runner.list_tasks(limit, phase), plainly=lambda runner, _: runner.list_tasks(WHOLE, None)
    )


def _passing(passing: Passing) -> Drawn:
    return Drawn(lambda runner, _: runner.let_time_pass(passing))


def _funding(funds: Funds) -> Drawn:
    return Drawn(lambda runner, _: runner.fund(funds))


_CREATIONS: Final = tuple(_creation(product, doomed=doomed) for product in (0, 1) for doomed in (False, True))
# How often a step stands here is how often it comes up, beside others. Without money little else happens, so there is
# enough of it more often than not.
_STEPS: Final = (
    *[Drawn(ModelRunner.ask_again, Subject.REQUEST)] * 5,
    *[Drawn(ModelRunner.contradict, Subject.REQUEST)] * 3,
    *[Drawn(ModelRunner.cancel, Subject.REQUEST)] * 4,
    *[Drawn(ModelRunner.look, Subject.REQUEST)] * 2,
    *_CREATIONS,
    *[_passing(Passing.TO_THE_END)] * 2,
    *[_passing(passing) for passing in Passing],
    *[_funding(Funds.PLENTY)] * 2,
    *[_funding(funds) for funds in Funds],
    *[_listing(WHOLE, None)] * 2,
    _listing(1, None),
    _listing(2, None),
    *[_listing(WHOLE, phase) for phase in _ENDS],
)
_ANY_STEP: Final = strategies.sampled_from(_STEPS)


class Course(Protocol):
    """One history while it is drawn."""

    def take(self, step: Drawn) -> None:
        """Take a step, unless the history is over."""

    def close(self) -> None:
        """The history is over."""


class Histories(RuleBasedStateMachine):
    """
    Every step is drawn from all that there are.

    What is drawn never depends on what a target answers, so that no target can confuse Hypothesis: a history that is
    over goes on without steps.
    """

    def __init__(self, course: Course) -> None:
        super().__init__()
        self._course = course
        self._requested = 0

    @initialize(step=strategies.sampled_from(_CREATIONS))
    def begin(self, step: Drawn) -> None:
        """Order a first song, because there is little to do without one."""
        self.go_on(step, 0)

    # One rule for all steps: of several, Hypothesis leaves some out of every history, and most faults take a few kinds
    # of steps to show.
    @rule(step=_ANY_STEP, back=_BACK)
    def go_on(self, step: Drawn, back: int) -> None:
        """Take a step; if it is about a request, then about the last one or one that many before it."""
        match step.subject:
            case Subject.NEW_REQUEST:
                self._requested += 1
                self._course.take(step.about(self._requested))
            case Subject.REQUEST:
                self._course.take(step.about(max(1, self._requested - back)))
            case Subject.NOTHING:
                self._course.take(step)

    def teardown(self) -> None:
        """End the history."""
        self._course.close()


def play_out(open_course: Callable[[], Course], seed: int, count: int) -> None:
    """Draw so many histories, and take their steps as they are drawn; raises whatever a step raises."""
    settings = hypothesis.settings(
        max_examples=count,
        stateful_step_count=MOST_STEPS,
        database=None,
        backend=CHANCE,
        deadline=None,
        # What breaks is shortened by `shortest`.
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )

    class Opened(Histories):
        """The state machine with its course: Hypothesis makes one for every history."""

        def __init__(self) -> None:
            super().__init__(open_course())

    run_state_machine_as_test(hypothesis.seed(seed)(Opened), settings=settings)


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
