"""Histories drawn by Hypothesis: a rule-based state machine that takes the steps of a player."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import hypothesis
from hypothesis import strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from conformance.generation.chance import CHANCE
from conformance.suite.playing.listing import WHOLE
from conformance.suite.playing.player import Player
from conformance.suite.playing.shortening import Drawn, Subject
from conformance.suite.playing.steps import Funds, Passing

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.contract.conventions import Phase

MOST_STEPS: Final = 16
_ENDS: Final[tuple[Phase, ...]] = ("canceled", "failed", "succeeded")


def _creation(song: int, *, doomed: bool) -> Drawn:
    return Drawn(
        lambda player, _: player.create(song, doomed=doomed),
        Subject.NEW_REQUEST,
        plainly=lambda player, _: player.create(0, doomed=False),
    )


def _listing(limit: int, phase: Phase | None) -> Drawn:
    return Drawn(
        lambda player, _: player.list_tasks(limit, phase), plainly=lambda player, _: player.list_tasks(WHOLE, None)
    )


def _passing(passing: Passing) -> Drawn:
    return Drawn(lambda player, _: player.let_time_pass(passing))


def _funding(funds: Funds) -> Drawn:
    return Drawn(lambda player, _: player.fund(funds))


_CREATIONS: Final = tuple(_creation(song, doomed=doomed) for song in (0, 1) for doomed in (False, True))
# How often a step stands here is how often it comes up, beside others. Without money little else happens, so there is
# enough of it more often than not.
_STEPS: Final = (
    *[Drawn(Player.ask_again, Subject.REQUEST)] * 5,
    *[Drawn(Player.contradict, Subject.REQUEST)] * 3,
    *[Drawn(Player.cancel, Subject.REQUEST)] * 4,
    *[Drawn(Player.look, Subject.REQUEST)] * 2,
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
        # What breaks is shortened elsewhere, see `shortening`.
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )

    class Opened(Histories):
        """The machine with its course: Hypothesis makes one for every history."""

        def __init__(self) -> None:
            super().__init__(open_course())

    run_state_machine_as_test(hypothesis.seed(seed)(Opened), settings=settings)
