"""What a task shows when it has ended: an output, or an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.monitors.base import NOTHING_TO_JUDGE, Collector
from conformance.monitors.places import is_given

if TYPE_CHECKING:
    from conformance.contract.conventions import Phase
    from conformance.monitors.base import Judged
    from conformance.monitors.traffic import Traffic


def output_on_success(traffic: Traffic) -> Judged:
    """A task that succeeded shows its output whenever it is read whole."""
    tasks = traffic.contract.conventions.tasks
    return _shows_when(traffic, "succeeded", tasks.output if tasks else None, "an output")


def error_on_failure(traffic: Traffic) -> Judged:
    """A task that failed says why whenever it is read whole."""
    tasks = traffic.contract.conventions.tasks
    return _shows_when(traffic, "failed", tasks.error if tasks else None, "an error")


def output_only_on_success(traffic: Traffic) -> Judged:
    """A task that has not succeeded shows no output; an empty one is none."""
    collector = Collector()
    tasks = traffic.contract.conventions.tasks
    if tasks is None or tasks.output is None:
        return NOTHING_TO_JUDGE
    for sighting in traffic.sightings:
        shown = sighting.at(tasks.output)
        if sighting.state is None or sighting.state.phase == "succeeded":
            continue
        if not _is_blank(shown):
            what = f"no output of a task that is {sighting.state.name!r}"
            collector.fail(sighting.expected(what, tasks.output), sighting.id)
        elif sighting.full:
            collector.hold(sighting.id)
    return collector.judged()


def _shows_when(traffic: Traffic, phase: Phase, pointer: str | None, what: str) -> Judged:
    collector = Collector()
    if pointer is None:
        return NOTHING_TO_JUDGE
    for sighting in traffic.sightings:
        if sighting.state is None or sighting.state.phase != phase or not sighting.full or sighting.stored:
            continue
        if is_given(sighting.at(pointer)):
            collector.hold(sighting.id)
        else:
            sentence = sighting.expected(f"{what} of a task that is {sighting.state.name!r}", pointer)
            collector.fail(sentence, sighting.id)
    return collector.judged()


def _is_blank(value: object) -> bool:
    """Whether a value says nothing: absent, null, empty, or an object of such members."""
    members = list(value.values()) if isinstance(value, dict) else [value]
    return all(not is_given(member) or member in ("", [], {}) for member in members)
