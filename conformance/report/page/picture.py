"""The run as a picture: scenarios, requests, tasks and money over time, and where no request was under way."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from conformance.journal.records import Exchange
    from conformance.report.page.money import Curve
    from conformance.report.page.task_timelines import TaskTimeline

WIDTH: Final = 1000
STEPS: Final = 500
_NARROWEST: Final = 1.5
_SHORTEST_SECONDS: Final = 0.001
_LANES_SHOWN: Final = 100
_BARS_SHOWN: Final = 400
_SPANS_SHOWN: Final = 2000
_TICKS: Final = 6
# A pause is worth a mark when it takes a hundredth of the run.
_SHORTEST_PAUSE: Final = 0.01


@dataclass(frozen=True, slots=True)
class DrawnPart:
    """A part of the drawing, in thousandths of its width; `kind` is the phase of a task, where it is of one."""

    left: float
    width: float
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """What went on for a while: a scenario with its requests, or a task with its states. `lane` counts from the top."""

    name: str
    seconds: float
    lane: int
    whole: DrawnPart
    parts: tuple[DrawnPart, ...]


@dataclass(frozen=True, slots=True)
class Lanes:
    """Bars below each other as far as they overlap; `total` counts those too for which there was no room."""

    bars: tuple[Bar, ...]
    total: int

    @property
    def left_out(self) -> int:
        """How many are not drawn."""
        return self.total - len(self.bars)

    @property
    def count(self) -> int:
        """How many lanes there are."""
        return max((bar.lane + 1 for bar in self.bars), default=0)


@dataclass(frozen=True, slots=True)
class Picture:
    """
    A run of so many `seconds`, drawn `WIDTH` wide.

    `requests` says for each of `STEPS` equal parts how many were under way at the most; `money` is
    where the curve of the spend begins and how wide it is, None where nothing was charged.
    """

    seconds: float
    ticks: tuple[tuple[float, str], ...]
    scenarios: Lanes
    requests: tuple[int, ...]
    pauses: tuple[DrawnPart, ...]
    paused_seconds: float
    tasks: Lanes
    money: DrawnPart | None

    @property
    def most_requests(self) -> int:
        """The most requests that were under way at the same time."""
        return max(self.requests)


@dataclass(frozen=True, slots=True)
class TimedRow:
    """Something with a begin and an end, in seconds of the run, and what happened within."""

    name: str
    begin: float
    end: float
    parts: tuple[tuple[float, float, str], ...]


def picture_of(exchanges: Sequence[Exchange], timelines: Iterable[TaskTimeline], curve: Curve | None) -> Picture | None:
    """The picture of a run; None where it sent nothing."""
    if not exchanges:
        return None
    start = min(exchange.at for exchange in exchanges)
    sent = [(_since(start, exchange.at), exchange) for exchange in exchanges]
    busy = [(begin, begin + max(exchange.elapsed_seconds, _SHORTEST_SECONDS)) for begin, exchange in sent]
    seconds = max(end for _, end in busy)
    pauses = [pause for pause in _pauses(busy) if pause[1] - pause[0] >= _SHORTEST_PAUSE * seconds]
    return Picture(
        seconds=seconds,
        ticks=tuple(_ticks(seconds)),
        scenarios=_lanes(_scenarios(sent), seconds),
        requests=_under_way(busy, seconds),
        pauses=tuple(_span(begin, end, seconds) for begin, end in pauses),
        paused_seconds=sum(end - begin for begin, end in pauses),
        tasks=_lanes([_task(timeline, start) for timeline in timelines], seconds),
        money=None if curve is None else _span(_since(start, curve.start), _since(start, curve.end), seconds),
    )


def _since(start: datetime, at: datetime) -> float:
    return (at - start).total_seconds()


def _place(second: float, seconds: float) -> float:
    return round(second / seconds * WIDTH, 1)


def _span(begin: float, end: float, seconds: float, kind: str = "") -> DrawnPart:
    left = min(_place(begin, seconds), WIDTH - _NARROWEST)
    return DrawnPart(left, max(round(_place(end, seconds) - left, 1), _NARROWEST), kind)


def _scenarios(sent: Iterable[tuple[float, Exchange]]) -> list[TimedRow]:
    """Each scenario from its first request to its last answer, with the spans in which requests were under way."""
    parts: defaultdict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for begin, exchange in sent:
        if exchange.cause:
            parts[exchange.cause].append((begin, begin + exchange.elapsed_seconds, ""))
    return [
        TimedRow(name, min(part[0] for part in found), max(part[1] for part in found), tuple(found))
        for name, found in parts.items()
    ]


def _task(timeline: TaskTimeline, start: datetime) -> TimedRow:
    """A task from its first answer to its last, with its states."""
    begin = _since(start, timeline.since)
    live = [event for position, event in enumerate(timeline.events) if position == 0 or not event.stored]
    ends = [*(event.seconds for event in live[1:]), live[-1].seconds]
    parts = ((begin + event.seconds, begin + end, event.phase) for event, end in zip(live, ends, strict=True))
    name = f"{timeline.task}: {timeline.end.state}"
    return TimedRow(name, begin, begin + timeline.end.seconds, tuple(parts))


def _lanes(intervals: Sequence[TimedRow], seconds: float) -> Lanes:
    """Each interval in the first lane that is free when it begins, as far as there is room."""
    free: list[float] = []
    bars: list[Bar] = []
    spans = 0
    for interval in sorted(intervals, key=lambda interval: (interval.begin, interval.end)):
        lane = next((lane for lane, end in enumerate(free) if end <= interval.begin), len(free))
        if lane >= _LANES_SHOWN or len(bars) >= _BARS_SHOWN or spans >= _SPANS_SHOWN:
            continue
        parts = tuple(_joined([_span(*part[:2], seconds, part[2]) for part in interval.parts]))
        spans += len(parts)
        whole = _span(interval.begin, interval.end, seconds)
        bars.append(Bar(interval.name, interval.end - interval.begin, lane, whole, parts))
        # A bar is at least as wide as it is drawn, so that none hides another.
        free[lane : lane + 1] = [max(interval.end, (whole.left + whole.width) / WIDTH * seconds)]
    return Lanes(tuple(bars), len(intervals))


def _joined(spans: list[DrawnPart]) -> Iterator[DrawnPart]:
    """The spans without those that begin, in the drawing, before another of their kind ends."""
    last: DrawnPart | None = None
    for span in sorted(spans, key=lambda span: span.left):
        if last is not None and span.kind == last.kind and span.left <= last.left + last.width:
            end = max(last.left + last.width, span.left + span.width)
            last = DrawnPart(last.left, round(end - last.left, 1), last.kind)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def _pauses(busy: Iterable[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """The times between requests in which none was under way."""
    until = 0.0
    for begin, end in sorted(busy):
        if begin > until:
            yield until, begin
        until = max(until, end)


def _under_way(busy: Iterable[tuple[float, float]], seconds: float) -> tuple[int, ...]:
    """The most requests that were under way at the same time in each of `STEPS` equal parts of the run."""
    most = [0] * STEPS
    moves = sorted(move for begin, end in busy for move in ((begin, 1), (end, -1)))
    counts = accumulate(change for _, change in moves)
    for ((begin, _), (end, _)), count in zip(pairwise(moves), counts, strict=False):
        for part in range(_part(begin, seconds), _part(end, seconds) + 1 if count else 0):
            most[part] = max(most[part], count)
    return tuple(most)


def _part(second: float, seconds: float) -> int:
    return min(int(second / seconds * STEPS), STEPS - 1)


def _ticks(seconds: float) -> Iterator[tuple[float, str]]:
    """Marks at round times, with what they say."""
    unit = 10.0 ** (len(f"{int(seconds)}") - 1) if seconds >= 1 else 0.1
    step = next(
        (unit * factor for factor in (0.1, 0.2, 0.5, 1, 2, 5) if seconds / (unit * factor) <= _TICKS), unit * 10
    )
    for number in range(int(seconds / step) + 1):
        at = timedelta(seconds=number * step).total_seconds()
        yield _place(at, seconds) / WIDTH * 100, f"{at:g} s"
