"""Real money and rules that no normative document states: nothing is spent on them unless somebody asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from conformance.journal.reader import read_recording
from conformance.suite.scenarios import SCENARIOS
from conformance.suite.tiers import written_for
from tests.cli.deployments import KEYS, deployed
from tests.cli.runs import conformance
from tests.suite.test_tiers import marks_are_known

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.runs import Finished

__all__ = ["marks_are_known"]

SHARED: Final = "The account is shared: money rules were judged from task billing alone."
OBSERVED: Final = "no normative document states them (--provisional judges them as SHOULD)."
# Long enough for every cancellation to come in time.
QUEUED_SECONDS: Final = 20


def certified(folder: Path, *options: str, exclusive: bool) -> Finished:
    """A run with real money in which the limits of models are asked for."""
    with deployed(folder, queued=QUEUED_SECONDS, running=1) as target:
        stated = f'base_url = "{target.origin}/v1"\nsystem = "beatra"\nmoney = "real"\n'
        statement = folder / "target.toml"
        statement.write_text(f"[target]\n{stated}exclusive_account = {str(exclusive).lower()}\n", "utf-8")
        named = ("--target", str(statement), "--max-credits", "500", "-n", "0", *options, "--", "-k", "test_limits.py")
        return conformance("run", *named, folder=folder, environment=KEYS)


def provisional_causes(run: Finished) -> set[str]:
    """The scenarios for provisional rules alone that asked the target for anything."""
    assert list(written_for("beatra"))
    only = {known.fixture for known in SCENARIOS["conformance.suite.beatra"].values() if known.provisional}
    causes = {(exchange.cause or "").partition("[")[0] for exchange in read_recording(run.folder).exchanges}
    assert "foreign_options" in causes
    return causes & only


@pytest.mark.parametrize("asked", [False, True])
def test_requests_for_provisional_rules_go_out_only_where_they_are_asked_for(
    tmp_path: Path,
    asked: bool,  # noqa: FBT001 - a case
) -> None:
    run = certified(tmp_path, *(["--provisional"] if asked else []), exclusive=asked)
    head = run.output[: run.output.index("inconclusive:")]

    assert not {verdict for _, verdict in run.verdicts} & {"fail", "error"}, run.output
    assert bool(provisional_causes(run)) is asked
    assert (OBSERVED in head) is not asked
    assert (SHARED in head) is not asked
    said = [remark for remark in run.report["remarks"] if remark == SHARED or remark.endswith(OBSERVED)]
    assert len(said) == (0 if asked else 2)
