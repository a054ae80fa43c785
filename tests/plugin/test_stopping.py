"""What a run serves is not kept waiting for: it goes down while the run is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.runs import conformance
from tests.plugin import awaiting_the_end

if TYPE_CHECKING:
    from pathlib import Path


def test_a_served_target_goes_down_while_its_run_is_judged(tmp_path: Path) -> None:
    run = conformance("run", "--", "-k", "wallet", "-p", awaiting_the_end.__name__, folder=tmp_path)

    assert awaiting_the_end.ENDED in run.output, run.output
