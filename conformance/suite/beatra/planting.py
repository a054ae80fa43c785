"""Keys whose age is real time: planted in one run, used again in a later one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from conformance.accounts.planted_keys import age_of, date_of, planted
from conformance.client.errors import NotOfferedError
from conformance.suite.beatra.bodies import CHEAP_SONG
from conformance.suite.beatra.gateway import is_accepted

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.accounts.planted_keys import Age, PlantedKeyFile
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.gateway import Gateway

# So near the end of a window nothing is judged: two clocks and a night's schedule are not more exact.
MARGIN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Use:
    """A key that was used again: the task that it had made, and the answer to the same request now."""

    task_id: str
    again: Exchange


@dataclass(frozen=True, slots=True)
class Window:
    """Keys that were used again before and after the end of their window; None where there was no key of that age."""

    inside: Use | None
    outside: Use | None

    def judged(self, side: Use | None) -> Use:
        """The use at one side (raises `NotOfferedError` when there was none)."""
        if side is None:
            raise NotOfferedError(
                "no planted key has the age for this yet: run again with the same --probes file when the last plant is "
                "12 to 23 hours old (for the window) or more than 48 (for its end), or offer control:clock"
            )
        return side


def plant_key(beatra: Gateway, probes: PlantedKeyFile) -> None:
    """Make one task with a fresh key, remember it for later runs, and cancel the task at once."""
    key = beatra.fresh_key()
    body: dict[str, Any] = dict(CHEAP_SONG)
    created = beatra.create_music(body, key)
    if is_accepted(created):
        task_id = created.string("/task_id")
        probes.add(
            planted(created, task_id, base_url=beatra.account.client.base_url, key=key, body=created.request.body.json)
        )
        beatra.cancel(task_id)


def use_planted_keys(beatra: Gateway, probes: PlantedKeyFile, window: timedelta) -> Window:
    """
    Use one key again whose window is not over, and one whose window is over for as long again.

    The former is at least half a window old: that a younger one is remembered says nothing about the window. The latter
    had time to be deleted. Both are forgotten, because a retry may begin a new window.
    """
    inside = _used(beatra, probes, lambda age: age.least > window / 2 and age.most < window - MARGIN)
    outside = _used(beatra, probes, lambda age: age.least > 2 * window)
    if outside is not None and is_accepted(outside.again):
        beatra.cancel(outside.again.string("/task_id"))
    return Window(inside, outside)


def _used(beatra: Gateway, probes: PlantedKeyFile, has_age: Callable[[Age], bool]) -> Use | None:
    for probe in probes.read():
        if probe.base_url != beatra.account.client.base_url:
            continue
        # Its task shows that the key belongs to this account, and the answer what time it is there.
        seen = beatra.get_task(probe.task_id)
        if seen.get("/task_id") != probe.task_id or not has_age(age_of(probe, seen.at, date_of(seen))):
            continue
        again = beatra.create_music(probe.body, probe.key)
        probes.remove(probe)
        return Use(probe.task_id, again)
    return None
