"""A certification needs nothing that only POSIX systems have."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from tests.cli.runs import CHECKOUT, conformance_afresh, ended, started_afresh

if TYPE_CHECKING:
    from pathlib import Path

# Every Python process imports this before anything else: what Windows does not have is not there.
WITHOUT_POSIX = """
import os, signal, subprocess, sys

sys.modules["fcntl"] = None
del os.fork, os.killpg, os.setsid
del signal.SIGKILL
plain = subprocess.Popen.__init__

def start(self, *arguments, **named):
    if named.pop("pass_fds", ()):
        raise ValueError("pass_fds not supported")
    plain(self, *arguments, **named)

subprocess.Popen.__init__ = start
subprocess.Popen.kill = subprocess.Popen.terminate
"""
# Accounts, money, files, races and drawn requests; what is left out does more of the same.
BRIEFLY = ("--examples", "1", "--histories", "0", "--no-heavy")
SELECTED = ("--", "-k", "test_idempotency or test_uploads or test_refunds or test_generated or test_tasks")


def test_the_embedded_implementation_is_certified_by_two_processes(tmp_path: Path) -> None:
    (tmp_path / "early").mkdir()
    (tmp_path / "early" / "sitecustomize.py").write_text(WITHOUT_POSIX, "utf-8")
    path = f"{tmp_path / 'early'}{os.pathsep}{CHECKOUT}"

    without = {"PYTHONPATH": path}
    refused = ended(started_afresh(["fcntl"], tmp_path, without), tmp_path, 0)

    # Not a fork: its imports are those of a process that has everything.
    run = conformance_afresh(
        "run", "-n", "2", "--rate", "1000/s", *BRIEFLY, *SELECTED, folder=tmp_path, environment=without
    )

    assert "fcntl" in refused.output
    assert refused.status == 1

    assert run.status == 0, run.output
    assert not {verdict for _, verdict in run.verdicts} & {"fail", "error"}
    assert sum(verdict == "pass" for _, verdict in run.verdicts) > 40


@pytest.mark.parametrize("system, told", [("Linux", ""), ("Windows", "never tried on Windows, only on Linux.")])
def test_where_it_was_never_tried_it_says_so(system: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: system)

    result = CliRunner().invoke(main, ["faults"])

    assert result.exit_code == 0
    assert told in result.stderr
    assert bool(result.stderr) == bool(told)
