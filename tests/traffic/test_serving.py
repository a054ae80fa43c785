"""When watching ends, and how long that is in words."""

from __future__ import annotations

import time

import pytest

from conformance.traffic.errors import UnusableTimeLimitError
from conformance.traffic.proxy import Activity, Until, duration


@pytest.mark.parametrize(
    "text, seconds", [("90s", 90), ("10m", 600), ("2h", 7200), ("1.5", 1.5), ("250ms", 0.25), (" 5s ", 5)]
)
def test_durations_have_a_unit_or_are_seconds(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-5s", "0s", "1d", "1e9", "9999999999999999999999s", "1 m 30 s"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UnusableTimeLimitError, match="is no duration"):
        duration(text)


def test_it_ends_when_its_time_is_over() -> None:
    now = time.monotonic()

    assert Until(over_seconds=5).is_reached(now - 6, Activity())
    assert not Until(over_seconds=5).is_reached(now, Activity())


def test_it_never_ends_by_itself_unless_somebody_said_so() -> None:
    assert not Until().is_reached(time.monotonic() - 1e6, Activity(done=5, last=time.monotonic() - 1e6))


@pytest.mark.parametrize(
    "activity, ended",
    [
        (Activity(done=1, last=time.monotonic() - 100), True),
        (Activity(done=1, last=time.monotonic() + 1000), False),
        (Activity(done=1, under_way=1, last=time.monotonic() - 100), False),
        (Activity(last=time.monotonic() - 100), False),
    ],
    ids=["long ago", "just now", "under way", "nothing yet"],
)
def test_it_ends_when_nothing_happens_any_more_after_something_did(activity: Activity, *, ended: bool) -> None:
    assert Until(idle_seconds=50).is_reached(time.monotonic(), activity) is ended
