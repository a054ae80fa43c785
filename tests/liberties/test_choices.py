"""Where the documents leave a choice, no choice is a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.liberties.applications import having, verdicts_on

if TYPE_CHECKING:
    from pathlib import Path

SILENT = ("fail", "error")


@pytest.mark.parametrize(
    "liberty, selected, judged",
    [
        ("typed_ids", "unknown or test_tasks or test_cancellation", ("BEATRA-TASK-11", "BEATRA-CANCEL-05")),
        ("one_model", "test_models or test_songs", ("BEATRA-MUSIC-03", "BEATRA-MUSIC-04")),
        ("late_media", "test_songs or test_uploads", ("BEATRA-MUSIC-07",)),
        ("other_uploads", "test_uploads or reference", ("BEATRA-UPLOAD-01", "BEATRA-MUSIC-15")),
        ("best_effort", "test_cancellation", ("BEATRA-CANCEL-04",)),
        ("lagging_lists", "test_tasks", ("BEATRA-LIST-02",)),
    ],
)
def test_a_choice_is_no_fault(liberty: str, selected: str, judged: tuple[str, ...], tmp_path: Path) -> None:
    verdicts = verdicts_on(f"tests.liberties.choices:{liberty}", tmp_path, selected=selected)

    assert having(verdicts, *SILENT) == set()
    assert {name: verdicts[name] for name in judged} == dict.fromkeys(judged, "pass")


def test_the_page_of_a_load_balancer_now_and_then_fails_nothing(tmp_path: Path) -> None:
    verdicts = verdicts_on("tests.liberties.outages:bad_gateway_now_and_then", tmp_path)

    assert having(verdicts, *SILENT) == set()
    for name in ("ERROR-01", "ERROR-02", "ERROR-06", "REQUEST-ID-01"):
        assert verdicts[f"BEATRA-{name}"] == "pass", name
