from __future__ import annotations

import pytest

from conformance.report.progress import ProgressState, progress_line


def test_before_the_tests_are_known_the_phase_is_told() -> None:
    assert progress_line(ProgressState("asking the target", 2.9), 80) == "asking the target · 2 s"


def test_tests_time_money_and_what_is_waited_for_are_told() -> None:
    now = ProgressState(
        "running", 75.2, done=37, total=251, waiting=("retry", "races", "refund"), spent="spent 80 of 310"
    )

    assert progress_line(now, 120) == (
        "running · 37 of 251 tests · 1:15 min · spent 80 of 310 · waiting for 3: retry, races, …"
    )


@pytest.mark.parametrize("width", [0, 1, 10, 79])
def test_it_never_needs_more_than_a_line(width: int) -> None:
    now = ProgressState("running", 75.2, done=37, total=251, waiting=("a" * 500,))

    assert len(progress_line(now, width)) <= max(width, 1)


def test_no_name_reaches_the_terminal_as_a_command_to_it() -> None:
    now = ProgressState("running", 1, done=1, total=2, waiting=("test_case[\x1b[31m]",))

    assert progress_line(now, 120).isprintable()
