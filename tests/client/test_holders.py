"""Leases end with their owners, however these end."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from conformance.client.holders import Holder, lives

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

import pytest

HOLDING = """
import sys
from pathlib import Path
from conformance.client.holders import Holder
holder = Holder(Path(sys.argv[1]), "gw1")
print(holder.name, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Another process that holds leases, by its name."""
    command = [sys.executable, "-c", HOLDING, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
        process.kill()


def test_a_process_lives_until_it_gives_up(tmp_path: Path) -> None:
    holder = Holder(tmp_path, "gw0")

    assert holder.lives(holder.name)
    assert lives(tmp_path, holder.name)
    holder.close()
    assert not holder.lives(holder.name)
    assert not lives(tmp_path, holder.name)


def test_who_was_never_there_does_not_live(tmp_path: Path) -> None:
    assert not lives(tmp_path, "gw7-1")


def test_asking_does_not_end_a_lease(tmp_path: Path) -> None:
    holder = Holder(tmp_path, "gw0")

    assert [lives(tmp_path, holder.name) for _ in range(3)] == [True, True, True]
    holder.close()


def test_another_process_is_seen_to_live(tmp_path: Path, other: tuple[str, subprocess.Popen[str]]) -> None:
    name, _ = other
    holder = Holder(tmp_path, "gw0")

    assert holder.lives(name)
    holder.close()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_and_to_be_dead_at_once(tmp_path: Path, other: tuple[str, subprocess.Popen[str]], end: int) -> None:
    name, process = other
    process.send_signal(end)
    process.wait()

    assert not lives(tmp_path, name)


def test_no_two_processes_have_one_name(tmp_path: Path, other: tuple[str, subprocess.Popen[str]]) -> None:
    holder = Holder(tmp_path, "gw1")

    assert holder.name != other[0]
    holder.close()
