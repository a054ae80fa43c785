"""Playing: histories of accounts of one's own, and the shortest one that breaks a rule."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from conformance.client.budget import PLAY
from conformance.client.errors import ControlError, NotOfferedError, UndecidedError
from conformance.journal.records import Mismatch
from conformance.suite.playing.book import Break, Played
from conformance.suite.playing.machine import play_out
from conformance.suite.playing.model import HOUR_SECONDS
from conformance.suite.playing.moves import NEEDS, Moves, Patience, parts_of
from conformance.suite.playing.player import LEAST, Player
from conformance.suite.playing.rules import BrokenRuleError, Rule
from conformance.suite.playing.shortening import shortest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from conformance.client.account import Account
    from conformance.client.stage import Stage
    from conformance.journal.records import Exchange
    from conformance.suite.playing.book import Book, Repertoire
    from conformance.suite.playing.shortening import Drawn

NAME: Final = "histories"


class _InterruptedError(BaseException):
    """Ends the drawing at once; no `Exception`, because Hypothesis takes those for faults to look into."""


def play(stage: Stage, book: Book, repertoire: Repertoire) -> Played:
    """
    Play histories until one breaks a rule, and find the shortest that does.

    Raises:
        NotOfferedError: nothing can be played here, where money is real or time can't be moved.
    """
    if not repertoire.histories:
        raise NotOfferedError("no histories were asked for (--histories)")
    with stage.client.guard.admit(NAME, PLAY):
        parts_of(stage.client.contract.conventions)
        game = _Game(stage, book, _learned_prices(stage, book))
        game.play(repertoire)
        return game.played()


def _learned_prices(stage: Stage, book: Book) -> Mapping[str, Decimal]:
    """What each song costs here, as its task shows; the tasks also show whether they can be held."""
    with stage.account(f"{NAME}-prices", needs=NEEDS) as account, _holding(account) as moves:
        prices: dict[str, Decimal] = {}
        for song in book.songs:
            task_id = moves.created(moves.order(song, account.fresh_key()))
            price = None if task_id is None else moves.charge(_held(moves, task_id))
            if task_id is None or price is None or price <= LEAST:
                raise NotOfferedError(f"the price of {song.name} can't be learned")
            moves.cancel(task_id)
            prices[song.name] = price
        return MappingProxyType(prices)


@contextmanager
def _holding(account: Account) -> Iterator[Moves]:
    """What is asked of an account whose tasks stop before they are worked on."""
    moves = Moves(account)
    account.control.hold(moves.state_in("waiting"))
    try:
        yield moves
    finally:
        account.control.hold(None)


def _held(moves: Moves, task_id: str) -> Exchange:
    """
    A task that had an hour to go on but was told not to.

    Raises:
        ControlError: it went on all the same. In a history that would look as if money moved by itself.
    """
    moves.account.control.advance(HOUR_SECONDS)
    seen = moves.read(task_id)
    if moves.phase(seen) in ("working", "succeeded", "failed"):
        raise ControlError(f"tasks were told to stop in {moves.state_in('waiting')}, and one went on")
    return seen


class _Game:
    """All histories of a run: what was seen in them, and the shortest that broke a rule."""

    def __init__(self, stage: Stage, book: Book, prices: Mapping[str, Decimal]) -> None:
        self._stage = stage
        self._book = book
        self._prices = prices
        self._patience = Patience()
        self._broken: Break | None = None
        self._times = 0
        self._histories = 0
        self._steps = 0
        self._tried: Counter[Rule] = Counter()
        self._cut: Counter[str] = Counter()
        self._drawn: Sequence[Drawn] = ()
        self._crash: Exception | None = None

    def play(self, repertoire: Repertoire) -> None:
        """Draw histories; the first that breaks a rule is the last, and is shortened."""
        try:
            # The first history that Hypothesis draws is the simplest of all, which says little.
            play_out(lambda: _Drawing(self), repertoire.seed, repertoire.histories + 1)
        except _InterruptedError:
            if self._crash is not None:
                raise self._crash from None
        # What does not come again is not looked into.
        if self._broken is not None and self._try(self._drawn) is not None:
            shortest(self._drawn, self._try)

    def open(self) -> _Course:
        """Begin a history in an account of its own."""
        self._histories += 1
        return _Course(self._stage, self._book, self._prices, self._patience)

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
        """Play a history again: how many of its steps it took to break a rule, None where it breaks none."""
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

    def __init__(self, stage: Stage, book: Book, prices: Mapping[str, Decimal], patience: Patience) -> None:
        self._stage = stage
        self._book = book
        self._prices = prices
        self._patience = patience
        self._left = ExitStack()
        self._player: Player | None = None
        self.broken: Break | None = None
        self.cut = ""

    @property
    def over(self) -> bool:
        """Whether no further step makes sense."""
        return self.broken is not None or bool(self.cut)

    @property
    def count(self) -> int:
        """How many steps were taken that did something."""
        return 0 if self._player is None else len(self._player.steps)

    @property
    def tried(self) -> Mapping[Rule, int]:
        """How often each rule was checked."""
        return {} if self._player is None else self._player.tried

    def take(self, step: Drawn) -> None:
        """Take a step, unless the history is over."""
        if self.over:
            return
        try:
            step.take(self._opened())
        except BrokenRuleError as error:
            player = self._opened()
            self.broken = Break(error.rule, str(error), player.opening, tuple(player.steps))
        except (UndecidedError, Mismatch) as error:
            self.cut = str(error)

    def close(self) -> None:
        """The history is over."""
        try:
            self._left.close()
        except (UndecidedError, Mismatch) as error:
            self.cut = self.cut or str(error)

    def _opened(self) -> Player:
        if self._player is None:
            plenty = 100 * max(self._prices.values())
            account = self._left.enter_context(self._stage.account(NAME, needs=NEEDS, balance=plenty))
            alone = self._stage.own_tenants
            player = Player(account, self._book, self._prices, alone=alone, patience=self._patience)
            if not self._stage.own_tenants:
                self._left.callback(player.release)
            self._player = player
        return self._player


class _Drawing:
    """A history while Hypothesis draws it; a broken rule ends the drawing."""

    def __init__(self, game: _Game) -> None:
        self._game = game
        self._course = game.open()
        self._drawn: list[Drawn] = []

    def take(self, step: Drawn) -> None:
        """Take a step, unless the history is over."""
        self._drawn.append(step)
        try:
            self._course.take(step)
        except Exception as error:  # noqa: BLE001 - raised again where Hypothesis does not look into it
            self._game.interrupt(self._drawn, error)
        if self._course.broken is not None:
            self._game.interrupt(self._drawn)

    def close(self) -> None:
        """The history is over."""
        self._course.close()
        self._game.note(self._course)
