"""A deployment without a control interface, whose tasks may end before they are cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.runs import KEY, judged
from tests.liberties import early_ends

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("way, verdict", [("--play-money", "pass"), ("--max-credits=310", "inconclusive")])
def test_where_it_is_free_another_task_is_cancelled_in_place_of_one_that_had_ended(
    way: str, verdict: str, tmp_path: Path
) -> None:
    target = ("--app", "tests.liberties.early_ends:beatra", "--factory", "--system", "beatra")
    keys = {KEY: early_ends.KEY}
    run = judged(*target, way, "--only", "BEATRA-CANCEL-01", folder=tmp_path, environment=keys)

    assert ("BEATRA-CANCEL-01", verdict) in run.verdicts, run.output
