"""The worst that a target can do to a run that has a cap; `benchmarks/exposure.py` does the same many more times."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal

from tests.cli.runs import CHECKOUT

RUNS = 6
PATIENCE_SECONDS = 300


def test_no_more_than_the_cap_and_the_excess_of_one_request_is_ever_at_stake() -> None:
    """Also with processes that are killed; with an honest target all that was planned is carried out all the same."""
    command = [sys.executable, str(CHECKOUT / "benchmarks" / "exposure.py"), "--runs", str(RUNS), "--seed", "7"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)

    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["complaints"] == []
    assert (found["runs"], found["with_a_kill"]) == (RUNS, 4)
    assert Decimal(0) < Decimal(found["most_with_greedy_server"]) <= Decimal(found["bound"])
    assert found["tasks_with_honest_server"] > 100
