"""A forked command is what Python would be if it were started for it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.cli.forking import StillRunningError, forked

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 60
SHOWING = """
import json, os, sys, tempfile

print(json.dumps([os.getcwd(), sys.argv[1:], dict(os.environ), tempfile.gettempdir(), os.getsid(0) == os.getpid()]))
sys.exit(7)
"""


def test_it_has_its_own_folder_arguments_environment_session_and_exit_status(tmp_path: Path) -> None:
    (tmp_path / "showing.py").write_text(SHOWING, "utf-8")
    here = dict(os.environ)

    status, output = forked("showing", ("one", "two"), tmp_path, {"TMPDIR": str(tmp_path)}, SECONDS)

    assert status == 7
    assert json.loads(output) == [str(tmp_path), ["one", "two"], {"TMPDIR": str(tmp_path)}, str(tmp_path), True]
    assert dict(os.environ) == here


def test_what_it_leaves_undone_is_told_with_its_traceback(tmp_path: Path) -> None:
    (tmp_path / "breaking.py").write_text("1 / 0", "utf-8")

    status, output = forked("breaking", (), tmp_path, {}, SECONDS)

    assert status == 1
    assert "Traceback" in output
    assert "ZeroDivisionError" in output


def test_one_command_knows_nothing_of_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "counting.py").write_text("import json\njson.seen = getattr(json, 'seen', 0) + 1\nprint(json.seen)")

    assert [forked("counting", (), tmp_path, {}, SECONDS) for _ in range(2)] == [(0, "1\n")] * 2


def test_what_takes_too_long_is_ended_and_tells_what_it_printed(tmp_path: Path) -> None:
    (tmp_path / "waiting.py").write_text("import signal\nprint('begun', flush=True)\nsignal.pause()", "utf-8")

    forked("this", (), tmp_path, {}, SECONDS)  # from here on the fork server is ready

    with pytest.raises(StillRunningError, match="begun"):
        forked("waiting", (), tmp_path, {}, 3)
