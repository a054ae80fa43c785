"""Every process of a run gets its part of what the target can bear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.client.rate_limit import SharedTurns
from conformance.plugin.session import pacing_of
from conformance.plugin.settings import RunSettings

if TYPE_CHECKING:
    from pathlib import Path

HERE, ELSEWHERE = "http://127.0.0.1:8000/v1", "https://api.example.com/v1"


def settings(folder: Path, **more: Any) -> RunSettings:  # noqa: ANN401 - any setting
    given = {"base_url": HERE, "play": True, **more}
    return RunSettings(
        run_id="run-1",
        folder=str(folder),
        system="example",
        seed=1,
        examples=1,
        started_at="2026-01-01T00:00:00+00:00",
        **given,
    )


def test_without_limits_nothing_is_shared(tmp_path: Path) -> None:
    pacing = pacing_of(settings(tmp_path), "main")

    assert pacing.pacer.rate_per_second is None
    assert pacing.pacer.places is None
    assert list(tmp_path.iterdir()) == []


def test_all_processes_book_in_one_place(tmp_path: Path) -> None:
    limited = settings(tmp_path, rate_per_second=5.0, processes=2)
    one, other = (pacing_of(limited, worker).pacer.turns for worker in ("gw0", "gw1"))

    assert isinstance(one, SharedTurns)
    assert [one.book(100.0, 0.2), other.book(100.0, 0.2), one.book(100.0, 0.2)] == [100.0, 100.2, 100.4]


@pytest.mark.parametrize(
    "concurrency, processes, own",
    [(4, 1, [4]), (10, 4, [3, 3, 2, 2]), (1, 3, [1, 1, 1])],
)
def test_places_are_dealt_out(tmp_path: Path, concurrency: int, processes: int, own: list[int]) -> None:
    limited = settings(tmp_path, concurrency=concurrency, processes=processes)

    assert [pacing_of(limited, f"gw{number}").limits.concurrency for number in range(processes)] == own


@pytest.mark.parametrize(
    "more, crowds",
    [
        ({}, True),
        ({"heavy": False}, True),
        ({"play": False}, False),
        ({"base_url": ELSEWHERE}, False),
        ({"base_url": ELSEWHERE, "heavy": True}, True),
        ({"base_url": ELSEWHERE, "heavy": True, "play": False}, False),
    ],
)
def test_crowds_are_for_play_money_on_this_machine_or_by_name(
    tmp_path: Path,
    more: dict[str, Any],
    crowds: bool,  # noqa: FBT001 - a case
) -> None:
    assert (pacing_of(settings(tmp_path, **more), "main").limits.batch_size > 2) is crowds
