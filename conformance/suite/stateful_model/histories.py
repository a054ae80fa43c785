"""Histories drawn by Hypothesis, and the shortest one that still breaks a rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol

import hypothesis
from hypothesis import strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from conformance.generation.drawing import CHANCE
from conformance.suite.stateful_model.actions import WHOLE
from conformance.suite.stateful_model.model import Funds, Passing
from conformance.suite.stateful_model.runner import ModelRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.contract.conventions import Phase


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


MOST_STEPS: Final = 16
_ENDS: Final[tuple[Phase, ...]] = ("canceled", "failed", "succeeded")


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
# Most of what can go wrong between steps does between steps about the same request.
_BACK: Final = strategies.sampled_from((0, 0, 0, 0, 1, 1, 2, 3))
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
