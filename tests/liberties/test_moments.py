"""What happens between two requests of the suite is no fault of a target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.liberties.applications import having, verdicts_on

if TYPE_CHECKING:
    from pathlib import Path


def test_a_refund_may_be_booked_between_reading_a_task_and_listing_it(tmp_path: Path) -> None:
    verdicts = verdicts_on("tests.liberties.served:refunds_between_reads", tmp_path, selected="test_lists")

    assert having(verdicts, "fail", "error") == set()
    assert (verdicts["BEATRA-LIST-16"], verdicts["BEATRA-LIST-17"]) == ("pass", "pass")


def test_a_task_may_end_just_before_it_is_cancelled(tmp_path: Path) -> None:
    application = "tests.liberties.served:confirms_no_cancellation_without_a_reason"
    verdicts = verdicts_on(application, tmp_path, selected="test_cancellation")

    assert having(verdicts, "fail", "error") == set()
    assert verdicts["BEATRA-CANCEL-07"] == "inconclusive"
