"""The timeline of each task as the run saw it: its states over time, its charge and its refund."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Final

from conformance.contract.pricing import readable_amount

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from conformance.contract.conventions import Money
    from conformance.monitors.task_histories import Sighting, TaskHistory

_EVENTS_SHOWN: Final = 24
# In hundredths of the drawing's width: what was seen last goes on behind the last answer.
_LAST_ANSWER: Final = 84
_NARROWEST: Final = 0.4
_ROOM_FOR_A_NAME: Final = 13
_SHORTEST_SECONDS: Final = 0.001


@dataclass(frozen=True, slots=True)
class Event:
    """
    One answer with something new about a task, in seconds after the first was asked for.

    `charged` and `refunded` are empty where the answer shows none. A `stored` answer shows what the task once was.
    """

    seconds: float
    via: str
    status: int
    state: str
    phase: str
    charged: str
    refunded: str
    stored: bool
    exchange: str


@dataclass(frozen=True, slots=True)
class Interval:
    """A bar of the drawing, in hundredths of its width: as long as one state was the last that was seen."""

    left: float
    width: float
    state: str
    phase: str

    @property
    def roomy(self) -> bool:
        """Whether the name of the state fits into it."""
        return self.width >= _ROOM_FOR_A_NAME


@dataclass(frozen=True, slots=True)
class Movement:
    """A charge or refund that an answer showed, and when; what was taken is below zero."""

    seconds: float
    at: float
    amount: Decimal

    @property
    def debit(self) -> bool:
        """Whether it was taken."""
        return self.amount < 0


@dataclass(frozen=True)
class TaskTimeline:
    """
    What was seen of one task: the answers with something new, `left_out` of them not kept.

    `priced` is whether tasks of the system show what they charged.
    """

    task: str
    account: str
    model: str
    since: datetime
    events: tuple[Event, ...]
    left_out: int
    priced: bool = True

    @property
    def end(self) -> Event:
        """The last that was seen of it."""
        return self.events[-1]

    @property
    def exchanges(self) -> frozenset[str]:
        """The exchanges with something new about it."""
        return frozenset(event.exchange for event in self.events)

    @cached_property
    def intervals(self) -> tuple[Interval, ...]:
        """The states over time."""
        live = [event for position, event in enumerate(self.events) if position == 0 or not event.stored]
        ends = [*(self._place(event) for event in live[1:]), 100.0]
        found: list[Interval] = []
        for event, end in zip(live, ends, strict=True):
            left = self._place(event) if found else 0.0
            if found and found[-1].state == event.state:
                left = found.pop().left
            found.append(Interval(left, max(round(end - left, 1), _NARROWEST), event.state, event.phase))
        return tuple(found)

    @cached_property
    def movements(self) -> tuple[Movement, ...]:
        """Charges and refunds, as the answers show them."""
        return tuple(self._movements())

    def _movements(self) -> Iterator[Movement]:
        charged = refunded = Decimal(0)
        for event in self.events:
            charge, refund = readable_amount(event.charged), readable_amount(event.refunded)
            if charge is not None and charge != charged:
                yield Movement(event.seconds, self._place(event), charged - charge)
                charged = charge
            if refund is not None and refund != refunded:
                yield Movement(event.seconds, self._place(event), refund - refunded)
                refunded = refund

    def _place(self, event: Event) -> float:
        whole = max(self.end.seconds, _SHORTEST_SECONDS)
        return round(event.seconds / whole * _LAST_ANSWER, 1)


def timeline_of(history: TaskHistory, money: Money | None) -> TaskTimeline:
    """The timeline of one task."""
    since = min(sighting.sent_at for sighting in history.sightings)
    events = list(_news(history, since, money))
    kept = events if len(events) <= _EVENTS_SHOWN else [*events[: _EVENTS_SHOWN - 1], events[-1]]
    models = (sighting.at(money.priced_by) for sighting in history.sightings) if money else iter(())
    model = next((value for value in models if isinstance(value, str)), "")
    return TaskTimeline(
        history.task_id, history.account or "", model, since, tuple(kept), len(events) - len(kept), money is not None
    )


def _news(history: TaskHistory, since: datetime, money: Money | None) -> Iterator[Event]:
    """The events with a new state or another amount, and all that were asked for to change the task."""
    before: tuple[str, ...] = ()
    charged = refunded = ""
    for sighting in history.sightings:
        event = _event(sighting, (sighting.received_at - since).total_seconds(), money)
        charged, refunded = event.charged or charged, event.refunded or refunded
        now = (event.state, charged, refunded)
        if now != before or event.via in ("create", "cancel"):
            yield event
        before = before if event.stored and before else now


def _event(sighting: Sighting, seconds: float, money: Money | None) -> Event:
    shown = sighting.state
    unsaid = (sighting.word or "not said", "waiting" if sighting.word else "unknown")
    state, phase = unsaid if shown is None else (shown.name, shown.phase)
    return Event(
        seconds=seconds,
        via=sighting.via,
        status=sighting.answered.status,
        state=state,
        phase=phase,
        charged=_amount(sighting, money.charged if money else None),
        refunded=_amount(sighting, money.refunded if money else None),
        stored=sighting.stored,
        exchange=sighting.id,
    )


def _amount(sighting: Sighting, pointer: str | None) -> str:
    value = None if pointer is None else sighting.at(pointer)
    return value if isinstance(value, str) else ""
