"""A limit of requests holds for all processes, and a scenario begins only where there is room for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.client.allowance import NoLimit, SharedAllowance
from conformance.client.errors import RequestLimitError

if TYPE_CHECKING:
    from pathlib import Path


def test_no_more_requests_are_sent_than_the_limit_says(tmp_path: Path) -> None:
    allowance = SharedAllowance(tmp_path / "requests", 3)
    with allowance.admitted(2):
        for _ in range(3):
            allowance.take()
        with pytest.raises(RequestLimitError, match="--requests 3 has no room for it"):
            allowance.take()


def test_a_scenario_without_room_for_what_it_declares_does_not_begin(tmp_path: Path) -> None:
    allowance = SharedAllowance(tmp_path / "requests", 5)
    with allowance.admitted(2):
        allowance.take()

    with pytest.raises(RequestLimitError), allowance.admitted(5):
        pass
    with allowance.admitted(4):
        allowance.take()


def test_room_that_one_process_has_set_aside_is_no_room_for_another(tmp_path: Path) -> None:
    one, other = (SharedAllowance(tmp_path / "requests", 5) for _ in range(2))
    with one.admitted(4):
        with pytest.raises(RequestLimitError), other.admitted(2):
            pass
        with other.admitted(1):
            other.take()

    with other.admitted(4):
        pass


def test_what_no_limit_is_stated_for_counts_nothing(tmp_path: Path) -> None:
    allowance = SharedAllowance(tmp_path / "requests", 1)
    allowance.take()
    allowance.take()

    with allowance.admitted(1):
        allowance.take()
    with NoLimit().admitted(1000):
        NoLimit().take()
